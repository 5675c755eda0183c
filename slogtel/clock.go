package slogtel

import (
	"sync/atomic"
	"time"
)

// processStart is where monotonic times count from.
var processStart = time.Now()

// An instant is one point in time on both clocks.
type instant struct {
	wall int64 // Unix nanoseconds
	mono int64 // nanoseconds since processStart
}

func (i instant) add(d time.Duration) instant {
	return instant{i.wall + int64(d), i.mono + int64(d)}
}

func (i instant) time() time.Time { return time.Unix(0, i.wall) }

// clockHolds is how long what was read of the wall clock holds. To read both clocks takes
// twice as long as to read one, which is a tenth of a scope. A step of the wall clock, as when a
// suspended machine goes on, is thus seen up to a millisecond late.
const clockHolds = time.Millisecond

// lastRead is the last instant at which both clocks were read.
var lastRead atomic.Pointer[instant]

// now returns the present: the monotonic clock as it is now, and the wall clock as it was
// read up to a millisecond ago, plus what has passed since.
func now() instant {
	mono := int64(time.Since(processStart))
	if last := lastRead.Load(); last != nil {
		if passed := mono - last.mono; uint64(passed) < uint64(clockHolds) {
			return instant{last.wall + passed, mono}
		}
	}
	return readClocks(mono)
}

// readClocks reads both. Where the goroutine was stopped meanwhile, perhaps between the two,
// what it read is not for others.
func readClocks(before int64) instant {
	t := time.Now()
	i := instant{t.UnixNano(), int64(t.Sub(processStart))}
	if i.mono-before < int64(10*time.Microsecond) {
		lastRead.Store(&i)
	}
	return i
}

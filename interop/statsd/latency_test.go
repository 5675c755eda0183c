package statsd

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// latencies are how long calls took. The slowest of millions says more of what else
// the machine does; how long all but one in a thousand took says what they cost.
type latencies struct {
	slowest atomic.Int64     // in nanoseconds
	below   [64]atomic.Int64 // calls of less than 1<<i ns, and not less than half of that
}

func (l *latencies) add(d time.Duration) {
	l.below[bits.Len64(uint64(max(0, d)))].Add(1)
	for {
		old := l.slowest.Load()
		if int64(d) <= old || l.slowest.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// within returns a time that this share of the calls did not exceed: twice the least
// at most.
func (l *latencies) within(share float64) time.Duration {
	var all, sum int64
	for i := range l.below {
		all += l.below[i].Load()
	}
	for i := range l.below {
		if sum += l.below[i].Load(); float64(sum) >= share*float64(all) {
			return 1 << i
		}
	}
	return 0
}

// take returns the latencies so far as text, and begins anew.
func (l *latencies) take() string {
	text := l.String()
	for i := range l.below {
		l.below[i].Store(0)
	}
	l.slowest.Store(0)
	return text
}

func (l *latencies) String() string {
	return fmt.Sprintf("under %v (half of them), under %v (all but 0.1 %%), %v (the slowest)", l.within(0.5), l.within(0.999), time.Duration(l.slowest.Load()))
}

func TestLatencies(t *testing.T) {
	var l latencies
	for range 999 {
		l.add(100)
	}
	l.add(time.Second)
	assert.Equal(t, time.Duration(128), l.within(0.5))
	assert.Equal(t, time.Duration(128), l.within(0.999))
	assert.Equal(t, time.Duration(1<<30), l.within(1))
	assert.Contains(t, l.take(), "1s (the slowest)")
	assert.Zero(t, l.slowest.Load())
}

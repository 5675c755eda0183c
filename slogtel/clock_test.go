package slogtel

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClocks(t *testing.T) {
	defer lastRead.Store(lastRead.Load())
	ago := func(d time.Duration) int64 { return int64(time.Since(processStart) - d) }

	// What was read long ago, or by a clock that is ahead, is not used.
	for _, mono := range []int64{ago(clockHolds), ago(time.Hour), ago(-time.Minute)} {
		lastRead.Store(&instant{wall: 1, mono: mono})
		before := time.Now()
		at := now().time()
		assert.False(t, at.Before(before.Round(0)), "%v is before %v", at, before)
	}

	// What was read just now is. The goroutine may be stopped for longer than that holds.
	assert.Eventually(t, func() bool {
		last := &instant{wall: 1, mono: ago(0)}
		lastRead.Store(last)
		at := now()
		return at.wall-last.wall == at.mono-last.mono
	}, time.Minute, time.Microsecond)
}

// In a bubble of testing/synctest both clocks are its own, in and out again.
func TestClocksOfBubbles(t *testing.T) {
	for range 3 {
		now()
		synctest.Test(t, func(t *testing.T) {
			for range 3 {
				assert.Equal(t, time.Now().UnixNano(), now().wall)
				time.Sleep(time.Hour + time.Microsecond)
			}
		})
		before := time.Now().Round(0)
		assert.False(t, now().time().Before(before.Add(-clockHolds)))
	}
}

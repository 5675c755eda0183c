package stripe

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
)

func TestOf(t *testing.T) {
	for n := 1; n <= 64; n *= 2 {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 1000 {
					if i, j := Of(n), Near(n); i < 0 || i >= n || j < 0 || j >= n {
						t.Errorf("%d and %d of %d", i, j, n)
					}
				}
			})
		}
		wg.Wait()
	}
	assert.GreaterOrEqual(t, Count, 2)
	assert.LessOrEqual(t, Count, 32)
	assert.Zero(t, Count&(Count-1))
}

func TestOfAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { Of(8); Near(8) }))
}

package page

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever comes in whatever order, buckets are at most max, cover all times, and hold
// what was put in.
func TestGrid(t *testing.T) {
	type sum struct{ n, total int64 }
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		g := &grid{max: 8, width: 1}
		s := newSeries(g, func(into, from *sum) { into.n += from.n; into.total += from.total })
		var n, total, first, last int64
		spread := int64(1) << r.IntN(60)
		for i := range 300 {
			at := r.Int64N(2*spread) - spread
			b := g.bucket(at)
			require.LessOrEqual(t, g.high-g.low+1, g.max)
			require.True(t, b*g.width <= at && at-b*g.width < g.width)
			v := s.at(b)
			v.n++
			v.total += at % 1000
			n, total = n+1, total+at%1000
			if i == 0 {
				first, last = at, at
			}
			first, last = min(first, at), max(last, at)
		}
		require.Equal(t, floorDiv(first, g.width), g.low)
		require.Equal(t, floorDiv(last, g.width), g.high)
		var all sum
		for b, v := range s {
			require.True(t, b >= g.low && b <= g.high)
			all.n += v.n
			all.total += v.total
		}
		require.Equal(t, sum{n, total}, all, "seed %d", seed)
	}
}

func TestFurthestTimes(t *testing.T) {
	g := &grid{max: 120, width: firstWidth}
	for _, year := range []int{2026, 1700, 2250, 1970} {
		at, ok := unixNano(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
		require.True(t, ok)
		g.bucket(at)
		assert.LessOrEqual(t, g.high-g.low+1, g.max)
	}
	_, ok := unixNano(time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC))
	assert.False(t, ok)
}

func TestBins(t *testing.T) {
	for _, v := range []float64{0, -1, 1e-300, math.Inf(1), 1e300} {
		b := binOf(v)
		assert.True(t, b >= 0 && b < bins, "%v: %d", v, b)
	}
	for ns := 1.0; ns < 1e13; ns *= 1.07 {
		b := float64(binOf(ns / 1e9))
		assert.True(t, binStart(b) <= ns/1e9*(1+1e-9) && ns/1e9 < binStart(b+1)*(1+1e-9), "%v", ns)
	}
}

// Quantiles of a bucket are within the width of a bin, 19 %.
func TestQuantileOfARow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var row latencyRow
	for range 10_000 {
		row.add(r.Float64(), 1)
	}
	for _, q := range []float64{0.1, 0.5, 0.95, 0.99} {
		assert.InEpsilon(t, q, row.quantile(q), 0.19)
	}
	assert.LessOrEqual(t, row.quantile(1), row.max)
	assert.Zero(t, new(latencyRow).quantile(0.5))
}

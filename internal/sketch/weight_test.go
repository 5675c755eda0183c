package sketch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
)

func TestWeight(t *testing.T) {
	computed := 0.9
	for rate, want := range map[float64]int64{
		0: 1, 1: 1, -0.5: 1, 2: 1, math.NaN(): 1, math.Inf(1): 1,
		0.5: 2, 0.25: 4, 0.1: 10, 0.01: 100, 1 - computed: 10, 1e-6: 1_000_000, 1e-300: 1_000_000, 5e-324: 1_000_000,
	} {
		var w sketch.Weight
		for range 3 {
			assert.Equal(t, want, w.Of(rate), "rate %v", rate)
		}
	}
}

func TestWeightsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []float64{0.3, 0.7, 0.99, 2.0 / 3, 0.0123} {
		var w sketch.Weight
		sum, want := int64(0), 0.0
		for range 10_000 {
			n := w.Of(rate)
			require.GreaterOrEqual(t, n, int64(1))
			sum += n
			want += 1 / rate
			require.InDelta(t, want, sum, 0.51)
		}
	}
	var w sketch.Weight
	sum, want := int64(0), 0.0
	for range 10_000 { // rates that change
		rate := 1 - r.Float64()
		sum += w.Of(rate)
		want += min(1/rate, 1e6)
		require.InDelta(t, want, sum, 0.51+1e-9*want)
	}
}

func TestAddCount(t *testing.T) {
	for name, next := range distributions {
		r := rand.New(rand.NewPCG(3, 4))
		var many, one sketch.Sketch
		for range 300 {
			v, n := next(r), 1+r.Int64N(50)
			require.True(t, many.AddCount(v, n))
			for range n {
				one.Add(v)
			}
		}
		assert.Equal(t, one.Count(), many.Count(), name)
		for _, q := range quantiles {
			assert.Equal(t, one.Quantile(float64(q)/1e4), many.Quantile(float64(q)/1e4), name)
		}
		if math.Abs(one.Sum()) < 1e300 { // larger ones may have left the range in between
			assert.InEpsilon(t, one.Sum(), many.Sum(), 1e-12, name)
		}
	}
	var s sketch.Sketch
	assert.False(t, s.AddCount(1, 0))
	assert.False(t, s.AddCount(1, -5))
	assert.False(t, s.AddCount(math.NaN(), 5))
	assert.Equal(t, sketch.Sketch{}, s)
	s.AddCount(-math.MaxFloat64, 10)
	assert.Equal(t, -math.MaxFloat64, s.Sum())
}

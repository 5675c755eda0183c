package sketch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
)

func TestAddWeighted(t *testing.T) {
	for name, next := range distributions {
		r := rand.New(rand.NewPCG(3, 4))
		var many, one sketch.Sketch
		for range 300 {
			v, n := next(r), 1+r.IntN(50)
			require.True(t, many.AddWeighted(v, float64(n)))
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
	for _, weight := range []float64{0, -5, math.NaN(), math.Inf(1)} {
		assert.False(t, s.AddWeighted(1, weight))
	}
	assert.False(t, s.AddWeighted(math.NaN(), 5))
	assert.Equal(t, sketch.Sketch{}, s)
	s.AddWeighted(-math.MaxFloat64, 10)
	assert.Equal(t, -math.MaxFloat64, s.Sum())
}

// All values having one weight, quantiles are those without it, whatever the weight; and
// the order in which values come does not matter.
func TestWeightsAreFractions(t *testing.T) {
	for name, next := range distributions {
		for _, weight := range []float64{1 / 0.37, 1 / 0.6666, 1e6, 0.001} {
			r := rand.New(rand.NewPCG(8, 9))
			var plain, weighted, backwards sketch.Sketch
			var values []float64
			for range 777 {
				values = append(values, next(r))
			}
			for i, v := range values {
				plain.Add(v)
				weighted.AddWeighted(v, weight)
				backwards.AddWeighted(values[len(values)-1-i], weight)
			}
			require.InEpsilon(t, 777*weight, weighted.Count(), 1e-12, name)
			require.Equal(t, weighted.Count(), backwards.Count(), name)
			for _, q := range quantiles {
				q := float64(q) / 10_000
				require.Equal(t, plain.Quantile(q), weighted.Quantile(q), "%s: quantile %v", name, q)
				require.Equal(t, plain.Quantile(q), backwards.Quantile(q), "%s: quantile %v", name, q)
			}
		}
	}
}

func TestBins(t *testing.T) {
	var s sketch.Sketch
	for range s.Bins() {
		t.Fatal("an empty one has none")
	}
	for _, v := range []float64{-5, -1, 0, 2, 2, 1e9} {
		s.AddWeighted(v, 1.5)
	}
	var values, weights []float64
	for v, weight := range s.Bins() {
		values, weights = append(values, v), append(weights, weight)
	}
	require.InEpsilonSlice(t, []float64{-5, -1, 2, 1e9}, append(append([]float64{}, values[:2]...), values[3:]...), 0.011)
	assert.Zero(t, values[2])
	assert.Equal(t, []float64{1.5, 1.5, 1.5, 3, 1.5}, weights)
	n := 0
	for range s.Bins() {
		if n++; n == 4 {
			break
		}
	}
	assert.Equal(t, 4, n)
}

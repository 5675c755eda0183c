package runtimetel

import (
	"math"
	"runtime/metrics"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuantile(t *testing.T) {
	limits := []float64{math.Inf(-1), 0, 1, 2, 4, math.Inf(1)}
	for name, tc := range map[string]struct {
		counts []uint64
		q      float64
		want   float64
	}{
		"one":               {[]uint64{0, 0, 1, 0, 0}, 0.5, 2},
		"median of two":     {[]uint64{0, 1, 0, 1, 0}, 0.5, 1},
		"99th of a hundred": {[]uint64{0, 98, 1, 1, 0}, 0.99, 2},
		"greatest":          {[]uint64{0, 98, 1, 1, 0}, 1, 4},
		"least":             {[]uint64{0, 0, 0, 3, 0}, 0, 4},
		"beyond the last":   {[]uint64{0, 0, 0, 0, 2}, 0.5, 4},
		"below zero":        {[]uint64{5, 0, 0, 0, 0}, 0.5, 0},
	} {
		got, ok := quantile(tc.counts, limits, tc.q)
		assert.True(t, ok, name)
		assert.Equal(t, tc.want, got, name)
	}
	_, ok := quantile(make([]uint64, 5), limits, 0.5)
	assert.False(t, ok, "no values")
}

func TestSourcesExist(t *testing.T) {
	kinds := map[string]metrics.Description{}
	for _, d := range metrics.All() {
		kinds[d.Name] = d
	}
	for _, s := range sources {
		d, ok := kinds[s.metric]
		require.True(t, ok, s.metric)
		if d.Kind == metrics.KindUint64 {
			assert.Equal(t, d.Cumulative, s.cumulative, s.metric)
		} else {
			assert.Equal(t, metrics.KindFloat64Histogram, d.Kind, s.metric)
			assert.True(t, d.Cumulative, s.metric)
		}
	}
}

// The documentation says how far off a quantile can be.
func TestBucketsAreAsDocumented(t *testing.T) {
	r := newReader()
	metrics.Read(r.samples)
	for i, s := range sources {
		if r.samples[i].Value.Kind() != metrics.KindFloat64Histogram {
			continue
		}
		limits := r.samples[i].Value.Float64Histogram().Buckets
		for b := 1; b < len(limits)-1; b++ {
			if from, to := limits[b], limits[b+1]; from >= 1e-6 && !math.IsInf(to, 1) {
				assert.LessOrEqual(t, to/from, 1.2501, "%s: %v to %v", s.metric, from, to)
			}
		}
	}
}

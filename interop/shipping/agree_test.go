package shipping

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers are the figures that a store gave to the documented queries, by scope. A nil
// map was not asked for.
type answers struct {
	p95, errorRate, total, sum, rate map[string]float64
	calls, errors, events            map[string]float64

	interpolated bool // p95 lies between two values, as in Prometheus; else it is one of them
	window       float64
}

// agree asserts that the store has measured what the memory reporter did: counts exactly,
// sums but for the rounding of floats, and the 95th percentile within 1 %, which is the
// memory's error. It returns the greatest relative difference of that.
//
// Stores and the memory differ in which value they call the percentile when there are few:
// what lies between these values is added to the 1 %. The answer itself must be, but for
// rounding, what comes out of the sorted durations by the store's definition.
func (a *answers) agree(t *testing.T, r *run) {
	t.Helper()
	require.NotEmpty(t, a.p95)
	require.Len(t, a.p95, len(r.memory.Scopes))
	worst, worstOfMany, strict := 0.0, 0.0, 0
	for _, s := range r.memory.Scopes {
		got, want := a.p95[s.Scope], s.P95Seconds
		least, greatest := percentile(r.durations[s.Scope], 0.95, a.interpolated)
		assert.InEpsilon(t, exactly(r.durations[s.Scope], 0.95, a.interpolated), got, 1e-9, "p95 of %s", s.Scope)
		assert.InDelta(t, want, got, r.memory.QuantileError*want*(1+1e-9)+greatest-least, "p95 of %s", s.Scope)
		if least == greatest {
			strict++
			worst = max(worst, math.Abs(got-want)/want)
		}
		if s.Calls >= 50 {
			worstOfMany = max(worstOfMany, math.Abs(got-want)/want)
		}
		if a.calls != nil {
			assert.EqualValues(t, s.Calls, a.calls[s.Scope], "calls of %s", s.Scope)
			assert.EqualValues(t, s.Errors, a.errors[s.Scope], "errors of %s", s.Scope)
		}
		assert.InDelta(t, float64(s.Errors)/float64(s.Calls), a.errorRate[s.Scope], 1e-9, "error rate of %s", s.Scope)
	}
	assert.Positive(t, strict)

	require.Len(t, a.total, min(10, len(r.memory.Scopes)), "the ten slowest scopes")
	for scope, got := range a.total {
		sum := 0.0
		slower := 0
		for _, s := range r.memory.Scopes {
			if s.Scope == scope {
				sum = s.TotalSeconds
			}
		}
		for _, s := range r.memory.Scopes {
			if s.TotalSeconds > sum {
				slower++
			}
		}
		assert.InEpsilon(t, sum, got, 1e-9, "total of %s", scope)
		assert.Less(t, slower, 10, "%s is not among the ten slowest", scope)
	}

	require.NotEmpty(t, a.sum)
	for _, c := range r.memory.Counters {
		assert.EqualValues(t, c.Sum, a.sum[c.Scope], "sum of %s", c.Scope)
		assert.InDelta(t, float64(c.Sum)/a.window, a.rate[c.Scope], 1e-9*float64(c.Sum)+1e-12, "rate of %s", c.Scope)
		if a.events != nil {
			assert.EqualValues(t, c.Count, a.events[c.Scope], "events of %s", c.Scope)
		}
	}
	t.Logf("%d scopes, %d counters: p95 of %d scopes compared strictly, greatest difference %.2f %%; of all with 50 calls and more %.2f %%",
		len(r.memory.Scopes), len(r.memory.Counters), strict, 100*worst, 100*worstOfMany)
}

// exactly is the q-quantile of sorted values as the store defines it.
func exactly(sorted []float64, q float64, interpolated bool) float64 {
	if !interpolated {
		return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
	}
	rank := q * float64(len(sorted)-1)
	below, part := int(rank), rank-math.Floor(rank)
	return sorted[below]*(1-part) + sorted[min(below+1, len(sorted)-1)]*part
}

// percentile returns between which of the sorted values a store's q-quantile and that of
// the memory reporter, which is of the nearest rank, must lie.
func percentile(sorted []float64, q float64, interpolated bool) (least, greatest float64) {
	n := float64(len(sorted))
	nearest := int(math.Ceil(q*n)) - 1
	if !interpolated {
		return sorted[nearest], sorted[min(int(q*n), len(sorted)-1)]
	}
	return sorted[int(q*(n-1))], sorted[max(nearest, int(math.Ceil(q*(n-1))))]
}

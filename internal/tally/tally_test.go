package tally_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/tally"
)

func TestWeight(t *testing.T) {
	computed := 0.9
	for rate, want := range map[float64]float64{
		0: 1, 1: 1, 0.5: 2, 0.25: 4, 0.1: 10, 0.01: 100, 1 - computed: 10, 1e-6: 1e6, computed * 1e-6 / computed * (1 - 1e-12): 1e6,
		0.37: 1 / 0.37, 0.6666: 1 / 0.6666,
	} {
		got, ok := tally.Weight(rate)
		assert.True(t, ok, "rate %v", rate)
		assert.Equal(t, want, got, "rate %v", rate)
	}
	for _, rate := range []float64{-0.5, 2, math.NaN(), math.Inf(1), math.Inf(-1), 1e-7, 1e-12, 5e-324, 1.001} {
		got, ok := tally.Weight(rate)
		assert.False(t, ok, "rate %v", rate)
		assert.Equal(t, 1.0, got, "rate %v", rate)
	}
}

func TestEvents(t *testing.T) {
	assert.Equal(t, 2.7, tally.Events(3, 2.7*5, 5))
	assert.Equal(t, 3.0, tally.Events(3, 0.3, 0.1), "rounding is no fraction")
	assert.Equal(t, 3.0, tally.Events(3, 0, 0))
	assert.Equal(t, 3.0, tally.Events(3, 10, 0), "a mean that is not there")
	assert.Equal(t, 3.0, tally.Events(3, 10, 1), "a mean of something else")
}

func TestWhole(t *testing.T) {
	assert.Equal(t, int64(3), tally.Whole(2.5000001))
	assert.Equal(t, int64(0), tally.Whole(math.NaN()))
	assert.Equal(t, int64(math.MaxInt64), tally.Whole(1e30))
	assert.Equal(t, int64(math.MinInt64), tally.Whole(-1e30))
}

// A Total of whole numbers is that of package big, in any order and in any parts.
func TestTotalIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var one, two tally.Total
		want := new(big.Int)
		for range 1 + r.IntN(50) {
			v, n := int64(r.Uint64())>>r.IntN(64), int64(1+r.IntN(5))
			want.Add(want, new(big.Int).Mul(big.NewInt(v), big.NewInt(n)))
			if r.IntN(2) == 0 {
				one.AddInt(v, float64(n))
			} else {
				two.AddInt(v, float64(n))
			}
		}
		one.Merge(two)
		got, ok := one.Int()
		require.Equal(t, want.IsInt64(), ok, "%v", want)
		if ok {
			require.Equal(t, want.Int64(), got)
		}
		exact, _ := new(big.Float).SetInt(want).Float64()
		require.InDelta(t, exact, one.Value(), 1e-15*math.Abs(exact))
	}
}

func TestTotalEnds(t *testing.T) {
	var s tally.Total
	s.AddInt(math.MaxInt64, 1)
	n, ok := s.Int()
	assert.True(t, ok)
	assert.Equal(t, int64(math.MaxInt64), n)
	s.AddInt(1, 1)
	n, ok = s.Int()
	assert.False(t, ok)
	assert.Equal(t, int64(math.MaxInt64), n)
	assert.Equal(t, 0x1p63, s.Value())
	s.AddInt(math.MinInt64, 1)
	n, ok = s.Int()
	assert.True(t, ok, "what was too large is so no more")
	assert.Zero(t, n)
}

// Weights that are no whole numbers add up to the same in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	type event struct {
		v      float64
		weight float64
	}
	var events []event
	want := new(big.Float).SetPrec(500)
	for range 5000 {
		weight, _ := tally.Weight(max(tally.MinRate, r.Float64()))
		e := event{r.ExpFloat64() * 1e9, weight}
		events = append(events, e)
		want.Add(want, new(big.Float).SetPrec(500).Mul(big.NewFloat(e.v), big.NewFloat(e.weight)))
	}
	exact, _ := want.Float64()
	for range 5 {
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		var total tally.Total
		for _, e := range events {
			total.Add(e.v, e.weight)
		}
		assert.InDelta(t, exact, total.Value(), 1e-15*exact)
	}
}

func TestSumStaysInRange(t *testing.T) {
	var s tally.Sum
	s.AddTimes(math.MaxFloat64, 10)
	assert.Equal(t, math.MaxFloat64, s.Value())
	s.Add(math.MaxFloat64)
	assert.Equal(t, math.MaxFloat64, s.Value())
}

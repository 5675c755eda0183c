package collect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// Events in any parts, merged, are those in one Series.
func TestMergeIsAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var one Series
	parts := make([]Series, 4)
	for i := range 2000 {
		e := &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, SampleRate: 1, Duration: time.Duration(r.Int64N(1e9))}
		switch i % 5 {
		case 0:
			e.Error = "x"
		case 1:
			e.Canceled = true
		case 2:
			e.SampleRate = 0.37
		}
		one.Add(e, true)
		parts[r.IntN(len(parts))].Add(e, true)
	}
	var merged Series
	for i := range parts {
		merged.Merge(&parts[i])
	}
	assert.Equal(t, one.Events, merged.Events)
	assert.InEpsilon(t, one.Count.Value(), merged.Count.Value(), 1e-12)
	assert.InEpsilon(t, one.Total.Value(), merged.Total.Value(), 1e-12)
	assert.Equal(t, one.Errors, merged.Errors)
	assert.Equal(t, one.Canceled, merged.Canceled)
	for _, q := range []float64{0, 0.5, 0.95, 1} {
		assert.Equal(t, one.Quantile(q), merged.Quantile(q), q)
	}
	assert.EqualValues(t, 400, one.Errors.Value())
}

// A summary is what its events are.
func TestSummaryIsItsEvents(t *testing.T) {
	var lone, summed Series
	var s sketch.Sketch
	for i := range 100 {
		d := time.Duration(1+i) * time.Millisecond
		lone.Add(&events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, SampleRate: 1, Duration: d}, true)
		s.Add(float64(d))
	}
	e := &events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, SampleRate: 1,
		Totals: &events.Totals{Count: 100, Errors: 3, Sum: s.Sum() / 1e9, Min: 0.001, Max: 0.1, Sketch: &s}}
	summed.Add(e, true)
	assert.Equal(t, lone.Count, summed.Count)
	assert.InEpsilon(t, lone.Total.Value(), summed.Total.Value(), 1e-12)
	assert.Equal(t, lone.Quantile(0.95), summed.Quantile(0.95))
	assert.EqualValues(t, 3, summed.Errors.Value())
	assert.False(t, summed.Approximate)
	var bare Series
	bare.Add(e, false)
	assert.Nil(t, bare.Sketch, "for those that need no distribution")
	e.Totals.Sketch = nil
	summed.Add(e, true)
	assert.True(t, summed.Approximate)
}

// Whatever a line says, sums stay finite, and what cannot be is left out.
func TestImpossible(t *testing.T) {
	var s Series
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), -5, 1e308} {
		s.Add(&events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Totals: &events.Totals{Count: -3, Errors: math.MinInt64, Sum: v}}, true)
		s.Add(&events.Event{Kind: events.Summary, Type: slogtel.TypeTiming}, true)
	}
	assert.True(t, s.Empty())
	s.Add(&events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Totals: &events.Totals{Count: 2, Errors: 9, Sum: -4}}, true)
	assert.EqualValues(t, 2, s.Errors.Value(), "no more than there are")
	mean, ok := s.Mean()
	require.True(t, ok)
	assert.Zero(t, mean)
	s.Add(&events.Event{Kind: events.Summary, Type: slogtel.TypeGauge, Totals: &events.Totals{Count: 5, NoSum: true}}, true)
	assert.EqualValues(t, 2, s.Summed.Value(), "of those whose sum is known")
}

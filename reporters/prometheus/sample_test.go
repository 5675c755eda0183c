package prometheus_test

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

func rate(f float64) slog.Attr { return slog.Float64(slogtel.KeySampleRate, f) }

// What sampling has kept stands for what it has not.
func TestSampled(t *testing.T) {
	b := newBench(t, prometheus.Options{TimingBuckets: []float64{1, 10}})
	for _, r := range []slog.Record{
		metricRecord("n", slogtel.TypeCounter, slog.Int64Value(3), rate(0.25)),
		metricRecord("n", slogtel.TypeCounter, slog.Int64Value(5), rate(1)),
		metricRecord("n", slogtel.TypeCounter, slog.Int64Value(7)),
		timingRecord("t", 2, rate(0.1)), // a success
		timingRecord("t", 20, rate(0.5), slog.String(slogtel.KeyError, "failed")),
		timingRecord("t", 20, slog.String(slogtel.KeyError, "failed")),
		metricRecord("h", slogtel.TypeHistogram, slog.Float64Value(8), rate(0.125)),
		metricRecord("g", slogtel.TypeGauge, slog.Float64Value(8), rate(0.125)),
		metricRecord("p", slogtel.TypePlain, slog.DurationValue(time.Second), rate(0.125)),
	} {
		require.NoError(t, b.handler.Handle(t.Context(), r))
	}
	assert.Equal(t, 3*4+5+7., b.one("n_total").GetCounter().GetValue())
	h := b.one("t_seconds").GetHistogram()
	assert.EqualValues(t, 10+2+1, h.GetSampleCount())
	assert.EqualValues(t, 10*2+2*20+20, h.GetSampleSum())
	assert.EqualValues(t, 0, h.GetBucket()[0].GetCumulativeCount())
	assert.EqualValues(t, 10, h.GetBucket()[1].GetCumulativeCount())
	assert.Equal(t, 3., b.one("t_seconds_errors_total").GetCounter().GetValue())
	assert.EqualValues(t, 8, b.one("h").GetHistogram().GetSampleCount())
	assert.Equal(t, 64., b.one("h").GetHistogram().GetSampleSum())
	assert.Equal(t, 8., b.one("g").GetGauge().GetValue())
	assert.Equal(t, 1., b.one("p_seconds").GetGauge().GetValue())
	assert.Zero(t, b.handler.Stats().Skipped)
}

// Of a rate whose inverse is no whole number, each value is observed as often as it stands
// for an event, on average, whatever the order of events is.
func TestSampledWithoutBias(t *testing.T) {
	for _, share := range []float64{0.3, 2. / 3, 0.7, 0.999, 0.0123} {
		b := newBench(t, prometheus.Options{TimingBuckets: []float64{1, 10}})
		const pairs = 2000
		for range pairs {
			require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, rate(share))))
			require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 5, rate(share))))
		}
		h := b.one("t_seconds").GetHistogram()
		low := float64(h.GetBucket()[0].GetCumulativeCount())
		_, part := math.Modf(1 / share)
		delta := 9 * math.Sqrt(pairs*part*(1-part)) // standard deviations
		assert.InDelta(t, pairs/share, low, delta, "%v", share)
		assert.InDelta(t, pairs/share, float64(h.GetSampleCount())-low, delta, "%v", share)
	}
}

// A rate of one in n stands for n events, exactly.
func TestSampledWhole(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	want := 0
	for n := 1; n <= 100; n++ {
		require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, rate(1/float64(n)))))
		want += n
	}
	assert.EqualValues(t, want, b.one("t_seconds").GetHistogram().GetSampleCount())
}

func TestSampledWithExemplar(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	ids := slog.String("trace_id", traceA)
	require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, rate(0.25), ids)))
	require.NoError(t, b.handler.Handle(t.Context(), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1), rate(0.25), ids)))
	assert.EqualValues(t, 4, b.one("t_seconds").GetHistogram().GetSampleCount())
	assert.Equal(t, 4., b.one("n_total").GetCounter().GetValue())
	assert.NotNil(t, b.one("n_total").GetCounter().GetExemplar())
}

// No rate makes a call hang, a counter go down or a scrape fail.
func TestHostileRates(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	for _, f := range []float64{1e-300, math.SmallestNonzeroFloat64, 0.99e-4} {
		for _, r := range []slog.Record{
			timingRecord("t", 1, rate(f)),
			metricRecord("h", slogtel.TypeHistogram, slog.Float64Value(1), rate(f)),
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1), rate(f)),
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(math.MaxInt64), rate(f)),
			metricRecord("m", slogtel.TypeCounter, slog.Int64Value(0), rate(f)),
		} {
			require.NoError(t, b.handler.Handle(t.Context(), r))
		}
	}
	st := b.handler.Stats()
	assert.ErrorIs(t, st.LastSaturated, prometheus.ErrSaturated)
	st.LastSaturated = nil
	assert.Equal(t, prometheus.Stats{Metrics: 2, Series: 2, Skipped: 6, Saturated: 6}, st)
	assert.Equal(t, float64(math.MaxInt64), b.one("n_total").GetCounter().GetValue())
	assert.Zero(t, b.one("m_total").GetCounter().GetValue())
	// What is no rate is none.
	for _, a := range []slog.Attr{rate(0), rate(-1), rate(2), rate(math.NaN()), slog.String(slogtel.KeySampleRate, "0.5")} {
		require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, a)))
	}
	assert.EqualValues(t, 5, b.one("t_seconds").GetHistogram().GetSampleCount())
	require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, rate(1e-4))))
	assert.EqualValues(t, 10_005, b.one("t_seconds").GetHistogram().GetSampleCount())
}

package reporters_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// sampledRecords are events of each type that stand for 1/rate each: those of a scope and of
// a histogram took alternately 1 and 10, a counter grew by 7, a gauge went up.
func sampledRecords(rate float64) []slog.Record {
	var all []slog.Record
	add := func(r slog.Record) {
		r.AddAttrs(slog.Float64(slogtel.KeySampleRate, rate))
		all = append(all, r)
	}
	for i := range 200 {
		v := []float64{1, 10}[i%2]
		add(testkit.Timing("a", "", 0, v, map[bool]string{true: "failed"}[i%4 == 0]))
		add(testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(v)))
		add(testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(7)))
		add(testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(v)))
		add(testkit.Metric("p", slogtel.TypePlain, slog.Float64Value(v)))
	}
	return all
}

// Of events of one rate, whose inverse is not whole, means and quantiles are those of the
// events, and counts and sums those times 1/rate, whatever the order, and also through
// summaries, with a sketch or without, of all events or of one each.
func TestSampledWeightsAreExact(t *testing.T) {
	for _, rate := range []float64{0.37, 0.6666, 0.99, 0.011} {
		var first memory.Snapshot
		for i, way := range []string{"memory", "shuffled", "sketches", "summaries", "a summary an event", "a sketch an event"} {
			records := sampledRecords(rate)
			mem := memory.New(nil)
			var to slog.Handler = mem
			flush := func() {}
			if i >= 2 {
				agg := aggregate.New(mem, &aggregate.Options{Sketch: way == "sketches" || way == "a sketch an event"})
				to, flush = agg, func() { require.NoError(t, agg.Flush(t.Context())) }
				defer agg.Shutdown(t.Context())
			}
			if way == "shuffled" {
				r := rand.New(rand.NewPCG(1, 2))
				r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
			}
			for _, r := range records {
				require.NoError(t, to.Handle(t.Context(), r))
				if i >= 4 {
					flush()
				}
			}
			flush()
			s := mem.Snapshot()
			calls := int64(math.Round(200 / rate))
			require.Len(t, s.Scopes, 1, way)
			a, h := s.Scopes[0], s.Histograms[0]
			assert.Equal(t, calls, a.Calls, way)
			assert.InEpsilon(t, 1100/rate, a.TotalSeconds, 1e-9, way)
			assert.InEpsilon(t, 5.5, a.MeanSeconds, 1e-9, way)
			assert.Equal(t, calls, h.Count, way)
			assert.InEpsilon(t, 1100/rate, h.Sum, 1e-12, way)
			assert.InEpsilon(t, 5.5, h.Mean, 1e-12, way)
			assert.Equal(t, int64(math.Round(1400/rate)), s.Counters[0].Sum, way)
			assert.Equal(t, calls, s.Gauges[0].Count, way)
			assert.Equal(t, calls, s.Metrics[0].Count, way)
			if i < 4 { // the number of errors and of a counter's events is whole in each summary
				assert.Equal(t, int64(math.Round(50/rate)), a.Errors, way)
				assert.Equal(t, calls, s.Counters[0].Count, way)
			}
			if a.NoQuantiles == 0 {
				assert.InEpsilon(t, 1, a.P50Seconds, 0.0101, way)
				assert.InEpsilon(t, 10, a.P95Seconds, 0.0101, way)
			} else {
				assert.Equal(t, calls, a.NoQuantiles, way)
			}
			switch i {
			case 0:
				first = s
			case 1:
				for j := range s.Gauges { // and that of a plain metric: the last one is another
					s.Gauges[j].Last, s.Metrics[j].Last = first.Gauges[j].Last, first.Metrics[j].Last
				}
				assert.Equal(t, first, s)
			}
		}
	}
}

// A gaugeKeeper keeps summaries as they come.
type gaugeKeeper struct {
	slog.Handler
	got []slogtel.Summary
}

func (k *gaugeKeeper) Enabled(context.Context, slog.Level) bool { return true }
func (k *gaugeKeeper) Handle(_ context.Context, r slog.Record) error {
	if s, ok := slogtel.DecodeSummary(r); ok {
		k.got = append(k.got, s)
	}
	return nil
}

// The mean of a gauge is in its summary.
func TestSummaryOfGauge(t *testing.T) {
	kept := &gaugeKeeper{Handler: slog.DiscardHandler}
	agg := aggregate.New(kept, nil)
	for _, r := range sampledRecords(0.37) {
		require.NoError(t, agg.Handle(t.Context(), r))
	}
	require.NoError(t, agg.Shutdown(t.Context()))
	n := 0
	for _, s := range kept.got {
		if s.Type != slogtel.TypeGauge {
			continue
		}
		n++
		assert.InEpsilon(t, 1100/0.37, s.Sum, 1e-12)
		assert.InEpsilon(t, 5.5, s.Mean, 1e-12)
		two, err := aggregate.Merge(s, s)
		require.NoError(t, err)
		assert.InEpsilon(t, 2200/0.37, two.Sum, 1e-12)
		assert.InEpsilon(t, 5.5, two.Mean, 1e-12)
		assert.Equal(t, int64(math.Round(400/0.37)), two.Count)
	}
	require.Equal(t, 1, n)
}

// A rate that cannot be is not believed, and is counted.
func TestSampledAtNoRate(t *testing.T) {
	for _, rate := range []slog.Value{
		slog.Float64Value(0), slog.Float64Value(-1), slog.Float64Value(1e-12), slog.Float64Value(2),
		slog.Float64Value(math.NaN()), slog.Float64Value(math.Inf(1)), slog.StringValue("0.5"), slog.IntValue(1), slog.AnyValue(nil),
	} {
		mem, behind := memory.New(nil), memory.New(nil)
		agg := aggregate.New(behind, nil)
		for _, r := range []slog.Record{
			testkit.Timing("a", "", 0, 1, ""), testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(1)),
		} {
			r.AddAttrs(slog.Attr{Key: slogtel.KeySampleRate, Value: rate})
			testkit.Handle(t, slog.NewMultiHandler(mem, agg), r)
		}
		require.NoError(t, agg.Shutdown(t.Context()))
		assert.Zero(t, agg.Stats().Events, "they pass as they are")
		for _, m := range []*memory.Handler{mem, behind} {
			s := m.Snapshot()
			assert.Equal(t, int64(1), s.Scopes[0].Calls, "%v", rate)
			assert.Equal(t, int64(1), s.Counters[0].Sum, "%v", rate)
			assert.Equal(t, int64(2), s.Forgotten.Rates, "%v", rate)
			assert.Contains(t, m.Report(), "\n2 events have a sample_rate that cannot be, and count once\n")
		}
	}
}

// A sum that has no int64 says so; one that comes back into the range is right.
func TestMemorySaturates(t *testing.T) {
	mem := memory.New(nil)
	add := func(v int64) { testkit.Handle(t, mem, testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(v))) }
	sum := func() memory.CounterStats { return mem.Snapshot().Counters[0] }
	add(math.MaxInt64)
	assert.False(t, sum().Saturated)
	assert.NotContains(t, mem.Report(), "≥")
	add(1)
	assert.Equal(t, memory.CounterStats{Scope: "c", Count: 2, Sum: math.MaxInt64, Saturated: true}, sum())
	assert.Contains(t, mem.Report(), "≥9223372036854775807")
	add(-5)
	assert.Equal(t, int64(math.MaxInt64-4), sum().Sum)
	assert.False(t, sum().Saturated)
	testkit.Handle(t, mem, testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(math.MinInt64)), testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(math.MinInt64)))
	assert.Contains(t, mem.Report(), "≤-9223372036854775808")
}

// What is forgotten is scaled as what is kept.
func TestSampledForgotten(t *testing.T) {
	mem := memory.New(&memory.Options{MaxSeries: 1})
	for _, r := range sampledRecords(0.37) {
		require.NoError(t, mem.Handle(context.Background(), r))
	}
	for range 100 {
		r := testkit.Timing("b", "", 0, 1, "failed")
		r.AddAttrs(slog.Float64(slogtel.KeySampleRate, 0.37))
		testkit.Handle(t, mem, r)
	}
	f := mem.Snapshot().Forgotten
	assert.Equal(t, int64(math.Round(100/0.37)), f.Timings)
	assert.Equal(t, int64(math.Round(100/0.37)), f.Errors)
	assert.Equal(t, int64(math.Round(600/0.37)), f.Metrics)
}

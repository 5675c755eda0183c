package memory_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// summaryOf returns the summary of values, with its sketch.
func summaryOf(t *testing.T, typ slogtel.MetricType, values []float64) (summary slogtel.Summary) {
	t.Helper()
	agg := aggregate.New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
		var ok bool
		summary, ok = slogtel.DecodeSummary(r)
		require.True(t, ok)
		return nil
	}), &aggregate.Options{Interval: time.Hour, Sketch: true})
	for _, v := range values {
		if typ == slogtel.TypeTiming {
			testkit.Handle(t, agg, testkit.Timing("a", "", 0, v, ""))
		} else {
			testkit.Handle(t, agg, testkit.Metric("a", typ, slog.Float64Value(v)))
		}
	}
	require.NoError(t, agg.Shutdown(t.Context()))
	return summary
}

func TestSummaryWithoutSketch(t *testing.T) {
	mem := memory.New(nil)
	for _, typ := range []slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeHistogram} {
		bare := summaryOf(t, typ, []float64{1, 2, 3})
		bare.Scope, bare.Sketch = "bare."+string(typ), ""
		mixed := bare
		mixed.Scope = "mixed." + string(typ)
		testkit.Handle(t, mem, bare.Record(0), mixed.Record(0), mixed.Record(0))
		testkit.Handle(t, mem, testkit.Timing("mixed.timing", "", 0, 10, "failed"), testkit.Metric("mixed.histogram", slogtel.TypeHistogram, slog.Float64Value(10)))
	}
	s := mem.Snapshot()
	require.Len(t, s.Scopes, 2)
	assert.Equal(t, memory.ScopeStats{Scope: "bare.timing", Calls: 3, TotalSeconds: 6, MeanSeconds: 2, MinSeconds: 1, MaxSeconds: 3, NoQuantiles: 3}, s.Scopes[0])
	mixed := s.Scopes[1]
	assert.EqualValues(t, 8, mixed.Calls)
	assert.EqualValues(t, 2, mixed.Errors)
	assert.Equal(t, 32.0, mixed.TotalSeconds)
	assert.Equal(t, 1.0, mixed.MinSeconds)
	assert.Equal(t, 10.0, mixed.MaxSeconds)
	assert.EqualValues(t, 6, mixed.NoQuantiles)
	assert.InEpsilon(t, 10, mixed.P50Seconds, 0.01+1e-9)
	assert.Equal(t, memory.HistogramStats{Scope: "bare.histogram", Count: 3, Sum: 6, Mean: 2, Min: 1, Max: 3, NoQuantiles: 3}, s.Histograms[0])
	assert.EqualValues(t, 32, s.Histograms[1].Sum)
	assert.EqualValues(t, 4, s.Histograms[1].Mean)

	report := mem.Report()
	assert.Contains(t, report, "and leave out 18 events, whose summaries have no sketch\n")
	line := report[strings.Index(report, "bare.timing"):]
	assert.Equal(t, []string{"bare.timing", "3", "0", "6s", "2s", "-", "-", "-", "3s"}, strings.Fields(line)[:9])
}

func TestSummariesMerge(t *testing.T) {
	direct, mem := memory.New(nil), memory.New(nil)
	for _, part := range [][]float64{{0.1, 0.2}, {0.3}, {5, 0.004}} {
		for _, typ := range []slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeHistogram, slogtel.TypeGauge} {
			s := summaryOf(t, typ, part)
			require.NoError(t, mem.RecordSummary(t.Context(), s))
		}
		for _, v := range part {
			testkit.Handle(t, direct, testkit.Timing("a", "", 0, v, ""))
			testkit.Handle(t, direct, testkit.Metric("a", slogtel.TypeHistogram, slog.Float64Value(v)), testkit.Metric("a", slogtel.TypeGauge, slog.Float64Value(v)))
		}
	}
	counter := slogtel.Summary{Scope: "a", Type: slogtel.TypeCounter, Count: 2, Sum: -7}
	testkit.Handle(t, mem, counter.Record(0))
	testkit.Handle(t, direct, testkit.Metric("a", slogtel.TypeCounter, slog.Int64Value(-3)), testkit.Metric("a", slogtel.TypeCounter, slog.Int64Value(-4)))
	want, got := direct.Snapshot(), mem.Snapshot()
	assert.InEpsilon(t, want.Histograms[0].Sum, got.Histograms[0].Sum, 1e-14)
	got.Histograms[0].Sum, got.Histograms[0].Mean = want.Histograms[0].Sum, want.Histograms[0].Mean
	assert.Equal(t, want, got)
	require.NoError(t, (*memory.Handler)(nil).RecordSummary(t.Context(), counter))
}

// An event that a summary counts is not counted before that comes, nor ever again.
func TestInSummary(t *testing.T) {
	mem := memory.New(&memory.Options{MaxSeries: 1})
	failed := testkit.Timing("a", "", 0, 1, "refused")
	failed.AddAttrs(slog.Bool("in_summary", true))
	counter := testkit.Metric("a", slogtel.TypeCounter, slog.Int64Value(1))
	counter.AddAttrs(slog.Bool("in_summary", true))
	other := testkit.Timing("b", "", 0, 1, "refused")
	other.AddAttrs(slog.Bool("in_summary", true))
	testkit.Handle(t, mem, failed, counter, other)
	assert.Equal(t, memory.New(nil).Snapshot(), mem.Snapshot())
	assert.Equal(t, "no telemetry\n", mem.Report())

	sum := slogtel.Summary{Scope: "a", Type: slogtel.TypeTiming, Count: 2, Errors: 1, Sum: 3, Min: 1, Max: 2}
	beyond := sum
	beyond.Scope = "b"
	testkit.Handle(t, mem, sum.Record(0), failed, beyond.Record(0))
	s := mem.Snapshot()
	require.Len(t, s.Scopes, 1)
	assert.EqualValues(t, 2, s.Scopes[0].Calls)
	assert.EqualValues(t, 1, s.Scopes[0].Errors)
	assert.Equal(t, "refused", s.Scopes[0].LastError)
	assert.Equal(t, memory.Forgotten{Timings: 2, Errors: 1}, s.Forgotten)
}

// What did not come as a record may have any number.
func TestSummaryNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, typ := range []slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram} {
			mem := memory.New(nil)
			good := slogtel.Summary{Scope: "a", Type: typ, Count: 2, Sum: 3, Min: 1, Max: 2, Last: 2}
			require.NoError(t, mem.RecordSummary(t.Context(), good))
			want := mem.Snapshot()
			for _, spoil := range []func(*slogtel.Summary){
				func(s *slogtel.Summary) { s.Sum = bad },
				func(s *slogtel.Summary) { s.Min = bad },
				func(s *slogtel.Summary) { s.Max = bad },
				func(s *slogtel.Summary) { s.Last = bad },
			} {
				s := good
				spoil(&s)
				require.NoError(t, mem.RecordSummary(t.Context(), s))
				want.Forgotten.NotFinite += 2
			}
			assert.Equal(t, want, mem.Snapshot(), "%v %s", bad, typ)
		}
	}
}

func FuzzSummary(f *testing.F) {
	good := slogtel.Summary{Count: 1, Sketch: "1:AQAAAAAAAADwPwAAAAAAAAAAAAAAAAAA8D8AAAAAAADwPwABAAE"}
	f.Add("timing", good.Count, int64(0), 1.0, 1.0, 1.0, good.Sketch)
	f.Add("histogram", int64(math.MaxInt64), int64(-1), math.MaxFloat64, -1.0, math.NaN(), "1:AA")
	f.Add("counter", int64(math.MinInt64), int64(5), math.Inf(1), 0.0, 0.0, "")
	f.Fuzz(func(t *testing.T, typ string, count, failed int64, sum, least, most float64, sketch string) {
		mem := memory.New(nil)
		s := slogtel.Summary{Scope: "a", Type: slogtel.MetricType(typ), Interval: time.Second, Count: count, Errors: failed,
			Sum: sum, Min: least, Max: most, Last: most, Sketch: sketch}
		for range 3 {
			testkit.Handle(t, mem, s.Record(0), testkit.Timing("a", "", 0, 1, ""), testkit.Metric("a", slogtel.TypeHistogram, slog.Float64Value(1)))
		}
		snapshot := mem.Snapshot()
		for _, scope := range snapshot.Scopes {
			require.GreaterOrEqual(t, scope.Calls, int64(3))
			require.GreaterOrEqual(t, scope.NoQuantiles, int64(0))
			require.LessOrEqual(t, scope.Errors, scope.Calls)
		}
		_ = mem.Report()
		require.NotContains(t, fmt.Sprintf("%+v", snapshot), "NaN")
		require.NotContains(t, fmt.Sprintf("%+v", snapshot), "Inf")
		_, _ = aggregate.Merge(s, s)
	})
}

package slogtel_test

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

func summaries() []slogtel.Summary {
	base := slogtel.Summary{
		Scope: "pipeline.plan", ParentScope: "pipeline", Depth: 1,
		Time: time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC), Interval: 61500 * time.Millisecond, Count: 12,
	}
	timing, counter, gauge, histogram := base, base, base, base
	timing.Type = slogtel.TypeTiming
	timing.Errors, timing.Sum, timing.Min, timing.Max, timing.Mean = 2, 3, 0.1, 0.9, 0.25
	timing.P50, timing.P90, timing.P95, timing.P99 = 0.2, 0.7, 0.8, 0.85
	timing.Rate, timing.QuantileError, timing.Sketch = 0.2, 0.01, "1:AA"
	timing.Attrs = []slog.Attr{slog.String("model", "m"), slog.Int("code", 3)}
	counter.Type, counter.Sum, counter.Rate = slogtel.TypeCounter, -30, -0.5
	gauge.Type, gauge.Min, gauge.Max, gauge.Last = slogtel.TypeGauge, -1, 5, 2
	histogram.Type, histogram.Sum, histogram.Min, histogram.Max = slogtel.TypeHistogram, 3, -4, 5
	return []slogtel.Summary{timing, counter, gauge, histogram}
}

func TestSummaryRecord(t *testing.T) {
	for _, want := range summaries() {
		r := want.Record(slog.LevelWarn)
		assert.Equal(t, slog.LevelWarn, r.Level)
		assert.Equal(t, slogtel.MessageSummary, r.Message)
		for _, form := range []slog.Record{r, resolved(r), grouped(r, "g"), grouped(resolved(r), "f", "g", "h")} {
			assert.True(t, slogtel.IsTelemetry(form))
			got, ok := slogtel.DecodeSummary(form)
			require.True(t, ok)
			if form.NumAttrs() == 3 {
				assert.Greater(t, len(got.Attrs), len(want.Attrs), "what stood beside the group is kept")
				got.Attrs = got.Attrs[:len(want.Attrs)]
			}
			if len(want.Attrs) == 0 {
				got.Attrs = nil
			}
			assert.Equal(t, want, got)
			_, isTiming := slogtel.DecodeTiming(form)
			_, isMetric := slogtel.DecodeMetric(form)
			assert.False(t, isTiming || isMetric)
		}
	}
}

// The keys are a contract.
func TestSummaryKeys(t *testing.T) {
	for i, want := range [][]string{
		{"scope", "depth", "parent_scope", "metric_type", "interval_s", "count", "errors", "sum", "min", "max", "mean",
			"p50", "p90", "p95", "p99", "rate", "quantile_error", "sketch", "model", "code"},
		{"scope", "depth", "parent_scope", "metric_type", "interval_s", "count", "sum", "rate"},
		{"scope", "depth", "parent_scope", "metric_type", "interval_s", "count", "sum", "min", "max", "mean", "last"},
		{"scope", "depth", "parent_scope", "metric_type", "interval_s", "count", "sum", "min", "max", "mean",
			"p50", "p90", "p95", "p99", "rate", "quantile_error"},
	} {
		s := summaries()[i]
		var keys []string
		for _, a := range testkit.Attrs(s.Record(0)) {
			keys = append(keys, a.Key)
			switch a.Key {
			case "scope", "parent_scope", "sketch", "model":
				assert.Equal(t, slog.KindString, a.Value.Kind())
			case "depth", "count", "errors", "code":
				assert.Equal(t, slog.KindInt64, a.Value.Kind())
			case "metric_type":
				assert.Equal(t, s.Type, a.Value.Any())
			default:
				assert.Equal(t, slog.KindFloat64, a.Value.Kind(), a.Key)
			}
		}
		assert.Equal(t, want, keys)
	}
}

func TestSummaryRecordIsClean(t *testing.T) {
	s := summaries()[0]
	s.Sum, s.Rate = math.NaN(), math.Inf(1)
	s.Attrs = []slog.Attr{slog.Int("count", 3), slog.String("scope", "x"), slog.String("msg", "m"), slog.String("p50", "y")}
	got, ok := slogtel.DecodeSummary(s.Record(0))
	require.True(t, ok)
	assert.Zero(t, got.Sum)
	assert.Zero(t, got.Rate)
	assert.EqualValues(t, 12, got.Count)
	assert.Equal(t, []slog.Attr{slog.Int("user_count", 3), slog.String("user_scope", "x"),
		slog.String("user_msg", "m"), slog.String("user_p50", "y")}, got.Attrs)
}

// What has a key of a summary and another kind is not the summary's.
func TestSummaryOfOtherKinds(t *testing.T) {
	r := slog.NewRecord(time.Now(), 0, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String("scope", "a"), slog.String("parent_scope", ""), slog.String("metric_type", "timing"), slog.Int("count", 1))
	odd := []slog.Attr{slog.String("errors", "x"), slog.Int("sum", 3), slog.Float64("min", math.NaN()), slog.Int("interval_s", 60),
		slog.Bool("sketch", true), slog.String("p99", "1"), slog.Bool("in_summary", false)}
	r.AddAttrs(odd...)
	got, ok := slogtel.DecodeSummary(r)
	require.True(t, ok)
	assert.Equal(t, slogtel.Summary{Scope: "a", Type: slogtel.TypeTiming, Count: 1, Time: got.Time, Attrs: got.Attrs}, got)
	require.Len(t, got.Attrs, len(odd))
	for _, bad := range []slog.Record{
		slog.NewRecord(time.Now(), 0, slogtel.MessageSummary, 0),
		slog.NewRecord(time.Now(), 0, slogtel.MessageTiming, 0),
		{},
	} {
		assert.False(t, got.Decode(bad))
		_, ok := slogtel.DecodeSummary(bad)
		assert.False(t, ok)
	}
}

func TestSummaryDecodeReusesSpace(t *testing.T) {
	var got slogtel.Summary
	for range 3 {
		for _, want := range summaries() {
			require.True(t, got.Decode(want.Record(0)))
			assert.Equal(t, want.Sum, got.Sum)
			assert.Equal(t, want.Sketch, got.Sketch)
			assert.Len(t, got.Attrs, len(want.Attrs))
		}
	}
}

func TestDecodeInSummary(t *testing.T) {
	for _, r := range samples(t) {
		for _, value := range []slog.Value{slog.BoolValue(true), slog.BoolValue(false), slog.StringValue("true")} {
			want := value.Kind() == slog.KindBool && value.Bool()
			for _, form := range []slog.Record{r, grouped(r, "g")} {
				marked := form.Clone()
				marked.AddAttrs(slog.Attr{Key: slogtel.KeyInSummary, Value: value})
				tm, isTiming := slogtel.DecodeTiming(marked)
				m, isMetric := slogtel.DecodeMetric(marked)
				require.True(t, isTiming || isMetric)
				assert.Equal(t, want, tm.InSummary || m.InSummary, "%v", value)
			}
		}
		tm, _ := slogtel.DecodeTiming(r)
		m, _ := slogtel.DecodeMetric(r)
		assert.False(t, tm.InSummary || m.InSummary)
	}
}

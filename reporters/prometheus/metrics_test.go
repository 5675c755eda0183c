package prometheus_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

func TestMetrics(t *testing.T) {
	b := newBench(t, prometheus.Options{Namespace: "shop", TimingBuckets: []float64{.1, 1}, HistogramBuckets: []float64{10}, NativeFactor: 1})
	ctx := t.Context()
	b.Timing(ctx, "plan", 50*time.Millisecond)
	b.Timing(ctx, "plan", 2*time.Second)
	_ = b.handler.Handle(ctx, timingRecord("plan", .5, slog.String("error", "it failed")))
	b.Count(ctx, "plan.tokens", 3)
	b.Count(ctx, "plan.tokens", 4)
	b.Gauge(ctx, "queue", 7)
	b.Gauge(ctx, "queue", -2.5)
	b.Histogram(ctx, "size", 5)
	b.Histogram(ctx, "size", 50)
	b.Metric(ctx, "ratio", 0.25)
	b.Metric(ctx, "age", 1500*time.Millisecond)
	b.Metric(ctx, "big", uint64(1<<60))
	b.Metric(ctx, "build", "v1.2")
	assert.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP shop_age_seconds Last duration in seconds of slogtel scope "age".
# TYPE shop_age_seconds gauge
shop_age_seconds 1.5
# HELP shop_big Gauge of slogtel scope "big".
# TYPE shop_big gauge
shop_big 1.152921504606847e+18
# HELP shop_plan_seconds Time in seconds of slogtel scope "plan".
# TYPE shop_plan_seconds histogram
shop_plan_seconds_bucket{le="0.1"} 1
shop_plan_seconds_bucket{le="1"} 2
shop_plan_seconds_bucket{le="+Inf"} 3
shop_plan_seconds_sum 2.55
shop_plan_seconds_count 3
# HELP shop_plan_seconds_errors_total Failed calls of slogtel scope "plan".
# TYPE shop_plan_seconds_errors_total counter
shop_plan_seconds_errors_total 1
# HELP shop_plan_tokens_total Counter of slogtel scope "plan.tokens".
# TYPE shop_plan_tokens_total counter
shop_plan_tokens_total 7
# HELP shop_queue Gauge of slogtel scope "queue".
# TYPE shop_queue gauge
shop_queue -2.5
# HELP shop_ratio Gauge of slogtel scope "ratio".
# TYPE shop_ratio gauge
shop_ratio 0.25
# HELP shop_size Histogram of slogtel scope "size".
# TYPE shop_size histogram
shop_size_bucket{le="10"} 1
shop_size_bucket{le="+Inf"} 2
shop_size_sum 55
shop_size_count 2
# HELP shop_slogtel_dropped_events_total Telemetry events that did not become part of a metric.
# TYPE shop_slogtel_dropped_events_total counter
shop_slogtel_dropped_events_total{reason="clash"} 0
shop_slogtel_dropped_events_total{reason="negative"} 0
shop_slogtel_dropped_events_total{reason="overflow"} 0
shop_slogtel_dropped_events_total{reason="saturated"} 0
shop_slogtel_dropped_events_total{reason="skipped"} 1
# HELP shop_slogtel_expired_series_total Series that had no events for so long that they were removed.
# TYPE shop_slogtel_expired_series_total counter
shop_slogtel_expired_series_total 0
# HELP shop_slogtel_series Series that the telemetry handler holds.
# TYPE shop_slogtel_series gauge
shop_slogtel_series 7
# HELP shop_slogtel_series_limit Series that the telemetry handler may hold.
# TYPE shop_slogtel_series_limit gauge
shop_slogtel_series_limit 2000
# HELP shop_slogtel_truncated_events_total Telemetry events with a label value that was cut.
# TYPE shop_slogtel_truncated_events_total counter
shop_slogtel_truncated_events_total 0
`)))
	problems, err := testutil.GatherAndLint(b.registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
	assert.Empty(t, b.errs)
	assert.Equal(t, prometheus.Stats{Metrics: 7, Series: 7, Skipped: 1}, b.handler.Stats())
}

func TestNativeHistogram(t *testing.T) {
	b := newBench(t, prometheus.Options{TimingBuckets: []float64{}})
	for i := range 1000 {
		b.Timing(t.Context(), "x", time.Duration(i)*time.Millisecond)
	}
	h := b.one("x_seconds").GetHistogram()
	assert.EqualValues(t, 1000, h.GetSampleCount())
	assert.Empty(t, h.GetBucket(), "classic buckets")
	assert.NotEmpty(t, h.GetPositiveSpan())
	assert.EqualValues(t, 3, h.GetSchema(), "a factor of at most 1.1")
}

func TestBucketsFor(t *testing.T) {
	b := newBench(t, prometheus.Options{BucketsFor: map[string][]float64{"x": {1, 2, math.Inf(1)}, "y": {5}}})
	b.Timing(t.Context(), "x", time.Second)
	b.Histogram(t.Context(), "y", 1)
	b.Histogram(t.Context(), "z", 1)
	assert.Len(t, b.one("x_seconds").GetHistogram().GetBucket(), 2)
	assert.Len(t, b.one("y").GetHistogram().GetBucket(), 1)
	assert.Len(t, b.one("z").GetHistogram().GetBucket(), 15)
}

func TestNegativeIncrement(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	b.Count(t.Context(), "n", 5)
	b.Count(t.Context(), "n", -1)
	b.Count(t.Context(), "n", math.MinInt64)
	assert.Equal(t, 5., b.one("n_total").GetCounter().GetValue())
	require.Len(t, b.errs, 1, "at most once a minute")
	assert.ErrorIs(t, b.errs[0], prometheus.ErrNegative)
	assert.ErrorContains(t, b.errs[0], `"n", increment -1`)
	st := b.handler.Stats()
	assert.EqualValues(t, 2, st.Negative)
	assert.Equal(t, b.errs[0], st.LastNegative)
}

func TestCounterStaysAtTheEnd(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	for range 5 {
		b.Count(t.Context(), "n", math.MaxInt64)
	}
	b.Count(t.Context(), "n", 1)
	assert.Equal(t, float64(math.MaxInt64), b.one("n_total").GetCounter().GetValue())
}

func TestWhatIsNoNumberIsSkipped(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	ctx := t.Context()
	for _, r := range []slog.Record{
		metricRecord("a", slogtel.TypePlain, slog.StringValue("1")),
		metricRecord("a", slogtel.TypePlain, slog.BoolValue(true)),
		metricRecord("a", slogtel.TypePlain, slog.AnyValue(nil)),
		metricRecord("a", slogtel.TypePlain, slog.GroupValue(slog.Int("n", 1))),
		metricRecord("a", slogtel.TypeGauge, slog.Float64Value(math.NaN())),
		metricRecord("a", slogtel.TypeHistogram, slog.Float64Value(math.Inf(-1))),
		metricRecord(strings.Repeat("a", 2049), slogtel.TypeGauge, slog.Float64Value(1)),
	} {
		assert.NoError(t, b.handler.Handle(ctx, r))
	}
	assert.Equal(t, prometheus.Stats{Skipped: 7}, b.handler.Stats())
	assert.Len(t, b.gather(), 5, "the handler's own")
}

func TestOrdinaryLogsAreIgnored(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	logger := slog.New(b.handler)
	logger.Info("hello", "scope", "a")
	logger.Error(slogtel.MessageMetric, "value", 1)
	assert.Equal(t, prometheus.Stats{}, b.handler.Stats())
	assert.True(t, b.handler.Enabled(t.Context(), slog.LevelDebug-100))
}

// What aggregation made of events is for other handlers; here it is counted, for the
// program and for the scrape.
func TestSummariesAreSkipped(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String(slogtel.KeyScope, "a"), slog.String(slogtel.KeyParentScope, ""), slog.String(slogtel.KeyMetricType, "timing"),
		slog.Float64("interval_s", 10), slog.Int64("count", 3), slog.Int64("errors", 1), slog.Float64("sum", 6), slog.Float64("min", 1),
		slog.Float64("max", 3), slog.Float64("mean", 2), slog.Float64("p50", 2), slog.Float64("p90", 3), slog.Float64("p95", 3), slog.Float64("p99", 3))
	require.True(t, slogtel.IsTelemetry(r))
	require.NoError(t, b.handler.Handle(t.Context(), r))
	assert.Equal(t, prometheus.Stats{Skipped: 1}, b.handler.Stats())
	for _, m := range b.gather()["slogtel_dropped_events_total"].GetMetric() {
		assert.Equal(t, labels(m)["reason"] == "skipped", m.GetCounter().GetValue() == 1)
	}
}

// Behind an Aggregate come the summaries and the events that failed, which they have
// counted: of that nothing becomes a metric. Beside it all is as without it.
func TestBehindAndBesideAnAggregate(t *testing.T) {
	behind, beside := newBench(t, prometheus.Options{}), newBench(t, prometheus.Options{})
	agg := aggregate.New(behind.handler, nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg, beside.handler)
	for i := range 10 {
		_, span := tel.Start(t.Context(), "call")
		if i%5 == 0 {
			span.Fail(errors.New("refused"))
		}
		span.End()
		tel.Count(t.Context(), "bytes", 3)
	}
	require.NoError(t, agg.Shutdown(t.Context()))
	assert.Equal(t, prometheus.Stats{Skipped: 2 + 2}, behind.handler.Stats(), "two that failed, and two summaries")
	assert.EqualValues(t, 10, beside.one("call_seconds").GetHistogram().GetSampleCount())
	assert.Equal(t, 2., beside.one("call_seconds_errors_total").GetCounter().GetValue())
	assert.Equal(t, 30., beside.one("bytes_total").GetCounter().GetValue())
	assert.Zero(t, beside.handler.Stats().Skipped)
}

// So it is with all types; what only looks like that is taken.
func TestInSummaryIsSkipped(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	for _, r := range benchRecords([]slog.Attr{slog.Bool(slogtel.KeyInSummary, true)}) {
		require.NoError(t, b.handler.Handle(t.Context(), r))
	}
	assert.Equal(t, prometheus.Stats{Skipped: 5}, b.handler.Stats())
	for _, v := range []slog.Value{slog.BoolValue(false), slog.StringValue("true"), slog.IntValue(1), slog.AnyValue(nil)} {
		require.NoError(t, b.handler.Handle(t.Context(), timingRecord("t", 1, slog.Attr{Key: slogtel.KeyInSummary, Value: v})))
	}
	assert.EqualValues(t, 4, b.one("t_seconds").GetHistogram().GetSampleCount())
	assert.EqualValues(t, 5, b.handler.Stats().Skipped)
}

func TestNegativeDurationIsZero(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	require.NoError(t, b.handler.Handle(t.Context(), timingRecord("a", -5)))
	assert.Zero(t, b.one("a_seconds").GetHistogram().GetSampleSum())
}

func TestFailedScopeCounts(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	_ = b.Time(t.Context(), "a", func(context.Context) error { return nil })
	assert.Zero(t, b.one("a_seconds_errors_total").GetCounter().GetValue(), "there from the first call on")
	_ = b.Time(t.Context(), "a", func(context.Context) error { return errors.New("no") })
	assert.Equal(t, 1., b.one("a_seconds_errors_total").GetCounter().GetValue())
	assert.EqualValues(t, 2, b.one("a_seconds").GetHistogram().GetSampleCount())
}

func TestNewRejects(t *testing.T) {
	for want, o := range map[string]prometheus.Options{
		"MaxSeries is negative":                {MaxSeries: -1},
		"NativeFactor is NaN":                  {NativeFactor: math.NaN()},
		"NativeFactor is 0.5":                  {NativeFactor: .5},
		"TimingBuckets[1] is 1":                {TimingBuckets: []float64{1, 1}},
		"HistogramBuckets[0] is NaN":           {HistogramBuckets: []float64{math.NaN()}},
		`BucketsFor["x"][1] is 0`:              {BucketsFor: map[string][]float64{"x": {1, 0}}},
		"TimingBuckets is empty":               {TimingBuckets: []float64{}, NativeFactor: 1},
		"LabelKeys[0] is empty":                {LabelKeys: []string{""}},
		`LabelKeys[0]: "value" is part of`:     {LabelKeys: []string{"value"}},
		`"a.b" and "a_b" both become`:          {LabelKeys: []string{"a.b", "a_b"}},
		`LabelKeys[0]: "scope" is part of`:     {LabelKeys: []string{"scope"}, ScopeLabel: true},
		"17 LabelKeys, more than 16":           {LabelKeys: strings.Split("abcdefghijklmnopq", "")},
		`"le" and "exported_le" both become`:   {LabelKeys: []string{"le", "exported_le"}},
		`"__x" and "____x" both become the la`: {LabelKeys: []string{"__x", "____x"}},
	} {
		h, err := prometheus.New(prom.NewRegistry(), &o)
		assert.Nil(t, h, want)
		assert.ErrorContains(t, err, want)
	}
}

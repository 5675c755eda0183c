package oteltel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A scraped holds what a reader of the SDK collects, by name.
type scraped map[string]metricdata.Metrics

func read(t *testing.T, r sdkmetric.Reader) scraped {
	t.Helper()
	var rm metricdata.ResourceMetrics
	require.NoError(t, r.Collect(t.Context(), &rm))
	m := scraped{}
	for _, s := range rm.ScopeMetrics {
		for _, x := range s.Metrics {
			if s.Scope.Name == "github.com/slogtel/telemetry" {
				m[x.Name] = x
			}
		}
	}
	return m
}

func (m scraped) sum(t *testing.T, name string) float64 {
	t.Helper()
	s, ok := m[name].Data.(metricdata.Sum[float64])
	require.True(t, ok, "%s is %T", name, m[name].Data)
	total := 0.0
	for _, p := range s.DataPoints {
		total += p.Value
	}
	return total
}

func (m scraped) gauge(t *testing.T, name string) float64 {
	t.Helper()
	g, ok := m[name].Data.(metricdata.Gauge[float64])
	require.True(t, ok, "%s is %T", name, m[name].Data)
	return g.DataPoints[0].Value
}

func (m scraped) histogram(t *testing.T, name string) metricdata.HistogramDataPoint[float64] {
	t.Helper()
	h, ok := m[name].Data.(metricdata.Histogram[float64])
	require.True(t, ok, "%s is %T", name, m[name].Data)
	return h.DataPoints[0]
}

func meters(options ...sdkmetric.Option) (*sdkmetric.ManualReader, *sdkmetric.MeterProvider) {
	r := sdkmetric.NewManualReader()
	return r, sdkmetric.NewMeterProvider(append(options, sdkmetric.WithReader(r))...)
}

func TestMetrics(t *testing.T) {
	r, provider := meters()
	h := oteltel.NewMetrics(provider, nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	ctx, plan := tel.Start(t.Context(), "plan")
	tel.Count(ctx, "tokens", 7)
	tel.CountFloat(ctx, "tokens", 0.5)
	tel.Gauge(ctx, "queue", 3)
	tel.Gauge(ctx, "queue", 2)
	tel.Histogram(ctx, "size", 10)
	tel.Metric(ctx, "ratio", 0.25)
	tel.Metric(ctx, "age", 2*time.Second)
	tel.Metric(ctx, "text", "none")
	tel.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD", Help: "What it cost."}).AddFloat(ctx, 0.25)
	tel.Timing(ctx, "measured", 1500*time.Millisecond)
	plan.Fail(errors.New("boom"))
	plan.End()
	_, plan = tel.Start(t.Context(), "plan")
	plan.End()
	require.NoError(t, tel.Shutdown(t.Context()))

	m := read(t, r)
	assert.InDelta(t, 7.5, m.sum(t, "plan.tokens"), 0)
	assert.InDelta(t, 2, m.gauge(t, "plan.queue"), 0)
	assert.InDelta(t, 10, m.histogram(t, "plan.size").Sum, 0)
	assert.InDelta(t, 0.25, m.gauge(t, "plan.ratio"), 0)
	assert.InDelta(t, 2, m.gauge(t, "plan.age"), 0)
	assert.Equal(t, "s", m["plan.age"].Unit)
	assert.InDelta(t, 0.25, m.sum(t, "cost"), 0)
	assert.Equal(t, "USD", m["cost"].Unit)
	assert.Equal(t, "What it cost.", m["cost"].Description)
	assert.Equal(t, "s", m["plan.duration"].Unit)
	assert.EqualValues(t, 2, m.histogram(t, "plan.duration").Count)
	assert.InDelta(t, 1, m.sum(t, "plan.errors"), 0)
	measured := m.histogram(t, "plan.measured.duration")
	assert.InDelta(t, 1.5, measured.Sum, 0)
	assert.Contains(t, measured.Bounds, 0.005, "seconds, not milliseconds")
	assert.True(t, m["plan.tokens"].Data.(metricdata.Sum[float64]).IsMonotonic)
	assert.NotContains(t, m, "plan.text")
	assert.Len(t, m, 9)
	assert.Equal(t, oteltel.MetricStats{Instruments: 9, Skipped: 1}, h.Stats())
}

// What is not listed stays in the app.
func TestMetricAttributes(t *testing.T) {
	r, provider := meters()
	h := oteltel.NewMetrics(provider, &oteltel.MetricOptions{Prefix: "shop.", AttributeKeys: []string{"model", "http.status", "error", "ok", "n"}})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h.WithAttrs([]slog.Attr{slog.String("model", "bound"), slog.String("secret", "x")}))
	tel.Count(t.Context(), "a", 1)
	tel.Count(t.Context(), "a", 2, slog.String("model", "own"), slog.Group("http", slog.Int("status", 200)), slog.Bool("ok", true), slog.Float64("n", 0.5), slog.String("id", "7"))
	tel.Count(t.Context(), "a", 4, slog.String("model", strings.Repeat("é", 200)))
	_, s := tel.Start(t.Context(), "job")
	s.Fail(errors.New("boom"))
	s.End()
	m := read(t, r)
	got := map[string]float64{}
	for _, p := range m["shop.a"].Data.(metricdata.Sum[float64]).DataPoints {
		got[p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
	}
	assert.Equal(t, map[string]float64{
		"model=bound": 1,
		"http.status=200,model=own,n=0.5,ok=true": 2,
		"model=" + strings.Repeat("é", 100):       4,
	}, got)
	p := m.histogram(t, "shop.job.duration")
	v, _ := p.Attributes.Value("error")
	assert.True(t, v.AsBool())
	assert.NotContains(t, m, "shop.job.errors")
	assert.EqualValues(t, 1, h.Stats().Truncated)

	grouped := h.WithGroup("http").WithAttrs([]slog.Attr{slog.Int("status", 404)})
	slogtel.New(&slogtel.Options{Mode: slogtel.On}, grouped).Count(t.Context(), "b", 1)
	v, _ = read(t, r)["shop.b"].Data.(metricdata.Sum[float64]).DataPoints[0].Attributes.Value("http.status")
	assert.EqualValues(t, 404, v.AsInt64())
}

func TestMetricKeysThatCannotBeListed(t *testing.T) {
	r, provider := meters()
	var errs []error
	h := oteltel.NewMetrics(provider, &oteltel.MetricOptions{AttributeKeys: []string{"", "scope", "model", "model"}, OnError: func(err error) { errs = append(errs, err) }})
	slogtel.New(&slogtel.Options{Mode: slogtel.On}, h).Count(t.Context(), "a", 1, slog.String("model", "m"))
	assert.Len(t, errs, 1)
	assert.Equal(t, 1, read(t, r)["a"].Data.(metricdata.Sum[float64]).DataPoints[0].Attributes.Len())
}

func TestExemplarsHaveTheScopesTrace(t *testing.T) {
	for name, o := range map[string]*slogtel.Options{"with": traced(), "without": {Mode: slogtel.On, TraceIDs: true}} {
		r, provider := meters()
		rec := slogteltest.NewRecorder(t)
		tel := slogtel.New(o, oteltel.NewMetrics(provider, nil), rec)
		ctx, s := tel.Start(t.Context(), "job")
		tel.Histogram(ctx, "size", 10)
		s.End()
		want := rec.Timings("job")[0]
		m := read(t, r)
		for _, metric := range []string{"job.size", "job.duration"} {
			p := m.histogram(t, metric)
			require.Len(t, p.Exemplars, 1, name)
			assert.Equal(t, want.TraceID, fmt.Sprintf("%x", p.Exemplars[0].TraceID))
			assert.Equal(t, want.SpanID, fmt.Sprintf("%x", p.Exemplars[0].SpanID))
		}
	}
}

func TestDeltaAndExponential(t *testing.T) {
	delta := func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.DeltaTemporality }
	r := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(delta),
		sdkmetric.WithAggregationSelector(func(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
			if k == sdkmetric.InstrumentKindHistogram {
				return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
			}
			return sdkmetric.DefaultAggregationSelector(k)
		}))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, oteltel.NewMetrics(sdkmetric.NewMeterProvider(sdkmetric.WithReader(r)), nil))
	for range 2 {
		tel.Count(t.Context(), "calls", 3)
		tel.Timing(t.Context(), "job", time.Second)
		m := read(t, r)
		assert.InDelta(t, 3, m.sum(t, "calls"), 0, "since the last time")
		h, ok := m["job.duration"].Data.(metricdata.ExponentialHistogram[float64])
		require.True(t, ok, "%T", m["job.duration"].Data)
		assert.EqualValues(t, 1, h.DataPoints[0].Count)
	}
}

func TestMetricsThatAreLostAreCounted(t *testing.T) {
	r, provider := meters()
	var errs []error
	h := oteltel.NewMetrics(provider, &oteltel.MetricOptions{MaxInstruments: 4, OnError: func(err error) { errs = append(errs, err) }})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	tel.Count(t.Context(), "a", 1)
	for range 2 {
		tel.Gauge(t.Context(), "a", 1)
	}
	tel.Count(t.Context(), "a b", 1)
	tel.Count(t.Context(), "A_b", 1)
	tel.Count(t.Context(), "c", 1)
	tel.Count(t.Context(), "a", -1)
	assert.Equal(t, oteltel.MetricStats{Instruments: 4, Clashed: 3, Overflowed: 1, Negative: 1}, h.Stats())
	require.Len(t, errs, 2, "of each kind the first")
	assert.ErrorIs(t, errs[0], oteltel.ErrClash)
	assert.ErrorIs(t, errs[1], oteltel.ErrOverflow)
	m := read(t, r)
	assert.InDelta(t, 1, m.sum(t, "a"), 0)
	assert.InDelta(t, 1, m.sum(t, "a_b"), 0)
	assert.Len(t, m, 2)
}

func TestSampledMetricsHaveTheirWeight(t *testing.T) {
	r, provider := meters()
	h := oteltel.NewMetrics(provider, nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sample.New(&sample.Options{Rate: 0.5}).Middleware(h))
	const n = 20_000
	for range n {
		tel.Count(t.Context(), "calls", 1)
		tel.Timing(t.Context(), "job", time.Second)
	}
	m := read(t, r)
	assert.InDelta(t, n, m.sum(t, "calls"), n/10, "seven standard deviations and more")
	assert.InDelta(t, n, float64(m.histogram(t, "job.duration").Count), n/10)
}

// Behind an aggregate.Handler nothing is counted twice.
func TestSummariesAreSkipped(t *testing.T) {
	r, provider := meters()
	h := oteltel.NewMetrics(provider, nil)
	agg := aggregate.New(h, nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg)
	_, s := tel.Start(t.Context(), "job")
	s.Fail(errors.New("boom"))
	s.End()
	require.NoError(t, tel.Shutdown(t.Context()))
	assert.Empty(t, read(t, r))
	assert.EqualValues(t, 2, h.Stats().Skipped, "the failure and the summary")
}

// The sums are those of the memory reporter, and what is missing is counted.
func TestSumsAreConserved(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	r, provider := meters(sdkmetric.WithCardinalityLimit(50))
	h, mem := oteltel.NewMetrics(provider, &oteltel.MetricOptions{AttributeKeys: []string{"k"}, MaxInstruments: 20, OnError: func(error) {}}), memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h, mem)
	names := make([]string, 30)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range n / 4 {
				tel.Count(t.Context(), names[i%len(names)], int64(i%7), slog.Int("k", i%100+g))
			}
		})
	}
	wg.Wait()
	m := read(t, r)
	total, inMemory := 0.0, 0.0
	for name := range m {
		total += m.sum(t, name)
	}
	for _, c := range mem.Snapshot().Counters {
		if _, ok := m[c.Scope]; ok {
			assert.InDelta(t, c.Sum, m.sum(t, c.Scope), 0, c.Scope)
		}
		inMemory += float64(c.Sum)
	}
	st := h.Stats()
	assert.Len(t, m, 20)
	assert.Positive(t, st.Overflowed)
	assert.Less(t, total, inMemory)
	assert.Zero(t, math.Mod(total, 1))
	assert.EqualValues(t, n/4/len(names)*4*10, st.Overflowed, "of ten names in thirty")
}

func TestMetricNames(t *testing.T) {
	r, provider := meters()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, oteltel.NewMetrics(provider, nil))
	for _, name := range []string{"1st", "grüße", "a b", strings.Repeat("x", 300), "A-b/c.d"} {
		tel.Count(t.Context(), name, 1)
	}
	m := read(t, r)
	for _, want := range []string{"x1st", "gr__e", "a_b", strings.Repeat("x", 255), "A-b/c.d"} {
		assert.Contains(t, m, want)
	}
}

// What the app's own instruments send stays apart.
func TestTheAppsOwnInstruments(t *testing.T) {
	r, provider := meters()
	own, err := provider.Meter("app").Int64Counter("calls", metric.WithUnit("1"))
	require.NoError(t, err)
	own.Add(t.Context(), 5)
	slogtel.New(&slogtel.Options{Mode: slogtel.On}, oteltel.NewMetrics(provider, nil)).Count(t.Context(), "calls", 1)
	assert.InDelta(t, 1, read(t, r).sum(t, "calls"), 0)
}

func TestMetricsContract(t *testing.T) {
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		_, provider := meters()
		return oteltel.NewMetrics(provider, &oteltel.MetricOptions{AttributeKeys: []string{"a", "g.b"}, OnError: func(error) {}})
	}, nil)
	var nothing slog.Record
	global := oteltel.NewMetrics(nil, nil)
	assert.NoError(t, global.Handle(context.Background(), nothing))
	assert.NoError(t, global.Shutdown(context.Background()))
}

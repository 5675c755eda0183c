package prometheus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

func TestOneNameOneType(t *testing.T) {
	for name, c := range map[string]struct {
		first, second slog.Record
		why           string
	}{
		"two types": {
			metricRecord("a.n", slogtel.TypeGauge, slog.Float64Value(1)), metricRecord("a.n", slogtel.TypeHistogram, slog.Float64Value(1)),
			`histogram "a.n": metric clashes with another one: a_n belongs to gauge "a.n"`},
		"gauge and counter": { // one family in OpenMetrics
			metricRecord("a.n", slogtel.TypeGauge, slog.Float64Value(1)), metricRecord("a.n", slogtel.TypeCounter, slog.Int64Value(1)),
			`counter "a.n": metric clashes with another one: a_n belongs to gauge "a.n"`},
		"counter and gauge": {
			metricRecord("a.n", slogtel.TypeCounter, slog.Int64Value(1)), metricRecord("a.n", slogtel.TypePlain, slog.IntValue(1)),
			`gauge "a.n": metric clashes with another one: a_n_total belongs to counter "a.n"`},
		"two paths": {
			timingRecord("a.b_c", 1), timingRecord("a.b.c", 1),
			`timing "a.b.c": metric clashes with another one: a_b_c_seconds belongs to timing "a.b_c"`},
		"unit in the path": {
			timingRecord("a", 1), timingRecord("a.seconds", 1),
			`a_seconds belongs to timing "a"`},
		"duration and timing": {
			metricRecord("a", slogtel.TypePlain, slog.DurationValue(1)), timingRecord("a", 1),
			`a_seconds belongs to gauge of a duration "a"`},
		"errors of a timing": {
			timingRecord("a", 1), metricRecord("a.seconds.errors", slogtel.TypeCounter, slog.Int64Value(1)),
			`a_seconds_errors_total belongs to timing "a"`},
		"errors of a timing, later": {
			metricRecord("a.seconds.errors", slogtel.TypeCounter, slog.Int64Value(1)), timingRecord("a", 1),
			`a_seconds_errors_total belongs to counter "a.seconds.errors"`},
		"gauge and errors of a timing": { // one family in OpenMetrics
			metricRecord("a.seconds.errors", slogtel.TypeGauge, slog.Float64Value(1)), timingRecord("a", 1),
			`a_seconds_errors belongs to gauge "a.seconds.errors"`},
		"errors of a timing and gauge": {
			timingRecord("a", 1), metricRecord("a.seconds.errors", slogtel.TypeGauge, slog.Float64Value(1)),
			`a_seconds_errors_total belongs to timing "a"`},
		"the handler's own": {
			timingRecord("a", 1), metricRecord("slogtel.series", slogtel.TypeGauge, slog.Float64Value(1)), `slogtel_series`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, prometheus.Options{})
			require.NoError(t, b.handler.Handle(t.Context(), c.first))
			before := len(b.gather())
			for range 3 {
				assert.NoError(t, b.handler.Handle(t.Context(), c.second))
				require.NoError(t, b.handler.Handle(t.Context(), c.first))
			}
			assert.Len(t, b.gather(), before)
			st := b.handler.Stats()
			assert.EqualValues(t, 3, st.Clashed)
			assert.Equal(t, 1, st.Metrics)
			require.Len(t, b.errs, 1)
			assert.ErrorIs(t, b.errs[0], prometheus.ErrClash)
			assert.ErrorContains(t, b.errs[0], c.why)
			dropped := b.gather()["slogtel_dropped_events_total"].GetMetric()
			assert.Equal(t, map[string]string{"reason": "clash"}, labels(dropped[0]))
			assert.Equal(t, 3., dropped[0].GetCounter().GetValue())
		})
	}
}

func TestScopeLabelTellsPathsApart(t *testing.T) {
	b := newBench(t, prometheus.Options{ScopeLabel: true, LabelKeys: []string{"model"}})
	b.Timing(t.Context(), "a.b_c", 1, slog.String("model", "m"))
	b.Timing(t.Context(), "a.b.c", 1)
	b.Gauge(t.Context(), "a.b", 1)
	b.Gauge(t.Context(), "a.\xff", 1)
	found := b.gather()
	timings := found["a_b_c_seconds"].GetMetric()
	require.Len(t, timings, 2)
	assert.Equal(t, map[string]string{"scope": "a.b.c", "model": ""}, labels(timings[0]))
	assert.Equal(t, map[string]string{"scope": "a.b_c", "model": "m"}, labels(timings[1]))
	assert.Equal(t, map[string]string{"scope": "a.\uFFFD", "model": ""}, labels(found["a__"].GetMetric()[0]))
	assert.Empty(t, b.errs)
}

// What others have in the same registry stays as it is, and the scrape whole.
func TestClashWithTheAppsOwn(t *testing.T) {
	for name, c := range map[string]prom.Collector{
		"same name":          prom.NewGauge(prom.GaugeOpts{Name: "a_seconds", Help: "the app's"}),
		"with labels":        prom.NewCounterVec(prom.CounterOpts{Name: "a_seconds", Help: "the app's"}, []string{"x"}),
		"count of histogram": prom.NewGauge(prom.GaugeOpts{Name: "a_seconds_count", Help: "the app's"}),
		"sum of histogram":   prom.NewGauge(prom.GaugeOpts{Name: "a_seconds_sum", Help: "the app's"}),
		"bucket":             prom.NewGauge(prom.GaugeOpts{Name: "a_seconds_bucket", Help: "the app's"}),
		"errors":             prom.NewCounter(prom.CounterOpts{Name: "a_seconds_errors_total", Help: "the app's"}),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, prometheus.Options{})
			require.NoError(t, b.registry.Register(c))
			before := len(b.gather())
			b.Timing(t.Context(), "a", 1)
			b.Timing(t.Context(), "a", 1)
			assert.Len(t, b.gather(), before)
			assert.EqualValues(t, 2, b.handler.Stats().Clashed)
			require.Len(t, b.errs, 1)
			assert.ErrorIs(t, b.errs[0], prometheus.ErrClash)
		})
		t.Run(name+", later", func(t *testing.T) {
			b := newBench(t, prometheus.Options{})
			b.Timing(t.Context(), "a", 1)
			assert.Error(t, b.registry.Register(c))
			b.Timing(t.Context(), "a", 1)
			assert.EqualValues(t, 2, b.one("a_seconds").GetHistogram().GetSampleCount())
		})
	}
}

// No metric of ours is taken for a part of somebody's histogram or summary.
func TestReservedSuffixes(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	b.registry.MustRegister(
		prom.NewHistogram(prom.HistogramOpts{Name: "a", Help: "the app's"}),
		prom.NewSummary(prom.SummaryOpts{Name: "b", Help: "the app's"}))
	ctx := t.Context()
	for _, path := range []string{"a.count", "a.sum", "a.bucket", "b.count", "b.sum", "c.total"} {
		b.Gauge(ctx, path, 1)
		b.Count(ctx, path+"x", 1)
		b.Timing(ctx, path, 1)
		b.Histogram(ctx, "d."+path, 1)
	}
	found := b.gather()
	for _, name := range []string{"a_count_value", "b_sum_value", "c_total_value", "d_a_bucket_value", "a_sum_seconds", "a_countx_total"} {
		assert.Contains(t, found, name)
	}
	assert.Zero(t, b.handler.Stats().Clashed)
}

func TestWrappedRegisterer(t *testing.T) {
	registry := prom.NewPedanticRegistry()
	wrapped := prom.WrapRegistererWith(prom.Labels{"zone": "eu"}, prom.WrapRegistererWithPrefix("pre_", registry))
	// A label that the registerer adds itself cannot be ours as well.
	for _, opts := range []prometheus.Options{{LabelKeys: []string{"model", "zone"}}, {LabelKeys: []string{"zone"}, UTF8Names: true}} {
		_, err := prometheus.New(wrapped, &opts)
		require.ErrorContains(t, err, "zone")
	}
	_, err := prometheus.New(prom.WrapRegistererWith(prom.Labels{"scope": "x"}, registry), &prometheus.Options{ScopeLabel: true})
	require.ErrorContains(t, err, "scope")
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Empty(t, families)

	h, err := prometheus.New(wrapped, &prometheus.Options{Namespace: "x", LabelKeys: []string{"model"}})
	require.NoError(t, err)
	require.NoError(t, h.Handle(t.Context(), timingRecord("a", 1)))
	b := &bench{t: t, registry: registry}
	assert.Equal(t, map[string]string{"zone": "eu", "model": ""}, labels(b.one("pre_x_a_seconds")))
}

type badRegisterer struct{ prom.Registerer }

func (badRegisterer) Register(c prom.Collector) error {
	ch := make(chan *prom.Desc, 100)
	c.Describe(ch)
	if len(ch) == 6 { // of the handler itself
		return nil
	}
	panic("oh")
}

func TestRegistererPanics(t *testing.T) {
	var errs []error
	h, err := prometheus.New(badRegisterer{prom.NewRegistry()}, &prometheus.Options{OnError: func(err error) {
		errs = append(errs, err)
		panic("so does OnError")
	}})
	require.NoError(t, err)
	require.NoError(t, h.Handle(t.Context(), metricRecord("a", slogtel.TypeGauge, slog.Float64Value(1))))
	require.Len(t, errs, 1)
	assert.ErrorContains(t, errs[0], "the registerer panicked: oh")
	assert.EqualValues(t, 1, h.Stats().Clashed)
}

// A Registerer that is itself watched by telemetry.
type watchedRegisterer struct {
	prom.Registerer
	handler slog.Handler
}

func (w *watchedRegisterer) Register(c prom.Collector) error {
	if w.handler != nil {
		_ = w.handler.Handle(context.Background(), timingRecord("register", 1))
	}
	return w.Registerer.Register(c)
}

func TestRegistererReportsToTheHandler(t *testing.T) {
	registry := prom.NewPedanticRegistry()
	w := &watchedRegisterer{Registerer: registry}
	h, err := prometheus.New(w, nil)
	require.NoError(t, err)
	w.handler = h
	require.NoError(t, h.Handle(t.Context(), timingRecord("a", 1)))
	b := &bench{t: t, registry: registry}
	assert.EqualValues(t, 2, b.one("register_seconds").GetHistogram().GetSampleCount())
	assert.EqualValues(t, 1, b.one("a_seconds").GetHistogram().GetSampleCount())
}

func TestTwoHandlers(t *testing.T) {
	registry := prom.NewPedanticRegistry()
	first, err := prometheus.New(registry, nil)
	require.NoError(t, err)
	_, err = prometheus.New(registry, nil)
	var already prom.AlreadyRegisteredError
	require.ErrorAs(t, err, &already)
	_, err = prometheus.New(registry, &prometheus.Options{Namespace: "other"})
	require.NoError(t, err)

	require.NoError(t, first.Handle(t.Context(), timingRecord("a", 1)))
	h := first
	h.Unregister()
	h.Unregister()
	require.NoError(t, first.Handle(t.Context(), timingRecord("a", 1)))
	assert.EqualValues(t, 1, h.Stats().Unregistered)
	b := &bench{t: t, registry: registry}
	assert.Len(t, b.gather(), 5, "the other handler's")

	again, err := prometheus.New(registry, nil)
	require.NoError(t, err)
	require.NoError(t, again.Handle(t.Context(), timingRecord("a", 1)))
	assert.EqualValues(t, 1, b.one("a_seconds").GetHistogram().GetSampleCount(), "begins anew")
	assert.Zero(t, again.Stats().Clashed)
}

func TestNilRegisterer(t *testing.T) {
	old := prom.DefaultRegisterer
	defer func() { prom.DefaultRegisterer = old }()
	registry := prom.NewPedanticRegistry()
	prom.DefaultRegisterer = registry
	h, err := prometheus.New(nil, nil)
	require.NoError(t, err)
	require.NoError(t, h.Handle(t.Context(), timingRecord("a", 1)))
	b := &bench{t: t, registry: registry}
	assert.EqualValues(t, 1, b.one("a_seconds").GetHistogram().GetSampleCount())
}

func TestMaxSeries(t *testing.T) {
	b := newBench(t, prometheus.Options{MaxSeries: 3, LabelKeys: []string{"id"}})
	for i := range 10 {
		b.Count(t.Context(), "n", 1, slog.Int("id", i))
	}
	b.Count(t.Context(), "n", 1, slog.Int("id", 0))
	b.Timing(t.Context(), "t", 1)
	st := b.handler.Stats()
	assert.EqualValues(t, 8, st.Overflowed)
	assert.Equal(t, 3, st.Series)
	require.Len(t, b.errs, 1)
	assert.ErrorIs(t, b.errs[0], prometheus.ErrOverflow)
	found := b.gather()
	assert.Len(t, found["n_total"].GetMetric(), 3)
	assert.NotContains(t, found, "t_seconds")
}

func TestReportsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, prometheus.Options{MaxSeries: 1})
		b.Count(t.Context(), "n", -1)
		b.Count(t.Context(), "n", -2)
		b.Count(t.Context(), "n", -3)
		b.Gauge(t.Context(), "a", 1)
		b.Gauge(t.Context(), "b", 1)
		require.Len(t, b.errs, 2, "one of each problem")
		time.Sleep(time.Minute + time.Second)
		b.Count(t.Context(), "n", -4)
		require.Len(t, b.errs, 3)
		assert.EqualError(t, b.errs[2], `prometheus: counter "n", increment -4: counter cannot decrease (and 2 more since the last report)`)
		assert.ErrorIs(t, b.errs[2], prometheus.ErrNegative)
	})
}

func TestErrorsAreLoggedByDefault(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	var got []string
	slog.SetDefault(slog.New(logFunc(func(r slog.Record) {
		r.Attrs(func(a slog.Attr) bool { got = append(got, fmt.Sprint(r.Message, ": ", a)); return true })
	})))
	h, err := prometheus.New(prom.NewRegistry(), nil)
	require.NoError(t, err)
	require.NoError(t, h.Handle(t.Context(), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(-1))))
	assert.Equal(t, []string{`telemetry error: error=prometheus: counter "n", increment -1: counter cannot decrease`}, got)
	assert.True(t, errors.Is(h.Stats().LastNegative, prometheus.ErrNegative))
}

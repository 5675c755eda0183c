package prometheus_test

import (
	"log/slog"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// A bench is a telemetry that reports to a handler of a pedantic registry.
type bench struct {
	*slogtel.Telemetry
	t        testing.TB
	registry *prom.Registry
	handler  *prometheus.Handler
	errs     []error
}

func newBench(t testing.TB, opts prometheus.Options) *bench {
	t.Helper()
	b := &bench{t: t, registry: prom.NewPedanticRegistry()}
	if opts.OnError == nil {
		opts.OnError = func(err error) { b.errs = append(b.errs, err) }
	}
	h, err := prometheus.New(b.registry, &opts)
	require.NoError(t, err)
	b.handler = h
	b.Telemetry = slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	return b
}

// gather returns what a scrape finds, by name, without the handler's own metrics.
func (b *bench) gather() map[string]*dto.MetricFamily {
	b.t.Helper()
	all, err := b.registry.Gather()
	require.NoError(b.t, err)
	found := make(map[string]*dto.MetricFamily)
	for _, f := range all {
		found[f.GetName()] = f
	}
	return found
}

// one returns the only series of a metric.
func (b *bench) one(name string) *dto.Metric {
	b.t.Helper()
	f := b.gather()[name]
	require.NotNil(b.t, f, name)
	require.Len(b.t, f.GetMetric(), 1, name)
	return f.GetMetric()[0]
}

func labels(m *dto.Metric) map[string]string {
	all := make(map[string]string)
	for _, l := range m.GetLabel() {
		all[l.GetName()] = l.GetValue()
	}
	return all
}

func metricRecord(path string, typ slogtel.MetricType, v slog.Value, more ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageMetric, 0)
	r.AddAttrs(slog.String(slogtel.KeyScope, path), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""))
	if typ != slogtel.TypePlain {
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, typ))
	}
	r.AddAttrs(slog.Attr{Key: slogtel.KeyValue, Value: v})
	r.AddAttrs(more...)
	return r
}

func timingRecord(path string, seconds float64, more ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageTiming, 0)
	r.AddAttrs(slog.String(slogtel.KeyScope, path), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""),
		slog.Any(slogtel.KeyMetricType, slogtel.TypeTiming), slog.Int(slogtel.KeyCallCount, 1),
		slog.Float64(slogtel.KeyDuration, seconds), slog.Float64(slogtel.KeyStartMonotonic, 1), slog.Float64(slogtel.KeyEndMonotonic, 1+seconds),
		slog.Float64(slogtel.KeyStartWall, 1), slog.Float64(slogtel.KeyEndWall, 1+seconds))
	r.AddAttrs(more...)
	return r
}

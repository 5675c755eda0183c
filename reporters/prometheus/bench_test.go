package prometheus_test

import (
	"log/slog"
	"testing"

	prom "github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

func benchRecords(attrs []slog.Attr) map[string]slog.Record {
	return map[string]slog.Record{
		"timing":    timingRecord("pipeline.plan", .25, attrs...),
		"counter":   metricRecord("pipeline.plan.tokens", slogtel.TypeCounter, slog.Int64Value(3), attrs...),
		"gauge":     metricRecord("pipeline.plan.queue", slogtel.TypeGauge, slog.Float64Value(3), attrs...),
		"histogram": metricRecord("pipeline.plan.size", slogtel.TypeHistogram, slog.Float64Value(3), attrs...),
		"plain":     metricRecord("pipeline.plan.ratio", slogtel.TypePlain, slog.Float64Value(3), attrs...),
	}
}

func BenchmarkHandle(b *testing.B) {
	tagged := []slog.Attr{slog.String("model", "m"), slog.Int("status", 200)}
	for _, c := range []struct {
		name  string
		keys  []string
		attrs []slog.Attr
	}{
		{"no_labels", nil, nil},
		{"two_labels", []string{"model", "status"}, tagged},
		{"trace_ids", nil, []slog.Attr{slog.String("trace_id", traceA), slog.String("span_id", spanA)}},
	} {
		for _, name := range []string{"timing", "counter", "gauge"} {
			r := benchRecords(c.attrs)[name]
			b.Run(name+"/"+c.name, func(b *testing.B) {
				h := newBench(b, prometheus.Options{LabelKeys: c.keys}).handler
				b.ReportAllocs()
				for b.Loop() {
					_ = h.Handle(b.Context(), r)
				}
			})
		}
	}
}

// BenchmarkClient is what client_golang takes by itself.
func BenchmarkClient(b *testing.B) {
	b.Run("timing/classic_and_native", func(b *testing.B) {
		h := prom.NewHistogram(prom.HistogramOpts{Name: "x", NativeHistogramBucketFactor: 1.1, Buckets: prom.DefBuckets})
		b.ReportAllocs()
		for b.Loop() {
			h.Observe(.25)
		}
	})
	b.Run("counter/two_labels", func(b *testing.B) {
		v := prom.NewCounterVec(prom.CounterOpts{Name: "x"}, []string{"model", "status"})
		b.ReportAllocs()
		for b.Loop() {
			v.WithLabelValues("m", "200").Add(3)
		}
	})
}

package bench

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// A timing of one series is added up in the process: ours takes a record made beforehand, the peer
// a bare call.
func BenchmarkAddUp(b *testing.B) {
	r, ctx := timingRecord(), context.Background()
	mem := memory.New(nil)
	b.Run("slogtel", func(b *testing.B) { parallel(b, func() { _ = mem.Handle(ctx, r) }) })
	b.Run("aggregate", func(b *testing.B) {
		agg := aggregate.New(discard{}, nil)
		b.Cleanup(func() { _ = agg.Shutdown(ctx) })
		parallel(b, func() { _ = agg.Handle(ctx, r) })
	})
	b.Run("prometheus histogram", func(b *testing.B) {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bench_seconds", Buckets: prometheus.DefBuckets})
		parallel(b, func() { h.Observe(0.001234567) })
	})
	b.Run("prometheus native histogram", func(b *testing.B) {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bench_seconds", NativeHistogramBucketFactor: 1.02})
		parallel(b, func() { h.Observe(0.001234567) })
	})
	b.Run("prometheus summary", func(b *testing.B) {
		s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "bench_seconds", Objectives: map[float64]float64{0.5: 0.01, 0.99: 0.01}})
		parallel(b, func() { s.Observe(0.001234567) })
	})
}

// A whole scope to each kind of reporter, against one to a handler that does nothing.
func BenchmarkSpanTo(b *testing.B) {
	ctx := context.Background()
	agg := aggregate.New(discard{}, nil)
	b.Cleanup(func() { _ = agg.Shutdown(ctx) })
	for _, bc := range []struct {
		name string
		h    slog.Handler
	}{
		{"slogtel", discard{}},
		{"memory", memory.New(nil)},
		{"aggregate", agg},
		{"live", live.New(nil)},
		{"statsd", statsdHandler(b)},
		{"json to nowhere", slogjson.New(io.Discard, nil)},
	} {
		b.Run(bc.name, func(b *testing.B) {
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, bc.h)
			parallel(b, func() {
				_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
				span.End()
			})
		})
	}
}

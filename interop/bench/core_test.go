package bench

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

type discard = testkit.Discard

// dropSpans is a span processor that does nothing.
type dropSpans struct{}

func (dropSpans) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropSpans) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropSpans) Shutdown(context.Context) error                  { return nil }
func (dropSpans) ForceFlush(context.Context) error                { return nil }

// parallel measures op, called on as many goroutines as there are processors: with -cpu 1,2 a
// benchmark tells what a call takes and how it scales.
func parallel(b *testing.B, op func()) {
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			op()
		}
	})
}

func on() *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{})
}

func sdkTracer() trace.Tracer {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropSpans{})).Tracer("bench")
}

// Telemetry off: Start and End.
func BenchmarkOff(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.Disabled()
		parallel(b, func() {
			_, span := tel.Start(ctx, "bench")
			span.End()
		})
	})
	b.Run("otel no-op", func(b *testing.B) {
		tracer := noop.NewTracerProvider().Tracer("bench")
		parallel(b, func() {
			_, span := tracer.Start(ctx, "bench")
			span.End()
		})
	})
}

// Telemetry off: Start with two attributes, a count, a gauge, End.
func BenchmarkOffWithAttributes(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.Disabled()
		parallel(b, func() {
			ctx, span := tel.Start(ctx, "bench", slog.String("model", "m"), slog.Int("n", 1))
			tel.Count(ctx, "calls", 1, slog.String("model", "m"))
			tel.Gauge(ctx, "load", 0.5)
			span.End()
		})
	})
	b.Run("otel no-op", func(b *testing.B) {
		tracer := noop.NewTracerProvider().Tracer("bench")
		meter := metricnoop.NewMeterProvider().Meter("bench")
		calls, _ := meter.Int64Counter("calls")
		load, _ := meter.Float64Gauge("load")
		parallel(b, func() {
			ctx, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m"), attribute.Int("n", 1)))
			calls.Add(ctx, 1, metric.WithAttributes(attribute.String("model", "m")))
			load.Record(ctx, 0.5)
			span.End()
		})
	})
}

// Telemetry on: Start with one attribute and End, to a handler that discards.
func BenchmarkSpan(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := on()
		parallel(b, func() {
			_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
			span.End()
		})
	})
	b.Run("otel SDK", func(b *testing.B) {
		tracer := sdkTracer()
		parallel(b, func() {
			_, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m")))
			span.End()
		})
	})
}

// keeps is a handler that may use a record after Handle has returned: it has no say in it.
type keeps struct{ slog.Handler }

// The same, to a handler that may retain records.
func BenchmarkSpanRetained(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, keeps{discard{}})
		parallel(b, func() {
			_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
			span.End()
		})
	})
	b.Run("otel SDK", func(b *testing.B) {
		tracer := sdkTracer()
		parallel(b, func() {
			_, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m")))
			span.End()
		})
	})
}

// The same inside 32 other scopes, against inside one.
func BenchmarkDepth(b *testing.B) {
	for _, bc := range []struct {
		name  string
		depth int
	}{{"slogtel", 32}, {"slogtel at depth 1", 1}} {
		b.Run(bc.name, func(b *testing.B) {
			tel, ctx := on(), context.Background()
			for range bc.depth {
				ctx, _ = tel.Start(ctx, "level")
			}
			parallel(b, func() {
				_, span := tel.Start(ctx, "leaf", slog.String("model", "m"))
				span.End()
			})
		})
	}
}

// Count with one attribute, to a handler that discards.
func BenchmarkCount(b *testing.B) {
	b.Run("slogtel", func(b *testing.B) {
		tel := on()
		ctx, _ := tel.Start(context.Background(), "bench")
		parallel(b, func() {
			tel.Count(ctx, "calls", 1, slog.String("model", "m"))
		})
	})
	b.Run("slog.Logger", func(b *testing.B) {
		log := slog.New(discard{})
		ctx := context.Background()
		parallel(b, func() {
			log.LogAttrs(ctx, slog.LevelInfo, "telemetry.metric", slog.String("scope", "bench.calls"), slog.Int("depth", 1),
				slog.String("parent_scope", "bench"), slog.String("metric_type", "counter"), slog.Int("value", 1), slog.String("model", "m"))
		})
	})
}

// A scope on each core, in paths of their own.
func BenchmarkSpanOwnPath(b *testing.B) {
	paths := []string{"one", "two", "three", "four"}
	var next atomic.Uint32
	b.Run("slogtel", func(b *testing.B) {
		tel := on()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			ctx, name := context.Background(), paths[next.Add(1)%4]
			for pb.Next() {
				_, span := tel.Start(ctx, name, slog.String("model", "m"))
				span.End()
			}
		})
	})
	b.Run("otel SDK", func(b *testing.B) {
		tracer := sdkTracer()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			ctx, name := context.Background(), paths[next.Add(1)%4]
			for pb.Next() {
				_, span := tracer.Start(ctx, name, trace.WithAttributes(attribute.String("model", "m")))
				span.End()
			}
		})
	})
}

package bench

import (
	"context"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/slogtel/telemetry/slogtel"
)

type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return true }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }

// dropSpans is a span processor that does nothing.
type dropSpans struct{}

func (dropSpans) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropSpans) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropSpans) Shutdown(context.Context) error                  { return nil }
func (dropSpans) ForceFlush(context.Context) error                { return nil }

func BenchmarkOff(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.Disabled()
		b.ReportAllocs()
		for b.Loop() {
			_, span := tel.Start(ctx, "bench")
			span.End()
		}
	})
	b.Run("otel", func(b *testing.B) {
		tracer := noop.NewTracerProvider().Tracer("bench")
		b.ReportAllocs()
		for b.Loop() {
			_, span := tracer.Start(ctx, "bench")
			span.End()
		}
	})
}

func BenchmarkOn(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{})
		b.ReportAllocs()
		for b.Loop() {
			_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
			span.End()
		}
	})
	b.Run("otel", func(b *testing.B) {
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropSpans{})).Tracer("bench")
		b.ReportAllocs()
		for b.Loop() {
			_, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m")))
			span.End()
		}
	})
}

package bench

import (
	"context"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// nowhere takes spans and forgets them.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                             { return nil }

// A scope that becomes a span, and a span of the SDK, each with one attribute and inside
// another one, to the SDK's batch processor.
func BenchmarkSpanToBatch(b *testing.B) {
	b.Run("slogtel", func(b *testing.B) {
		spanOfScope(b, &slogtel.Options{Mode: slogtel.On, TraceIDs: true})
	})
	b.Run("slogtel both ways", func(b *testing.B) {
		spanOfScope(b, &slogtel.Options{Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent, WithContext: oteltel.WithContext})
	})
	b.Run("OTel SDK", func(b *testing.B) {
		processor := sdktrace.NewBatchSpanProcessor(nowhere{})
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))
		defer func() { _ = provider.Shutdown(context.Background()) }()
		tracer := provider.Tracer("bench")
		ctx, outer := tracer.Start(context.Background(), "outer")
		defer outer.End()
		b.ReportAllocs()
		for b.Loop() {
			_, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m")))
			span.End()
		}
	})
}

func spanOfScope(b *testing.B, o *slogtel.Options) {
	processor := sdktrace.NewBatchSpanProcessor(nowhere{})
	defer func() { _ = processor.Shutdown(context.Background()) }()
	tel := slogtel.New(o, oteltel.NewSpans(processor, nil))
	ctx, outer := tel.Start(context.Background(), "outer")
	defer outer.End()
	b.ReportAllocs()
	for b.Loop() {
		_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
		span.End()
	}
}

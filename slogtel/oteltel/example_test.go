package oteltel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// printer is an exporter that prints the names of spans, those of their kinds, and what failed.
type printer struct{}

func (printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		fmt.Printf("%s, %s, %q\n", s.Name(), s.SpanKind(), s.Status().Description)
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

func ExampleNewSpans() {
	ctx := context.Background()
	batch := oteltel.NewBatch(printer{}) // in a program it is an exporter of OTLP
	defer batch.Shutdown(ctx)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(batch)) // of what the app has of OpenTelemetry
	tel := slogtel.New(&slogtel.Options{
		Mode:        slogtel.On,
		TraceIDs:    true,
		TraceParent: oteltel.TraceParent,
		WithContext: oteltel.WithContext,
	}, oteltel.NewSpans(batch, nil))

	_ = tel.Time(ctx, "order", func(ctx context.Context) error {
		_, query := provider.Tracer("app").Start(ctx, "SELECT orders") // a child of the scope
		query.End()
		return errors.New("no address")
	}, slog.Int("id", 42))
	_ = tel.Shutdown(ctx)
	// Output:
	// SELECT orders, internal, ""
	// order, internal, "no address"
}

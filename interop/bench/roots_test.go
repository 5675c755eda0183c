package bench

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
)

// A trace of five scopes, of which one in a hundred is written.
func BenchmarkTailsample(b *testing.B) {
	benchTrace(b, func(lines slog.Handler) slog.Handler {
		return tailsample.New(lines, &tailsample.Options{Rate: 0.01})
	})
}

// A trace of five scopes, of which one line is written.
func BenchmarkWide(b *testing.B) {
	benchTrace(b, func(lines slog.Handler) slog.Handler { return wide.New(lines, nil) })
}

// benchTrace measures a handler in front of JSON lines, the lines alone, and OpenTelemetry's SDK that makes
// five spans and drops them: its tail sampling is in the Collector, to which it sends them all.
func benchTrace(b *testing.B, before func(lines slog.Handler) slog.Handler) {
	ctx := context.Background()
	lines := jsonlines.New(io.Discard, nil)
	for _, part := range []struct {
		name string
		to   slog.Handler
	}{{"slogtel", before(lines)}, {"five lines", lines}} {
		b.Run(part.name, func(b *testing.B) {
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, part.to)
			parallel(b, func() {
				ctx, root := tel.Start(ctx, "request")
				for range 4 {
					_, span := tel.Start(ctx, "db")
					span.End()
				}
				root.End()
			})
		})
	}
	b.Run("otel SDK", func(b *testing.B) {
		tracer := sdkTracer()
		parallel(b, func() {
			ctx, root := tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
			for range 4 {
				_, span := tracer.Start(ctx, "db")
				span.End()
			}
			root.End()
		})
	})
}

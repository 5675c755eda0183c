package bench

import (
	"context"
	"io"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
)

// A trace of five scopes, of which one line is written, or one trace in a hundred. The peer makes
// five spans and drops them: its tail sampling is in the Collector, to which it sends them all.
func BenchmarkTraceOfFive(b *testing.B) {
	ctx := context.Background()
	scopes := func(tel *slogtel.Telemetry) func(*testing.B) {
		return func(b *testing.B) {
			parallel(b, func() {
				ctx, root := tel.Start(ctx, "request")
				for range 4 {
					_, span := tel.Start(ctx, "db")
					span.End()
				}
				root.End()
			})
		}
	}
	on := &slogtel.Options{Mode: slogtel.On, TraceIDs: true}
	lines := jsonlines.New(io.Discard, nil)
	b.Run("slogtel tailsample", scopes(slogtel.New(on, tailsample.New(lines, &tailsample.Options{Rate: 0.01}))))
	b.Run("slogtel wide", scopes(slogtel.New(on, wide.New(lines, nil))))
	b.Run("slogtel lines", scopes(slogtel.New(on, lines)))
	b.Run("OTel SDK", func(b *testing.B) {
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

package oteltel

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// TraceParent returns the ids of the OpenTelemetry span that is active in ctx, and
// empty strings where there is none. It is for Options.TraceParent of package
// slogtel, and safe for concurrent use. A nil ctx has no span. Whether the span is
// sampled makes no difference.
func TraceParent(ctx context.Context) (traceID, spanID string) {
	s := trace.SpanContextFromContext(ctx)
	if !s.IsValid() {
		return "", ""
	}
	return s.TraceID().String(), s.SpanID().String()
}

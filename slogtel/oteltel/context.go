package oteltel

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
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

// WithContext returns ctx with the scope as the OpenTelemetry span that is active: a span
// that is started inside the scope has the scope for its parent, and is in its trace. It is
// for Options.WithContext of package slogtel, with Options.TraceIDs, and safe for concurrent
// use. A nil ctx counts as the empty one. A scope without ids, or with ids that are none of
// W3C's, leaves ctx as it is.
//
// In a trace that an OpenTelemetry span in ctx belongs to, the scope has the sampling
// decision and the trace state of that span. In one that slogtel has begun it is sampled.
func WithContext(ctx context.Context, in scope.Info) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if s := spanContext(in.TraceID, in.SpanID, trace.SpanContextFromContext(ctx)); s.IsValid() {
		return trace.ContextWithSpanContext(ctx, s)
	}
	return ctx
}

// spanContext is not valid if the ids are not. A trace that OpenTelemetry began, with
// active in it, is sampled as that says; one of ours always is.
func spanContext(traceID, spanID string, active trace.SpanContext) trace.SpanContext {
	t, _ := trace.TraceIDFromHex(traceID)
	s, _ := trace.SpanIDFromHex(spanID)
	config := trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: trace.FlagsSampled}
	if active.TraceID() == t {
		config.TraceFlags, config.TraceState = active.TraceFlags(), active.TraceState()
	}
	return trace.NewSpanContext(config)
}

package oteltel

import (
	"cmp"
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
)

// TraceParent returns the ids of the OpenTelemetry span that is active in ctx, and
// empty strings where there is none. It is for Options.TraceParent of package
// slogtel, and safe for concurrent use. A nil ctx has no span. Whether the span is
// sampled makes no difference.
func TraceParent(ctx context.Context) (traceID, spanID string) {
	switch s := trace.SpanFromContext(ctx).(type) {
	case *activeSpan:
		return s.traceID, s.spanID // a scope's own: not made into text again
	default:
		if s := s.SpanContext(); s.IsValid() {
			return s.TraceID().String(), s.SpanID().String()
		}
	}
	return "", ""
}

// orBackground returns ctx, or the empty context for a nil one.
func orBackground(ctx context.Context) context.Context {
	return cmp.Or(ctx, context.Background())
}

// WithContext returns ctx with the scope as the OpenTelemetry span that is active. A span that
// is started inside the scope has the scope for its parent, and is in its trace. What is set on
// the active span, as trace.SpanFromContext(ctx).SetAttributes does, is on the span that
// [NewSpans] makes of the scope. The span's TracerProvider is that of the OpenTelemetry span
// around the scope, else the global one: instrumentations such as otelhttp ask for it.
//
// It is for Options.WithContext of package slogtel, with Options.TraceIDs, and safe for
// concurrent use. A nil ctx counts as the empty one. A scope without ids, or with ids that are
// none of W3C's, leaves ctx as it is.
//
// In a trace that an OpenTelemetry span in ctx or another process has begun, the scope has the
// sampling decision and the trace state of that. In one that slogtel has begun it is sampled.
func WithContext(ctx context.Context, in scope.Info) context.Context {
	ctx = orBackground(ctx)
	outer := trace.SpanFromContext(ctx)
	sc := spanContextIn(ctx, outer, in.TraceID, in.SpanID)
	if !sc.IsValid() {
		return ctx
	}
	s := &activeSpan{span: span{laterMethods: later, sc: sc}, traceID: in.TraceID, spanID: in.SpanID}
	s.attrs = s.first[:0]
	if around := outer.SpanContext(); around.IsValid() && !around.IsRemote() {
		s.provider = outer.TracerProvider()
	} else {
		s.provider = otel.GetTracerProvider()
	}
	return trace.ContextWithSpan(ctx, s)
}

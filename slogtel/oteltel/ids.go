package oteltel

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

// spanContextIn is that of a scope, of which ctx is the context or the one around it, and which has
// the active span. It is not valid if the ids are not. In a trace that OpenTelemetry or another process
// began, it has the sampling decision and the trace state of that; in one of ours it is sampled.
func spanContextIn(ctx context.Context, active trace.Span, traceID, spanID string) trace.SpanContext {
	if around, ok := active.(*activeSpan); ok && around.traceID == traceID { // mostly, for speed
		s, _ := trace.SpanIDFromHex(spanID)
		return around.sc.WithSpanID(s)
	}
	t, _ := trace.TraceIDFromHex(traceID)
	s, _ := trace.SpanIDFromHex(spanID)
	config := trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: trace.FlagsSampled}
	if a := active.SpanContext(); a.TraceID() == t {
		config.TraceFlags, config.TraceState = a.TraceFlags(), a.TraceState()
	} else if from, ok := tracecontext.From(ctx); ok && from.TraceID == traceID {
		config.TraceFlags = trace.TraceFlags(from.Flags)
		config.TraceState, _ = trace.ParseTraceState(from.State)
	}
	return trace.NewSpanContext(config)
}

// parseLink parses a member of the value of slogtel.Links: trace id, hyphen, span id.
func parseLink(text string) (trace.SpanContext, bool) {
	if len(text) != 32+1+16 || text[32] != '-' {
		return trace.SpanContext{}, false
	}
	t, err1 := trace.TraceIDFromHex(text[:32])
	s, err2 := trace.SpanIDFromHex(text[33:])
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: t, SpanID: s, Remote: true}), err1 == nil && err2 == nil
}

package oteltel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/remotetrace"
	"github.com/slogtel/telemetry/scope"
)

// spanContext is that of a scope, of which ctx is the context or the one around it. It is not
// valid if the ids are not. In a trace that OpenTelemetry or another process began, it has the
// sampling decision and the trace state of that; in one of ours it is sampled.
func spanContext(ctx context.Context, traceID, spanID string) trace.SpanContext {
	return spanContextIn(ctx, trace.SpanFromContext(ctx), traceID, spanID)
}

// spanContextIn is spanContext for those who know the active span.
func spanContextIn(ctx context.Context, active trace.Span, traceID, spanID string) trace.SpanContext {
	t, _ := trace.TraceIDFromHex(traceID)
	s, _ := trace.SpanIDFromHex(spanID)
	config := trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: trace.FlagsSampled}
	if a := active.SpanContext(); a.TraceID() == t {
		config.TraceFlags, config.TraceState = a.TraceFlags(), a.TraceState()
	} else if from := remotetrace.From(ctx); from != nil && from.TraceID == traceID {
		config.TraceFlags = trace.TraceFlags(from.Flags)
		config.TraceState, _ = trace.ParseTraceState(from.State)
	}
	return trace.NewSpanContext(config)
}

// KeyLinks is the key of the attribute that [Links] returns.
const KeyLinks = "links"

// Links returns an attribute that links a scope to others, for a job that was not called by
// them but has to do with them: the request that put it into a queue, or all messages of a
// batch. [Spans] makes links of a span of it; other reporters show it as it is, a list of
// W3C traceparents.
//
// Each context stands for the OpenTelemetry span that is active in it or, where there is none,
// for its scope, or the caller's trace that httptel.Extract has put there. One without ids is
// left out. Without any the attribute is the empty one, which is ignored.
func Links(from ...context.Context) slog.Attr {
	var all []string
	for _, ctx := range from {
		if ctx == nil {
			continue
		}
		if s := trace.SpanContextFromContext(ctx); s.IsValid() {
			all = append(all, traceparent(s))
		} else if in, ok := scope.FromContext(ctx); ok {
			if s := spanContext(ctx, in.TraceID, in.SpanID); s.IsValid() {
				all = append(all, traceparent(s))
			}
		}
	}
	if len(all) == 0 {
		return slog.Attr{}
	}
	return slog.Any(KeyLinks, all)
}

func traceparent(s trace.SpanContext) string {
	return "00-" + s.TraceID().String() + "-" + s.SpanID().String() + "-" + (s.TraceFlags() & (trace.FlagsSampled | trace.FlagsRandom)).String()
}

// parseTraceparent is the opposite. It reports false for what is none.
func parseTraceparent(text string) (trace.SpanContext, bool) {
	const form = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	if len(text) != len(form) || text[:3] != "00-" || text[35] != '-' || text[52] != '-' {
		return trace.SpanContext{}, false
	}
	t, err1 := trace.TraceIDFromHex(text[3:35])
	s, err2 := trace.SpanIDFromHex(text[36:52])
	flags, ok := hexByte(text[53], text[54])
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: trace.TraceFlags(flags), Remote: true}),
		err1 == nil && err2 == nil && ok
}

func hexByte(a, b byte) (byte, bool) {
	hi, ok1 := hexDigit(a)
	lo, ok2 := hexDigit(b)
	return hi<<4 | lo, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

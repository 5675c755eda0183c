package oteltel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// scopeName is the name of the instrumentation scope of all log records.
const scopeName = "github.com/slogtel/telemetry"

// A Handler emits records through an OpenTelemetry LoggerProvider. It is safe for
// concurrent use, as far as the provider is.
type Handler struct {
	next     slog.Handler // the bridge
	provider log.LoggerProvider
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler returns a reporter that emits each record, telemetry or not, as a log
// record of provider. Options are those of the bridge, a version or a source
// location. A nil provider is the global one, whichever that is when it is used. A
// provider that comes from an option takes its place, and is not flushed.
func NewHandler(provider log.LoggerProvider, options ...otelslog.Option) *Handler {
	if provider != nil {
		options = append([]otelslog.Option{otelslog.WithLoggerProvider(provider)}, options...)
	}
	return &Handler{otelslog.NewHandler(scopeName, options...), provider}
}

// Enabled reports whether the provider wants records of this level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle emits r. OpenTelemetry takes a log record's trace and span from the context.
// Those of an event are its own trace_id and span_id, so that the two never differ;
// any other record keeps the active OpenTelemetry span or, where there is none, gets
// the ids of the scope that ctx is in.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if traceID, spanID, ok := idsOf(ctx, r); ok {
		ctx = trace.ContextWithSpanContext(ctx, spanContext(traceID, spanID, trace.SpanContextFromContext(ctx)))
	}
	return handle(ctx, h.next, r)
}

// idsOf returns the ids that r is to have, and false if it is to have those of the
// span that is active in ctx, if any.
func idsOf(ctx context.Context, r slog.Record) (traceID, spanID string, ok bool) {
	if slogtel.IsTelemetry(r) {
		r.Attrs(func(a slog.Attr) bool {
			switch {
			case a.Value.Kind() != slog.KindString:
			case a.Key == slogtel.KeyTraceID:
				traceID = a.Value.String()
			case a.Key == slogtel.KeySpanID:
				spanID = a.Value.String()
			}
			return true
		})
		return traceID, spanID, traceID != ""
	}
	if trace.SpanContextFromContext(ctx).IsValid() {
		return "", "", false
	}
	in, _ := scope.FromContext(ctx)
	return in.TraceID, in.SpanID, in.TraceID != ""
}

// spanContext is not valid if the ids are not. A trace that OpenTelemetry began, with
// active in it, is sampled as that says; one of ours always is.
func spanContext(traceID, spanID string, active trace.SpanContext) trace.SpanContext {
	t, _ := trace.TraceIDFromHex(traceID)
	s, _ := trace.SpanIDFromHex(spanID)
	flags := trace.FlagsSampled
	if active.TraceID() == t {
		flags = active.TraceFlags()
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: flags})
}

// WithAttrs returns a handler that adds attrs to each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Handler{h.next.WithAttrs(guardedAll(attrs, maxDepth)), h.provider}
}

// WithGroup returns a handler that puts what follows into the group name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{h.next.WithGroup(name), h.provider}
}

// Flush has the provider export what it holds, if it can: the SDK's LoggerProvider
// does. It returns the exporter's error. After the provider was shut down it does
// nothing, and records go nowhere.
func (h *Handler) Flush(ctx context.Context) error {
	provider := h.provider
	if provider == nil {
		provider = otel.GetLoggerProvider()
	}
	if p, ok := provider.(interface{ ForceFlush(context.Context) error }); ok {
		return p.ForceFlush(ctx)
	}
	return nil
}

// Shutdown is Flush. The provider stays open, as others may be using it: whoever
// made it shuts it down.
func (h *Handler) Shutdown(ctx context.Context) error { return h.Flush(ctx) }

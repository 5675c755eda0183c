package oteltel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
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
// location. A nil provider, here or from an option, is the global one.
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

// Handle emits r. OpenTelemetry takes a log record's trace from the context: where
// no OpenTelemetry span is active in ctx, the log record gets the ids of its scope.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.next.Handle(inSpan(ctx), r)
}

// inSpan returns ctx with the ids of its scope as the active span, or as it is if
// there is an active span, or no scope with ids.
func inSpan(ctx context.Context) context.Context {
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	in, ok := scope.FromContext(ctx)
	if !ok || in.TraceID == "" || in.SpanID == "" {
		return ctx
	}
	t, err := trace.TraceIDFromHex(in.TraceID)
	if err != nil {
		return ctx
	}
	s, err := trace.SpanIDFromHex(in.SpanID)
	if err != nil {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: t, SpanID: s, TraceFlags: trace.FlagsSampled,
	}))
}

// WithAttrs returns a handler that adds attrs to each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Handler{h.next.WithAttrs(attrs), h.provider}
}

// WithGroup returns a handler that puts what follows into the group name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{h.next.WithGroup(name), h.provider}
}

// Flush has the provider export what it holds, if it can: the SDK's LoggerProvider
// does. It returns the exporter's error.
func (h *Handler) Flush(ctx context.Context) error {
	if p, ok := h.provider.(interface{ ForceFlush(context.Context) error }); ok {
		return p.ForceFlush(ctx)
	}
	return nil
}

// Shutdown is Flush. The provider stays open, as others may be using it: whoever
// made it shuts it down.
func (h *Handler) Shutdown(ctx context.Context) error { return h.Flush(ctx) }

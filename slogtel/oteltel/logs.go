package oteltel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/scope"
)

// scopeName is the name of the instrumentation scope of all log records.
const scopeName = "github.com/slogtel/telemetry"

// Logs is a handler that emits records through an OpenTelemetry LoggerProvider. It is safe
// for concurrent use, as far as the provider is.
type Logs struct {
	next     slog.Handler // the bridge
	provider log.LoggerProvider
}

var _ slog.Handler = (*Logs)(nil)

// NewLogs returns a reporter that emits each record, telemetry or not, as a log
// record of provider. Options are those of the bridge, a version or a source
// location. A nil provider is the global one, whichever that is when it is used. A
// provider that comes from an option takes its place, and is not flushed.
func NewLogs(provider log.LoggerProvider, options ...otelslog.Option) *Logs {
	if provider != nil {
		options = append([]otelslog.Option{otelslog.WithLoggerProvider(provider)}, options...)
	}
	return &Logs{otelslog.NewHandler(scopeName, options...), provider}
}

// Enabled reports whether the provider wants records of this level.
func (h *Logs) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle emits r. OpenTelemetry takes a log record's trace and span from the context.
// Those of an event are its own trace_id and span_id, so that the two never differ;
// any other record keeps the active OpenTelemetry span or, where there is none, gets
// the ids of the scope that ctx is in.
func (h *Logs) Handle(ctx context.Context, r slog.Record) error {
	ctx = orBackground(ctx)
	if traceID, spanID, ok := idsOf(ctx, &r); ok {
		ctx = trace.ContextWithSpanContext(ctx, spanContextIn(ctx, trace.SpanFromContext(ctx), traceID, spanID))
	}
	return handle(ctx, h.next, r)
}

// idsOf returns the ids that r is to have, and false if it is to have those of the
// span that is active in ctx, if any.
func idsOf(ctx context.Context, r *slog.Record) (traceID, spanID string, ok bool) {
	var e event.Sample
	if e.ReadFrom(r) {
		return e.TraceID, e.SpanID, e.TraceID != ""
	}
	if trace.SpanContextFromContext(ctx).IsValid() {
		return "", "", false
	}
	in, _ := scope.FromContext(ctx)
	return in.TraceID, in.SpanID, in.TraceID != ""
}

// WithAttrs returns a handler that adds attrs to each record.
func (h *Logs) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Logs{h.next.WithAttrs(guardedAll(attrs, maxDepth)), h.provider}
}

// WithGroup returns a handler that puts what follows into the group name.
func (h *Logs) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Logs{h.next.WithGroup(name), h.provider}
}

// Flush has the provider export what it holds, if it can: the SDK's LoggerProvider
// does. It returns the exporter's error. After the provider was shut down it does
// nothing, and records go nowhere.
func (h *Logs) Flush(ctx context.Context) error {
	provider := h.provider
	if provider == nil {
		provider = otel.GetLoggerProvider()
	}
	if p, ok := provider.(interface{ ForceFlush(context.Context) error }); ok {
		return p.ForceFlush(orBackground(ctx))
	}
	return nil
}

// Shutdown is Flush. The provider stays open, as others may be using it: whoever
// made it shuts it down.
func (h *Logs) Shutdown(ctx context.Context) error { return h.Flush(ctx) }

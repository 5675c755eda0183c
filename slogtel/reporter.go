package slogtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
)

// A Reporter is a destination of a user's own: two methods, nothing to embed. [NewHandler]
// makes a slog handler of it.
//
// Both methods are called on the goroutine of the event, from many at once. An error goes to
// [Options].OnError, and so does a panic. The Attrs of an event may be kept and must not be
// changed.
type Reporter interface {
	RecordTiming(ctx context.Context, t Timing) error
	RecordMetric(ctx context.Context, m Metric) error
}

// A SummaryReporter is a [Reporter] that takes summaries, too. A summary has counted the
// events whose InSummary is true: a reporter that adds up both leaves these events out.
type SummaryReporter interface {
	RecordSummary(ctx context.Context, s Summary) error
}

// NewHandler returns a handler that decodes each telemetry record and hands it to r. It
// ignores ordinary log records, and summaries unless r is a [SummaryReporter]. It is enabled
// for every level.
//
// Attributes that WithAttrs and WithGroup added to the handler come first among the event's
// Attrs. One that bears a key of telemetry has user_ before it. Of a key that the event has
// as well, the event's value is kept.
//
// The handler's Flush and Shutdown call the methods Flush(context.Context) error and
// Shutdown(context.Context) error of r, if it has them; Shutdown makes do with Flush.
//
// With a nil r the handler ignores everything.
func NewHandler(r Reporter) slog.Handler {
	return &reporterHandler{to: r}
}

// reporterHandler is immutable.
type reporterHandler struct {
	to    Reporter
	bound event.Bound
}

var _ slog.Handler = (*reporterHandler)(nil)

func (h *reporterHandler) Enabled(context.Context, slog.Level) bool { return h.to != nil }

func (h *reporterHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.to == nil {
		return nil
	}
	if t, ok := DecodeTiming(r); ok {
		t.Attrs = h.bound.Join(t.Attrs)
		return h.to.RecordTiming(ctx, t)
	}
	if m, ok := DecodeMetric(r); ok {
		m.Attrs = h.bound.Join(m.Attrs)
		return h.to.RecordMetric(ctx, m)
	}
	if to, ok := h.to.(SummaryReporter); ok {
		if s, ok := DecodeSummary(r); ok {
			s.Attrs = h.bound.Join(s.Attrs)
			return to.RecordSummary(ctx, s)
		}
	}
	return nil
}

// RetainsRecords returns false, see RetainsRecords.
func (*reporterHandler) RetainsRecords() bool { return false }

func (h *reporterHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &reporterHandler{h.to, h.bound.WithAttrs(attrs)}
}

func (h *reporterHandler) WithGroup(name string) slog.Handler {
	return &reporterHandler{h.to, h.bound.WithGroup(name)}
}

func (h *reporterHandler) Flush(ctx context.Context) error {
	if f, ok := h.to.(interface{ Flush(context.Context) error }); ok {
		return f.Flush(ctx)
	}
	return nil
}

func (h *reporterHandler) Shutdown(ctx context.Context) error {
	if s, ok := h.to.(interface {
		Shutdown(context.Context) error
	}); ok {
		return s.Shutdown(ctx)
	}
	return h.Flush(ctx)
}

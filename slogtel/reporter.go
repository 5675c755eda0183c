package slogtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
)

// A Reporter is where a user's own telemetry ends: two methods, nothing to embed.
// [NewHandler] makes a slog handler of it.
//
// Both are called on the goroutine of the event, from many at once. An error goes
// to [Options].OnError, as a panic does. Attrs may be kept; they must not
// be changed.
type Reporter interface {
	RecordTiming(ctx context.Context, t Timing) error
	RecordMetric(ctx context.Context, m Metric) error
}

// A SummaryReporter is a [Reporter] that takes summaries, too. Events whose InSummary is
// true have been counted by one: what adds up both must leave them out.
type SummaryReporter interface {
	RecordSummary(ctx context.Context, s Summary) error
}

// NewHandler returns a handler that decodes each telemetry record and hands it to
// r; ordinary log records are ignored, and so are summaries, unless r is a
// [SummaryReporter]. It is enabled for every level. Attributes and groups that were added to the handler come first among
// the event's Attrs, at any depth; the event itself is decoded all the same.
//
// Where r has a method Flush(context.Context) error or Shutdown(context.Context) error,
// the handler's method of that name calls it; Shutdown makes do with Flush.
//
// A nil r is a handler that ignores everything.
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

package reporters

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// A Reporter is where a user's own telemetry ends: two methods, nothing to embed.
// [NewHandler] makes a slog handler of it.
//
// Both are called on the goroutine of the event, from many at once. An error goes
// to slogtel.Options.OnError, as a panic does. Attrs may be kept; they must not
// be changed.
type Reporter interface {
	RecordTiming(ctx context.Context, t slogtel.Timing) error
	RecordMetric(ctx context.Context, m slogtel.Metric) error
}

// A SummaryReporter is a [Reporter] that takes summaries, too. Events whose InSummary is
// true have been counted by one: what adds up both must leave them out.
type SummaryReporter interface {
	RecordSummary(ctx context.Context, s slogtel.Summary) error
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
	return &handler{to: r}
}

type handler struct {
	to    Reporter
	bound bound
}

var _ slog.Handler = (*handler)(nil)

func (h *handler) Enabled(context.Context, slog.Level) bool { return h.to != nil }

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.to == nil {
		return nil
	}
	if t, ok := slogtel.DecodeTiming(r); ok {
		t.Attrs = h.bound.join(t.Attrs)
		return h.to.RecordTiming(ctx, t)
	}
	if m, ok := slogtel.DecodeMetric(r); ok {
		m.Attrs = h.bound.join(m.Attrs)
		return h.to.RecordMetric(ctx, m)
	}
	if to, ok := h.to.(SummaryReporter); ok {
		if s, ok := slogtel.DecodeSummary(r); ok {
			s.Attrs = h.bound.join(s.Attrs)
			return to.RecordSummary(ctx, s)
		}
	}
	return nil
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*handler) RetainsRecords() bool { return false }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.to, h.bound.withAttrs(attrs)}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.to, h.bound.withGroup(name)}
}

func (h *handler) Flush(ctx context.Context) error {
	if f, ok := h.to.(interface{ Flush(context.Context) error }); ok {
		return f.Flush(ctx)
	}
	return nil
}

func (h *handler) Shutdown(ctx context.Context) error {
	if s, ok := h.to.(interface {
		Shutdown(context.Context) error
	}); ok {
		return s.Shutdown(ctx)
	}
	return h.Flush(ctx)
}

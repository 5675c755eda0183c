package handlers

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
)

// Scope returns a middleware that adds the scope of the context to an app's own log
// records, as scope, trace_id and span_id, so that logs and telemetry can be joined. The ids
// are added where there are any. All stand at the root, also when the logger has open groups.
// An app logs with the context: logger.InfoContext(ctx, …).
//
// A record that has a scope, as telemetry has, passes unchanged, and so does one whose logger
// was given a scope with With. A record whose context is in no scope passes unchanged and
// without an allocation. A record with ids of its own keeps them. The optional methods of
// the next handler (Flush, Shutdown, ScopeStarted, RetainsRecords) are passed on.
func Scope() Middleware {
	return func(next slog.Handler) slog.Handler {
		return &scopeAdder{Rooted: forward.NewRooted(next)}
	}
}

// scopeAdder is immutable.
type scopeAdder struct {
	forward.Rooted
	own present // what Root has already
}

var _ slog.Handler = (*scopeAdder)(nil)

func (h *scopeAdder) Handle(ctx context.Context, r slog.Record) error {
	info, ok := scope.FromContext(ctx)
	if !ok {
		return h.Next.Handle(ctx, r)
	}
	own := h.own
	r.Attrs(func(a slog.Attr) bool {
		if !h.Grouped() || a.Key == event.KeyScope { // an event keeps its scope in a group, too
			own |= presentIn(a)
		}
		return true
	})
	if own&hasScope != 0 {
		return h.Next.Handle(ctx, r)
	}
	var scratch [3]slog.Attr
	added := scratch[:0]
	if info.Path != "" {
		added = append(added, slog.String(event.KeyScope, info.Path))
	}
	if info.TraceID != "" && own&hasIDs == 0 {
		added = append(added, slog.String(event.KeyTraceID, info.TraceID))
		if info.SpanID != "" {
			added = append(added, slog.String(event.KeySpanID, info.SpanID))
		}
	}
	if len(added) == 0 {
		return h.Next.Handle(ctx, r)
	}
	if !h.Grouped() {
		return slogattrs.HandleWith(ctx, h.Next, r, h.Retained, added...)
	}
	return h.AtRoot(ctx, r, added...)
}

// present says which of the keys are there.
type present uint8

const (
	hasScope present = 1 << iota
	hasIDs
)

func presentIn(a slog.Attr) (p present) {
	switch a.Key {
	case event.KeyScope:
		return hasScope
	case event.KeyTraceID, event.KeySpanID:
		return hasIDs
	case "": // its members are written as if they stood in its place
		if a.Value.Kind() == slog.KindGroup {
			for _, member := range a.Value.Group() {
				p |= presentIn(member)
			}
		}
	}
	return p
}

func (h *scopeAdder) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := &scopeAdder{h.AddAttrs(attrs), h.own}
	if !h.Grouped() {
		for _, a := range attrs {
			h2.own |= presentIn(a)
		}
	}
	return h2
}

func (h *scopeAdder) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &scopeAdder{h.AddGroup(name), h.own}
}

package handlers

import (
	"github.com/slogtel/telemetry/internal/event"

	"context"
	"log/slog"
	"slices"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
)

// Scope returns a middleware that adds the scope of the context to an app's own log
// records, as scope, trace_id and span_id, so that logs and telemetry can be joined.
// The ids are added where there are any. All stand at the root, also when the logger
// has open groups.
//
// A record that has a scope, such as one of telemetry, or whose logger was given one
// with With, passes unchanged; so does one whose context is in no scope, at no
// allocation. One that has ids of its own keeps them. Log with the context:
// logger.InfoContext(ctx, …). The optional methods of the next handler
// (Flush, Shutdown, ScopeStarted, RetainsRecords) are passed on.
func Scope() slogmulti.Middleware {
	return func(next slog.Handler) slog.Handler {
		return &scopeAdder{Optional: forward.Optional{To: next}, next: next, root: next}
	}
}

// scopeAdder is immutable.
type scopeAdder struct {
	forward.Optional
	next slog.Handler // with all that WithAttrs and WithGroup added
	root slog.Handler // with what they added before the first group was opened
	own  present      // what root has already
	// What was added since.
	inside []slogattrs.GroupOrAttrs
}

var _ slog.Handler = (*scopeAdder)(nil)

func (h *scopeAdder) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *scopeAdder) Handle(ctx context.Context, r slog.Record) error {
	info, ok := scope.FromContext(ctx)
	if !ok {
		return h.next.Handle(ctx, r)
	}
	own := h.own
	r.Attrs(func(a slog.Attr) bool {
		if len(h.inside) == 0 || a.Key == event.KeyScope { // an event keeps its scope in a group, too
			own |= presentIn(a)
		}
		return true
	})
	if own&hasScope != 0 {
		return h.next.Handle(ctx, r)
	}
	var room [3]slog.Attr
	added := room[:0]
	if info.Path != "" {
		added = append(added, slog.String(event.KeyScope, info.Path))
	}
	if info.TraceID != "" && own&hasIDs == 0 {
		added = append(added, slog.String(event.KeyTraceID, info.TraceID), slog.String(event.KeySpanID, info.SpanID))
	}
	if len(added) == 0 {
		return h.next.Handle(ctx, r)
	}
	if len(h.inside) == 0 {
		r = r.Clone()
		r.AddAttrs(added...)
		return h.next.Handle(ctx, r)
	}
	grouped := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	grouped.AddAttrs(added...)
	grouped.AddAttrs(slogattrs.Nest(h.inside, r)...)
	return h.root.Handle(ctx, grouped)
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
	h2 := *h
	h2.next = h.next.WithAttrs(attrs)
	if len(h.inside) > 0 {
		h2.inside = append(slices.Clip(h.inside), slogattrs.GroupOrAttrs{Attrs: slices.Clone(attrs)})
		return &h2
	}
	h2.root = h2.next
	for _, a := range attrs {
		h2.own |= presentIn(a)
	}
	return &h2
}

func (h *scopeAdder) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := *h
	h2.next = h.next.WithGroup(name)
	h2.inside = append(slices.Clip(h.inside), slogattrs.GroupOrAttrs{Group: name})
	return &h2
}

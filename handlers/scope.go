package handlers

import (
	"context"
	"log/slog"
	"slices"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/scope"
)

const (
	keyScope   = "scope"
	keyTraceID = "trace_id"
	keySpanID  = "span_id"
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
		return &scopeAdder{optional: optional{next}, next: next, root: next}
	}
}

// scopeAdder is immutable.
type scopeAdder struct {
	optional
	next slog.Handler // with all that WithAttrs and WithGroup said
	root slog.Handler // with what they said before the first group was opened
	own  present      // what root has already
	// What was said since.
	inside []said
}

// said is one call of WithGroup, or of WithAttrs.
type said struct {
	group string // "" for WithAttrs
	attrs []slog.Attr
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
		if len(h.inside) == 0 || a.Key == keyScope { // an event keeps its scope in a group, too
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
		added = append(added, slog.String(keyScope, info.Path))
	}
	if info.TraceID != "" && own&hasIDs == 0 {
		added = append(added, slog.String(keyTraceID, info.TraceID), slog.String(keySpanID, info.SpanID))
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
	grouped.AddAttrs(nested(h.inside, r)...)
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
	case keyScope:
		return hasScope
	case keyTraceID, keySpanID:
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

// nested returns what was said inside the groups, and the record's own attributes in
// the innermost of them.
func nested(inside []said, r slog.Record) []slog.Attr {
	var list []slog.Attr
	for i, s := range inside {
		if s.group != "" {
			if group := nested(inside[i+1:], r); len(group) > 0 {
				list = append(list, slog.Attr{Key: s.group, Value: slog.GroupValue(group...)})
			}
			return list
		}
		list = append(list, s.attrs...)
	}
	r.Attrs(func(a slog.Attr) bool {
		list = append(list, a)
		return true
	})
	return list
}

func (h *scopeAdder) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	h2.next = h.next.WithAttrs(attrs)
	if len(h.inside) > 0 {
		h2.inside = append(slices.Clip(h.inside), said{attrs: slices.Clone(attrs)})
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
	h2.inside = append(slices.Clip(h.inside), said{group: name})
	return &h2
}

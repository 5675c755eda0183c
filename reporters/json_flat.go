package reporters

import (
	"context"
	"log/slog"
	"slices"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

// The keys under which [JSONOptions] name the program in a flat line.
const (
	keyService     = "service"
	keyEnvironment = "environment"
	keyVersion     = "version"
)

// flatJSON writes flat lines through [handlers.NewJSON]. What it adds is that the
// attributes of a telemetry record stand at the root, whatever groups are open.
//
// It is never modified once it has been handed out.
type flatJSON struct {
	out       *jsonOutput
	level     slog.Leveler
	utc       bool
	reserved  func(key string) bool
	root      slog.Handler // with nothing but service, environment and version
	next      slog.Handler // with all that was added
	telemetry slog.Handler // the same, but that no group is open; for telemetry
	apart     bool         // whether the two differ
	bound     event.Bound
}

var _ slog.Handler = (*flatJSON)(nil)

func newFlat(next slog.Handler, out *jsonOutput, o *JSONOptions) *flatJSON {
	var program []slog.Attr
	for _, a := range []slog.Attr{
		slog.String(keyService, o.Service),
		slog.String(keyEnvironment, o.Environment),
		slog.String(keyVersion, o.Version),
	} {
		if a.Value.String() != "" {
			program = append(program, a)
		}
	}
	if len(program) > 0 {
		next = next.WithAttrs(program)
	}
	reserved := func(key string) bool {
		return event.Reserved(key) || slices.ContainsFunc(program, func(a slog.Attr) bool { return a.Key == key })
	}
	level := o.Level
	if level == nil {
		level = slog.LevelInfo
	}
	return &flatJSON{out: out, level: level, utc: o.FixedTime, reserved: reserved, root: next, next: next, telemetry: next}
}

// Stats returns the counts so far, of this handler and all that share its writer.
func (h *flatJSON) Stats() JSONStats { return h.out.stats() }

func (h *flatJSON) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

func (h *flatJSON) Handle(ctx context.Context, r slog.Record) error {
	if h.utc {
		r.Time = r.Time.UTC() // jsonOutput adds the digits that are missing
	}
	switch r.Message {
	case slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary:
		inside := !hasScope(&r)
		if (inside || h.apart) && slogtel.IsTelemetry(r) {
			if inside {
				r = unwrapped(r)
			}
			return h.telemetry.Handle(ctx, r)
		}
	}
	return h.next.Handle(ctx, r)
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*flatJSON) RetainsRecords() bool { return false }

func (h *flatJSON) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	h2.next = h.next.WithAttrs(attrs)
	h2.bound = h.bound.WithAttrs(attrs)
	h2.bind()
	return &h2
}

func (h *flatJSON) WithGroup(name string) slog.Handler {
	h2 := *h
	h2.next = h.next.WithGroup(name)
	h2.bound = h.bound.WithGroup(name)
	h2.apart = true
	return &h2
}

// bind makes the handler for telemetry after an attribute was added.
func (h *flatJSON) bind() {
	attrs, changed := h.unreserved(h.bound.Attrs())
	if !changed && !h.apart {
		h.telemetry = h.next
		return
	}
	h.apart = true
	h.telemetry = h.root.WithAttrs(attrs)
}

// unreserved returns attrs with other keys in place of those that are reserved at the
// root, where the members of a group without a key stand too.
func (h *flatJSON) unreserved(attrs []slog.Attr) (_ []slog.Attr, changed bool) {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		switch {
		case a.Key == "" && a.Value.Kind() == slog.KindGroup:
			if members, c := h.unreserved(a.Value.Group()); c {
				attrs[i].Value = slog.GroupValue(members...)
				changed = true
			}
		case h.reserved(a.Key):
			attrs[i].Key = event.UserPrefix + a.Key
			changed = true
		}
	}
	return attrs, changed
}

// hasScope reports whether an event's attributes stand at the root of its record.
// In the records of a Telemetry the scope comes first.
func hasScope(r *slog.Record) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = isScope(a)
		return !found
	})
	return found
}

// unwrapped returns the record of an event that some middleware has put into a group,
// with the event at the root and what stood around it after it.
func unwrapped(r slog.Record) slog.Record {
	attrs := recordAttrs(&r)
	var around []slog.Attr
	for !slices.ContainsFunc(attrs, isScope) {
		i := slices.IndexFunc(attrs, func(a slog.Attr) bool {
			return a.Value.Kind() == slog.KindGroup && slogtel.IsTelemetry(withOnly(r, a.Value.Group()))
		})
		if i < 0 {
			return r
		}
		around = append(append(around, attrs[:i]...), attrs[i+1:]...)
		attrs = attrs[i].Value.Group()
	}
	flat := withOnly(r, attrs)
	for _, a := range around {
		if event.Reserved(a.Key) {
			a.Key = event.UserPrefix + a.Key
		}
		flat.AddAttrs(a)
	}
	return flat
}

func isScope(a slog.Attr) bool {
	return a.Key == slogtel.KeyScope && a.Value.Kind() == slog.KindString
}

// withOnly returns a record that differs from r in its attributes.
func withOnly(r slog.Record, attrs []slog.Attr) slog.Record {
	only := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	only.AddAttrs(attrs...)
	return only
}

func recordAttrs(r *slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

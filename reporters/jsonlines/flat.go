package jsonlines

import (
	"context"
	"log/slog"
	"slices"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// The keys under which [Options] name the program in a flat line.
const (
	keyService     = "service"
	keyEnvironment = "environment"
	keyVersion     = "version"
)

// flat writes flat lines through package slogjson. It adds that the attributes of a telemetry
// record stand at the root, whatever groups are open. It is immutable.
type flat struct {
	utc       bool
	program   []string     // keys of service, environment and version, where they are given
	root      slog.Handler // with nothing but service, environment and version
	next      slog.Handler // with all that was added
	telemetry slog.Handler // the same, but that no group is open; for telemetry
	own       []slog.Attr  // what telemetry has beyond root
	apart     bool         // there is more on a line than an event has
	grouped   bool         // a group is open
	bound     event.Bound
}

func newFlat(out *output, o *Options) flat {
	lines := slogjson.New(out, &slog.HandlerOptions{Level: o.Level, AddSource: o.AddSource, ReplaceAttr: out.renames.watch(o.ReplaceAttr)}).Valid()
	if o.FixedTime {
		lines = lines.FixedTime()
	}
	var next slog.Handler = lines
	var program []slog.Attr
	var keys []string
	for _, a := range []slog.Attr{
		slog.String(keyService, o.Service),
		slog.String(keyEnvironment, o.Environment),
		slog.String(keyVersion, o.Version),
	} {
		if a.Value.String() != "" {
			program, keys = append(program, a), append(keys, a.Key)
		}
	}
	if len(program) > 0 {
		next = next.WithAttrs(program)
	}
	return flat{utc: o.FixedTime, program: keys, apart: len(keys) > 0, root: next, next: next, telemetry: next}
}

func (h *flat) handle(ctx context.Context, r *slog.Record) error {
	if h.utc {
		r.Time = r.Time.UTC()
	}
	switch r.Message {
	case slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary:
		first, tidy := event.IsTidy(r)
		switch {
		case tidy && h.isApart(r, first):
			return h.telemetry.Handle(ctx, *r)
		case tidy || event.Is(r):
			return h.writeEvent(ctx, unwrapped(*r))
		}
	}
	return h.writeLog(ctx, *r)
}

func (h *flat) withAttrs(attrs []slog.Attr) flat {
	h2 := *h
	if len(h.program) > 0 && !h.grouped {
		h2.next = h.next.WithAttrs(h.unnamed(attrs))
	} else {
		h2.next = h.next.WithAttrs(attrs)
	}
	h2.bound = h.bound.WithAttrs(attrs)
	h2.bind()
	return h2
}

func (h *flat) withGroup(name string) flat {
	h2 := *h
	h2.next = h.next.WithGroup(name)
	h2.bound = h.bound.WithGroup(name)
	h2.apart, h2.grouped = true, h.grouped || name != ""
	return h2
}

// bind makes the handler for telemetry after an attribute was added: its attributes have
// each key once, and none of ours.
func (h *flat) bind() {
	h.apart = true
	attrs := event.Unreserved(h.bound.Attrs(), h.ofProgram)
	h.telemetry = h.root.WithAttrs(attrs)
	h.own = attrs
}

// ofProgram reports whether key is one of those that name the program.
func (h *flat) ofProgram(key string) bool { return slices.Contains(h.program, key) }

// isOwn reports whether the handler has an attribute with this key itself.
func (h *flat) isOwn(key string) bool {
	for i := range h.own {
		if h.own[i].Key == key {
			return true
		}
	}
	return false
}

// isApart reports whether no attribute of r from the index first on has a key that the handler
// writes itself.
func (h *flat) isApart(r *slog.Record, first int) bool {
	if !h.apart {
		return true
	}
	for l, i := slogattrs.Of(r), first; i < l.Len(); i++ {
		if key := l.At(i).Key; h.ofProgram(key) || h.isOwn(key) {
			return false
		}
	}
	return true
}

// writeEvent writes the record of an event, with each key once: what the event has takes
// precedence over what was added to the handler.
func (h *flat) writeEvent(ctx context.Context, r slog.Record) error {
	attrs := event.Tidy(&r, h.ofProgram)
	var own []slog.Attr
	for _, a := range h.own {
		if !slices.ContainsFunc(attrs, func(b slog.Attr) bool { return a.Key == b.Key }) {
			own = append(own, a)
		}
	}
	return h.root.Handle(ctx, withOnly(r, append(own, attrs...)))
}

// unnamed returns attrs, which stand at the root of a log record, with other keys in place
// of those that name the program.
func (h *flat) unnamed(attrs []slog.Attr) []slog.Attr {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		switch {
		case h.ofProgram(a.Key):
			attrs[i].Key = event.UserPrefix + a.Key
		case a.Key == "" && a.Value.Kind() == slog.KindGroup:
			attrs[i].Value = slog.GroupValue(h.unnamed(a.Value.Group())...)
		}
	}
	return attrs
}

// writeLog writes a record that is no telemetry.
func (h *flat) writeLog(ctx context.Context, r slog.Record) error {
	if len(h.program) > 0 && !h.grouped {
		clash := false
		r.Attrs(func(a slog.Attr) bool {
			clash = a.Key == "" || h.ofProgram(a.Key)
			return !clash
		})
		if clash {
			r = withOnly(r, h.unnamed(recordAttrs(&r)))
		}
	}
	return h.next.Handle(ctx, r)
}

// unwrapped returns r, or the record of an event that some middleware has put into a group,
// with the event at the root and what stood around it after it.
func unwrapped(r slog.Record) slog.Record {
	attrs := recordAttrs(&r)
	if slices.ContainsFunc(attrs, isScope) {
		return r
	}
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
	flat.AddAttrs(event.Unreserved(around, nil)...)
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

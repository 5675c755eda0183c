package slogteltest

import (
	"log/slog"
	"reflect"
	"slices"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

// maxDepth is how deep groups are copied: a LogValuer can return groups of itself
// without end.
const maxDepth = 64

// copyAttrs returns attrs in slices of their own, at every depth, with LogValuers
// resolved: what they would say may change after Handle. What values point to is
// shared.
func copyAttrs(attrs []slog.Attr) []slog.Attr { return copyGroup(attrs, maxDepth) }

func copyGroup(attrs []slog.Attr, depth int) []slog.Attr {
	c := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		c[i] = slog.Attr{Key: a.Key, Value: copyValue(a.Value, depth)}
	}
	return c
}

func copyValue(v slog.Value, depth int) slog.Value {
	if v.Kind() == slog.KindLogValuer {
		switch v.Any().(type) {
		case *event.Series, slogtel.MetricType:
			return v // by this type a telemetry record is known; it never changes
		}
		v = v.Resolve()
	}
	if v.Kind() != slog.KindGroup {
		return v
	}
	if depth == 0 {
		return slog.StringValue("!ERROR: groups nested too deeply")
	}
	return slog.GroupValue(copyGroup(v.Group(), depth-1)...)
}

// copyRecords copies records whose LogValuers are resolved already: it calls no
// foreign code.
func copyRecords(records []slog.Record) []slog.Record {
	c := make([]slog.Record, len(records))
	for i, r := range records {
		c[i] = slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		c[i].AddAttrs(copyAttrs(attrsOf(r))...)
	}
	return c
}

func attrsOf(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// sameValue reports whether v and w are alike, also for values that == cannot
// compare.
func sameValue(v, w slog.Value) bool {
	if v.Kind() != w.Kind() {
		return false
	}
	switch v.Kind() {
	case slog.KindAny, slog.KindLogValuer:
		return reflect.DeepEqual(v.Any(), w.Any())
	case slog.KindGroup:
		return sameAttrs(v.Group(), w.Group())
	}
	return v.Equal(w)
}

func sameAttrs(a, b []slog.Attr) bool {
	return slices.EqualFunc(a, b, func(a, b slog.Attr) bool {
		return a.Key == b.Key && sameValue(a.Value, b.Value)
	})
}

// hasAttrs reports whether each of want is among attrs.
func hasAttrs(attrs, want []slog.Attr) bool {
	for _, w := range want {
		w.Value = w.Value.Resolve()
		if !slices.ContainsFunc(attrs, func(a slog.Attr) bool {
			return a.Key == w.Key && sameValue(a.Value, w.Value)
		}) {
			return false
		}
	}
	return true
}

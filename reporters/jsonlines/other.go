package jsonlines

import (
	"log/slog"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/jsonenc"
)

// other is what makes lines of a schema that is not Flat. It is immutable.
type other struct {
	out    *output
	opts   *Options
	line   func(o *other, r slog.Record) error // writes the line of a record
	groups []string                            // that are open
	bound  event.Bound                         // resolved, and as ReplaceAttr wants it
}

func (o *other) handle(r slog.Record) error {
	if o.opts.ReplaceAttr != nil {
		r = o.replaced(r)
	}
	return o.line(o, r)
}

func (o *other) withAttrs(attrs []slog.Attr) *other {
	o2 := *o
	o2.bound = o.bound.WithAttrs(resolved(attrs, o.groups, o.opts.ReplaceAttr))
	return &o2
}

func (o *other) withGroup(name string) *other {
	if name == "" {
		return o
	}
	o2 := *o
	o2.groups = append(slices.Clip(o.groups), name)
	o2.bound = o.bound.WithGroup(name)
	return &o2
}

// replaced returns r with what ReplaceAttr makes of its message and attributes. It cannot
// change the time, the level and the source, which have fixed places in a line.
func (o *other) replaced(r slog.Record) slog.Record {
	msg := o.opts.ReplaceAttr(nil, slog.String(slog.MessageKey, r.Message))
	message := ""
	if !isNothing(msg) {
		message = msg.Value.Resolve().String()
	}
	r2 := slog.NewRecord(r.Time, r.Level, message, r.PC)
	r2.AddAttrs(resolved(recordAttrs(&r), o.groups, o.opts.ReplaceAttr)...)
	return r2
}

// resolved returns what replace, which may be nil, makes of attrs, which stand in the given
// groups. As in slog, replace gets the members of groups, not the groups. All values are
// resolved, and the members of groups without a key stand in their place.
func resolved(attrs []slog.Attr, groups []string, replace func([]string, slog.Attr) slog.Attr) []slog.Attr {
	r := resolver{replace: replace, groups: slices.Clone(groups)}
	return r.all(attrs)
}

type resolver struct {
	replace func([]string, slog.Attr) slog.Attr
	groups  []string
	depth   int
	cyclic  bool // a group held itself, or was as deep as if it did
}

// maxDepth is how deep groups may be nested: a LogValuer can return a group that holds itself.
const maxDepth = 100

const tooDeep = "!ERROR:groups nested too deep"

func (r *resolver) all(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		switch {
		case a.Value.Kind() == slog.KindGroup:
			a.Value = r.group(a.Key, a.Value)
		case r.replace != nil:
			a = r.replace(r.groups, a)
			if a.Value = a.Value.Resolve(); a.Value.Kind() == slog.KindGroup {
				a.Value = slog.GroupValue(resolved(a.Value.Group(), nil, nil)...)
			}
		}
		switch {
		case isNothing(a):
		case a.Key == "" && a.Value.Kind() == slog.KindGroup:
			out = append(out, a.Value.Group()...)
		default:
			out = append(out, a)
		}
	}
	return out
}

func (r *resolver) group(key string, v slog.Value) slog.Value {
	r.depth++
	defer func() { r.depth-- }()
	r.cyclic = r.cyclic || r.depth > maxDepth
	if r.cyclic {
		return slog.StringValue(tooDeep)
	}
	if key != "" {
		r.groups = append(r.groups, key)
		defer func() { r.groups = r.groups[:len(r.groups)-1] }()
	}
	return slog.GroupValue(r.all(v.Group())...)
}

// isNothing reports whether a is the zero Attr, by which replace says to leave one out.
func isNothing(a slog.Attr) bool {
	return a.Key == "" && a.Value.Kind() == slog.KindAny && a.Value.Any() == nil
}

// distinct returns attrs with each key once: the last one, in the place of the first.
func distinct(attrs []slog.Attr) []slog.Attr {
	at := make(map[string]int, len(attrs))
	once := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		i, again := at[a.Key]
		if !again {
			i = len(once)
			at[a.Key] = i
			once = append(once, a)
		}
		once[i].Value = a.Value
	}
	return once
}

// appendObject appends the JSON object of attrs, which are resolved, each key once and without
// groups that are empty.
func appendObject(dst []byte, attrs []slog.Attr, value func([]byte, slog.Value) []byte) []byte {
	dst = append(dst, '{')
	for _, a := range distinct(attrs) {
		before := len(dst)
		if dst[before-1] != '{' {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendKey(dst, a.Key)
		if a.Value.Kind() != slog.KindGroup {
			dst = value(dst, a.Value)
		} else if dst = appendObject(dst, a.Value.Group(), value); dst[len(dst)-2] == '{' {
			dst = dst[:before]
		}
	}
	return append(dst, '}')
}

// appendValue appends a value that is no group. A time whose year JSON has no form for becomes
// a string.
func appendValue(dst []byte, v slog.Value) []byte {
	if v.Kind() == slog.KindTime {
		if y := v.Time().Year(); y < 0 || y > 9999 {
			return jsonenc.AppendString(dst, v.Time().Format(time.RFC3339Nano))
		}
	}
	return jsonenc.AppendValue(dst, v)
}

// timeOf returns the time of a record, and now for one that has none.
func timeOf(r *slog.Record) time.Time {
	if r.Time.IsZero() {
		return time.Now()
	}
	return r.Time
}

// utc returns t in UTC. A year that RFC 3339 cannot write, and no index takes, becomes the
// nearest one that it can.
func utc(t time.Time) time.Time {
	t = t.UTC()
	switch y := t.Year(); {
	case y < 0:
		return time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case y > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return t
}

// levelName is the name of a level, or of the next lower one that has a name, in lower case.
func levelName(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warn"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}

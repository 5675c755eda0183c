package jsonlines

import "log/slog"

// replaceRecord returns r with what replace makes of its message and attributes. It cannot
// change the time, the level and the source, which have fixed places in a line.
func replaceRecord(r slog.Record, groups []string, replace func([]string, slog.Attr) slog.Attr) slog.Record {
	msg := replace(nil, slog.String(slog.MessageKey, r.Message))
	message := ""
	if !isNothing(msg) {
		message = msg.Value.Resolve().String()
	}
	r2 := slog.NewRecord(r.Time, r.Level, message, r.PC)
	r2.AddAttrs(replaceAttrs(recordAttrs(&r), groups, replace)...)
	return r2
}

// replaceAttrs returns what replace makes of attrs, which stand in the given groups; it
// returns attrs when replace is nil. As in slog, replace gets the members of groups, not
// the groups.
func replaceAttrs(attrs []slog.Attr, groups []string, replace func([]string, slog.Attr) slog.Attr) []slog.Attr {
	if replace == nil {
		return attrs
	}
	r := replacer{replace: replace, groups: append([]string(nil), groups...)}
	return r.all(attrs)
}

type replacer struct {
	replace func([]string, slog.Attr) slog.Attr
	groups  []string
	depth   int
	cyclic  bool
}

func (r *replacer) all(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		if a.Value.Kind() != slog.KindGroup {
			a = r.replace(r.groups, a)
			a.Value = a.Value.Resolve()
		} else {
			a.Value = r.group(a.Key, a.Value)
		}
		if !isNothing(a) {
			out = append(out, a)
		}
	}
	return out
}

func (r *replacer) group(key string, v slog.Value) slog.Value {
	r.depth++
	defer func() { r.depth-- }()
	r.cyclic = r.cyclic || r.depth > maxLabelDepth
	if r.cyclic {
		return slog.StringValue("!ERROR:groups nested too deep")
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

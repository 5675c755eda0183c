package slogattrs

import "log/slog"

// GroupOrAttrs is one call of WithGroup, or of WithAttrs.
type GroupOrAttrs struct {
	Group string // "" for WithAttrs
	Attrs []slog.Attr
}

// Nest returns what was added inside the groups, and the record's own attributes in
// the innermost of them.
func Nest(inside []GroupOrAttrs, r slog.Record) []slog.Attr {
	var list []slog.Attr
	for i, s := range inside {
		if s.Group != "" {
			if group := Nest(inside[i+1:], r); len(group) > 0 {
				list = append(list, slog.Attr{Key: s.Group, Value: slog.GroupValue(group...)})
			}
			return list
		}
		list = append(list, s.Attrs...)
	}
	r.Attrs(func(a slog.Attr) bool {
		list = append(list, a)
		return true
	})
	return list
}

package slogattrs

import (
	"log/slog"
	"slices"
)

// Added is what WithAttrs and WithGroup have added to a handler, in the order of the calls.
// It is immutable; the zero value has nothing.
type Added []groupOrAttrs

// groupOrAttrs is one call of WithGroup, or of WithAttrs.
type groupOrAttrs struct {
	group string // "" for WithAttrs
	attrs []slog.Attr
}

// WithAttrs returns what was added with attrs behind it.
func (added Added) WithAttrs(attrs []slog.Attr) Added {
	return append(slices.Clip(added), groupOrAttrs{attrs: slices.Clone(attrs)})
}

// WithGroup returns what was added with an open group behind it. The name is not empty.
func (added Added) WithGroup(name string) Added {
	return append(slices.Clip(added), groupOrAttrs{group: name})
}

// Nest returns what was added, inside the groups, and the record's own attributes in the
// innermost of them. It leaves out a group that would be empty.
func (added Added) Nest(r slog.Record) []slog.Attr {
	var list []slog.Attr
	for i, a := range added {
		if a.group != "" {
			if inside := added[i+1:].Nest(r); len(inside) > 0 {
				list = append(list, slog.Attr{Key: a.group, Value: slog.GroupValue(inside...)})
			}
			return list
		}
		list = append(list, a.attrs...)
	}
	r.Attrs(func(a slog.Attr) bool {
		list = append(list, a)
		return true
	})
	return list
}

package event

import (
	"log/slog"
	"slices"
)

// Bound is what WithAttrs and WithGroup have added to a handler, in the form that
// it has as a record's attributes. It is immutable.
type Bound struct {
	attrs      []slog.Attr
	unreserved []slog.Attr // attrs as [Unreserved] returns them
	open       []string    // names of the groups that are open
}

// WithAttrs returns b with attrs inside the groups that are open.
func (b Bound) WithAttrs(attrs []slog.Attr) Bound {
	if len(attrs) == 0 {
		return b
	}
	b.attrs = nest(slices.Clone(b.attrs), b.open, attrs)
	b.unreserved = Unreserved(b.attrs, nil)
	return b
}

// WithGroup returns b with a group opened inside those that are open.
func (b Bound) WithGroup(name string) Bound {
	if name != "" {
		b.open = append(slices.Clip(b.open), name)
	}
	return b
}

// nest adds attrs to dst inside the groups named by path. If the last attribute is a group
// of that name, it is continued.
func nest(dst []slog.Attr, path []string, attrs []slog.Attr) []slog.Attr {
	if len(path) == 0 {
		return append(dst, attrs...)
	}
	var inside []slog.Attr
	if n := len(dst); n > 0 && dst[n-1].Key == path[0] && dst[n-1].Value.Kind() == slog.KindGroup {
		inside = slices.Clone(dst[n-1].Value.Group())
		dst = dst[:n-1]
	}
	inside = nest(inside, path[1:], attrs)
	return append(dst, slog.Attr{Key: path[0], Value: slog.GroupValue(inside...)})
}

// Join returns the bound attributes followed by an event's own. A bound attribute that bears
// one of our keys has [UserPrefix] before it. Of a key that both have, the event's own value
// stands in the place of the bound one.
func (b Bound) Join(own []slog.Attr) []slog.Attr {
	if len(b.unreserved) == 0 {
		return own
	}
	list := append(make([]slog.Attr, 0, len(b.unreserved)+len(own)), b.unreserved...)
	for _, a := range own {
		list = replaceOrAppend(list, a)
	}
	return list
}

// Attrs returns the bound attributes, which must not be changed.
func (b Bound) Attrs() []slog.Attr { return b.attrs }

// Grouped reports whether a group is open, in which an own attribute of a record is.
func (b Bound) Grouped() bool { return len(b.open) > 0 }

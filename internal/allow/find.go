package allow

import "log/slog"

// Find calls found for each attribute that is listed, among attrs and the members
// of groups, in their order; so of one that is there twice the last one comes last.
// The attributes are in the groups of open, each name with a dot after it. Values
// are resolved, and never groups. Find keeps nothing, and appends to open.
func (l *List) Find(open []byte, attrs []slog.Attr, found func(slot int, v slog.Value)) {
	if len(l.slots) == 0 {
		return
	}
	var room [64]byte
	if open == nil {
		open = room[:0]
	}
	for i := range attrs {
		l.find(open, &attrs[i], maxDepth, found)
	}
}

// FindInside is Find for what is in a, which is in no group, if that is a group.
func (l *List) FindInside(a *slog.Attr, found func(slot int, v slog.Value)) {
	if !l.nested && a.Key != "" {
		return
	}
	switch a.Value.Kind() {
	case slog.KindGroup, slog.KindLogValuer:
		var room [64]byte
		l.find(room[:0], a, maxDepth, found)
	}
}

func (l *List) find(path []byte, a *slog.Attr, depth int, found func(slot int, v slog.Value)) {
	v := a.Value
	kind := v.Kind()
	if i := l.at(path, a.Key); i >= 0 {
		if kind == slog.KindLogValuer {
			v = v.Resolve()
			kind = v.Kind()
		}
		if kind != slog.KindGroup {
			found(i, v)
			return
		}
	}
	if depth == 0 || kind != slog.KindGroup && kind != slog.KindLogValuer {
		return
	}
	if a.Key != "" {
		path = append(append(path, a.Key...), '.')
		if !l.inside(path) {
			return
		}
	}
	if v = v.Resolve(); v.Kind() == slog.KindGroup {
		group := v.Group()
		for i := range group {
			l.find(path, &group[i], depth-1, found)
		}
	}
}

// at returns the slot of the attribute with key in the groups of path, or -1.
func (l *List) at(path []byte, key string) int {
	for i := range l.slots {
		k := l.slots[i].key
		if len(k) == len(path)+len(key) && k[len(path):] == key && k[:len(path)] == string(path) && i != l.failed {
			return i
		}
	}
	return -1
}

// inside reports whether anything in the groups of path is listed.
func (l *List) inside(path []byte) bool {
	for i := range l.slots {
		if k := l.slots[i].key; len(k) > len(path) && k[:len(path)] == string(path) {
			return true
		}
	}
	return false
}

package slogjson

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// maxDepth bounds how deep groups may lie in each other. A LogValuer whose group holds the value
// itself would else go on until the stack overflows, from which no program recovers.
const maxDepth = 1000

// group writes a group; without a key its members stand in the group around it.
//
// When all members turn out to be empty the text of the group is taken back, but not the steps into
// it: no comma is due, and replace is still shown its name. That is what the standard handler does,
// and its bytes are what this one promises, even where they are not JSON. After [Handler.Valid] both
// are taken back.
func (l *line) group(key string, members []slog.Attr) {
	if len(members) == 0 {
		l.wrote = true
		return
	}
	if l.depth == maxDepth {
		l.cyclic = true // and stays so: with two such members a group, the line would never end
	}
	if l.cyclic {
		l.buf = jsonenc.AppendString(l.key(key), "!ERROR:groups nested too deep")
		l.wrote = true
		return
	}
	start, before, comma := len(l.buf), l.wrote, l.comma
	if key != "" {
		l.buf = append(l.key(key), '{')
		l.comma = false
		l.enter(key)
	}
	l.depth++
	some := l.attrs(members)
	l.depth--
	if !some {
		l.buf = l.buf[:start]
		l.wrote = before
		if l.valid {
			if l.comma = comma; key != "" {
				l.leave()
			}
		}
		return
	}
	if key != "" {
		l.buf = append(l.buf, '}')
		l.comma = true
		l.leave()
	}
}

// attrs writes attributes one after the other and reports whether any of them was not empty.
func (l *line) attrs(attrs []slog.Attr) bool {
	l.wrote = false
	for i := range attrs {
		l.attr(&attrs[i])
	}
	return l.wrote
}

// enter and leave keep the names of the open groups, which only replace is shown. For it the
// attributes of the record itself lie in none.

func (l *line) enter(names ...string) {
	if l.replace != nil && !l.builtIn {
		l.groups = append(l.groups, names...)
	}
}

func (l *line) leave() {
	if l.replace != nil && !l.builtIn {
		l.groups = l.groups[:len(l.groups)-1]
	}
}

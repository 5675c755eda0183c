package preview

import (
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

const (
	maxReprDepth   = 6
	maxReprMembers = 32
	maxReprElems   = 16
	maxReprText    = 128     // characters of one text
	maxReprInner   = 1 << 16 // bytes of one text that are read to see whether it is JSON
)

// repr renders a value of unknown shape, much as JSON would, but with less of it. What stands under a
// secret's name is hidden at any depth; each text is sanitized by itself, and the whole once more, for
// what only makes a secret together.
func repr(v view, limit int) string {
	w := writer{max: window(limit)}
	w.value(v, 0)
	c := clip{s: string(w.buf)}
	if w.full() {
		c.more = unknown
	}
	return c.cut(limit)
}

var quoted = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)

type writer struct {
	buf []byte
	max int
}

func (w *writer) full() bool   { return len(w.buf) >= w.max }
func (w *writer) add(s string) { w.buf = append(w.buf, s...) }
func (w *writer) quote(s string) {
	w.add(`"`)
	w.add(quoted.Replace(s))
	w.add(`"`)
}
func (w *writer) sep(n int, s byte) {
	if n > 0 {
		w.buf = append(w.buf, s)
	}
}

func (w *writer) value(v view, depth int) {
	switch v.kind {
	case text:
		if in := inner(v, maxReprInner); in.kind != text && depth < maxReprDepth {
			w.value(in, depth+1)
			return
		}
		w.quote(v.clip(window(maxReprText)).cut(maxReprText))
	case number, boolean:
		w.add(clip{s: v.scalarText()}.cut(maxScalar))
	case object:
		if depth == maxReprDepth {
			w.add("{…}")
			return
		}
		w.object(v, depth)
	case array:
		if depth == maxReprDepth {
			w.add("[…]")
			return
		}
		w.array(v, depth)
	case opaque:
		w.add("<" + v.val.Type().String() + ">")
	default:
		w.add("null")
	}
}

func (w *writer) object(v view, depth int) {
	named := secretName(v)
	n := 0
	w.add("{")
	v.members(func(name string, m view) bool {
		w.sep(n, ',')
		if n++; n > maxReprMembers || w.full() {
			w.add("…")
			return false
		}
		w.quote(clip{s: name}.cut(maxScalar))
		w.add(":")
		if secrets.KeyOf(name, secrets.All) || named && isValueName(name) {
			w.quote(secrets.Mask)
			return true
		}
		w.value(m.open(), depth+1)
		return true
	})
	w.add("}")
}

func (w *writer) array(v view, depth int) {
	n, named := 0, false
	w.add("[")
	v.elems(func(e view) bool {
		w.sep(n, ',')
		if n++; n > maxReprElems || w.full() {
			w.add("…")
			return false
		}
		e = e.open()
		if named {
			w.quote(secrets.Mask)
		} else {
			w.value(e, depth+1)
		}
		named = e.kind == text && secrets.KeyOf(e.clip(maxName).s, secrets.All) // ["Authorization", "Basic …"]
		return true
	})
	w.add("]")
}

// secretName reports whether an object names a secret whose value is another of its members, as lists of
// headers and of settings do: {"name": "api_key", "value": "…"}.
func secretName(v view) bool {
	name := v.get("name", "key", "header", "field")
	return name.kind == text && secrets.KeyOf(name.clip(maxName).s, secrets.All)
}

func isValueName(name string) bool {
	var buf [maxPlain]byte
	switch string(plain(&buf, name)) {
	case "value", "values", "val", "content", "data", "text":
		return true
	}
	return false
}

// inner is the JSON that a text of at most max bytes is, or the text.
func inner(v view, max int) view {
	if !looksJSON(v.clip(16).s) {
		return v
	}
	if c := v.clip(max); c.more == 0 {
		if w, ok := parse(c.s); ok {
			return w
		}
	}
	return v
}

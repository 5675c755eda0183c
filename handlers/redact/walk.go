package redact

import (
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/internal/secrets"
)

const (
	maxDepth  = 100
	maxValues = 1 << 14 // in one record
	maxRecord = 1 << 8  // attributes that a walk keeps memory for
)

// walk goes through what one record or one call of WithAttrs brings.
type walk struct {
	rules  *rules
	path   []string // the groups, maps and structs around
	hidden bool     // one of the groups bears the name of a secret
	label  bool     // an attribute before, in the same group, says that the value behind it is one
	depth  int

	record    []slog.Attr // its attributes, as they came
	telemetry bool        // the record is an event of telemetry
	seen      int         // values so far

	names, shapes, cuts int // see Stats
}

var walks = sync.Pool{New: func() any { return new(walk) }}

// walk returns one that begins in the open groups. It has to be done.
func (h *redactor) walk() *walk {
	w := walks.Get().(*walk)
	*w = walk{rules: h.rules, path: append(w.path[:0], h.groups...), record: w.record[:0], hidden: h.hidden, label: h.label}
	return w
}

// done adds to the statistics what was counted, and ends the use of w.
func (w *walk) done() {
	if s := w.rules.stats; s != nil && w.names+w.shapes+w.cuts != 0 {
		s.names.Add(int64(w.names))
		s.shapes.Add(int64(w.shapes))
		s.cut.Add(int64(w.cuts))
	}
	clear(w.path[:cap(w.path)])
	clear(w.record)
	if cap(w.record) > maxRecord {
		w.record = nil
	}
	walks.Put(w)
}

// text returns s without the secrets in it, and whether there were any.
func (w *walk) text(s string) (string, bool) {
	if !w.dirty(s) {
		return s, false
	}
	clean, n := secrets.Append(make([]byte, 0, len(s)+len(w.rules.mask)), s, w.rules.kinds, w.rules.mask)
	if n == 0 {
		return s, false // masked before
	}
	w.shapes += n
	return string(clean), true
}

// scope is text for the path of a scope, in which a token may stand in small letters.
func (w *walk) scope(s string) (string, bool) {
	s, changed := w.text(s)
	if w.rules.kinds&secrets.Secret == 0 {
		return s, changed
	}
	clean, n := secrets.Scope(s, w.rules.mask)
	w.shapes += n
	return clean, changed || n > 0
}

// name is text for a key.
func (w *walk) name(key string) (string, bool) { return w.cleanName(w.rules.facts(key), key) }

func (w *walk) cleanName(f nameFacts, key string) (string, bool) {
	if !f.dirty {
		return key, false
	}
	return w.text(key)
}

func (w *walk) dirty(s string) bool {
	_, found := secrets.Find(s, 0, w.rules.kinds)
	return found
}

// dirtyBeyondMask reports whether there is a secret in s that is not the mask of one.
func (w *walk) dirtyBeyondMask(s string) bool {
	for range secrets.Matches(s, w.rules.kinds, w.rules.mask) {
		return true
	}
	return false
}

// masked stands for a value that is hidden because of its name.
func (w *walk) masked() string {
	w.names++
	return w.rules.mask
}

// cut stands for what is not looked at.
func (w *walk) cut() string {
	w.cuts++
	return w.rules.mask
}

func (w *walk) enter(name string) { w.path = append(w.path, name) }
func (w *walk) leave()            { w.path = w.path[:len(w.path)-1] }

// next counts a value and reports whether it may still be looked at.
func (w *walk) next() bool {
	w.seen++
	return w.seen <= maxValues && w.depth <= maxDepth
}

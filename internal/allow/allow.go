// Package allow finds the attributes of an event that a user has listed, to become
// tags at one backend and labels at another. What is not listed never leaves the
// app this way: a backend keeps a series for each combination of values.
package allow

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
)

// maxDepth is how many levels of groups are looked into.
const maxDepth = 16

// A List is a list of attribute keys. One of an attribute in a group is group.key.
// Each has a slot: its place in the list. A List is immutable.
type List struct {
	slots   []slot
	failed  int    // slot of the error attribute, -1 when it is not listed
	lengths uint64 // a bit for each length that the key of an attribute may have to be found
}

type slot struct {
	key  string // of the attribute
	name string // of the tag or label
}

// New checks what a user has listed under the name option, and returns it as a
// list. Each key becomes what rename makes of it, and no two may become the same;
// noun says what that is, such as "tag".
func New(option, noun string, most int, keys []string, rename func(key string) string) (*List, error) {
	if len(keys) > most {
		return nil, fmt.Errorf("%d %s, more than %d", len(keys), option, most)
	}
	l := &List{failed: -1}
	for i, key := range keys {
		switch {
		case key == "":
			return nil, fmt.Errorf("%s[%d] is empty", option, i)
		case key == event.KeyError:
			l.failed = i
		case event.Reserved(key):
			return nil, fmt.Errorf("%s[%d]: %q is part of the record's schema, not an attribute", option, i, key)
		}
		name := rename(key)
		if j := l.ByName(name); j >= 0 {
			return nil, fmt.Errorf("%s: %q and %q both become the %s %q", option, l.slots[j].key, key, noun, name)
		}
		l.slots = append(l.slots, slot{key, name})
		l.lengths |= lengthOf(key) | lengthOf("") // a group without a key is looked into, too
		if strings.Contains(key, ".") {
			l.lengths = math.MaxUint64 // any attribute may be the group
		}
	}
	return l, nil
}

// Len returns the number of slots.
func (l *List) Len() int { return len(l.slots) }

// Name returns what the key in a slot becomes.
func (l *List) Name(slot int) string { return l.slots[slot].name }

// ByName returns the slot whose key becomes name, or -1.
func (l *List) ByName(name string) int {
	return slices.IndexFunc(l.slots, func(s slot) bool { return s.name == name })
}

// Failed returns the slot of event.KeyError, or -1. It stands for whether a timing
// has failed: no attribute is found for it.
func (l *List) Failed() int { return l.failed }

// Lists returns key as it begins a key that is listed, and false if no attribute with this key is listed or
// may hold one that is.
func (l *List) Lists(key string) (begin string, ok bool) {
	for i := range l.slots {
		if inside, ok := strings.CutPrefix(l.slots[i].key, key); ok && (inside == "" || inside[0] == '.' || key == "") {
			return l.slots[i].key[:len(key)], true
		}
	}
	return "", false
}

// Find calls found for each attribute that is listed, among attrs and the members
// of groups, in their order; so of one that is there twice the last one comes last.
// The attributes are in the groups of open, each name with a dot after it. Values
// are resolved, and never groups. Find keeps nothing, and appends to open.
func (l *List) Find(open []byte, attrs []slog.Attr, found func(slot int, v slog.Value)) {
	var scratch [64]byte
	if open == nil {
		open = scratch[:0]
	}
	for i := range attrs { // most are passed over for the length of their key
		if len(open) > 0 || l.lengths&lengthOf(attrs[i].Key) != 0 {
			l.find(open, &attrs[i], maxDepth, found)
		}
	}
}

func lengthOf(key string) uint64 { return 1 << min(len(key), 63) }

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
	return slices.ContainsFunc(l.slots, func(s slot) bool { return len(s.key) > len(path) && s.key[:len(path)] == string(path) })
}

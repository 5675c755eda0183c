// Package allow finds the attributes of an event that a user has listed, to become
// tags at one backend and labels at another. What is not listed never leaves the
// app this way: a backend keeps a series for each combination of values.
package allow

import (
	"fmt"
	"math"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
)

// maxDepth is how many levels of groups are looked into.
const maxDepth = 16

// A List is a list of attribute keys. One of an attribute in a group is group.key.
// Each has a slot: its place in the list. A List is immutable.
type List struct {
	slots  []slot
	failed int  // slot of the error attribute, -1 when it is not listed
	nested bool // some keys have a dot, and so may be in groups

	lengths uint64 // see Lengths
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
		l.lengths |= LengthOf(key) | LengthOf("") // what a group without a key holds is found, too
		if strings.Contains(key, ".") {
			l.nested, l.lengths = true, math.MaxUint64
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
	for i := range l.slots {
		if l.slots[i].name == name {
			return i
		}
	}
	return -1
}

// Failed returns the slot of event.KeyError, or -1. It stands for whether a timing
// has failed: no attribute is found for it.
func (l *List) Failed() int { return l.failed }

// ByKey returns the slot of an attribute with this key that is in no group, or -1.
func (l *List) ByKey(key string) int {
	for i := range l.slots {
		if l.slots[i].key == key && i != l.failed {
			return i
		}
	}
	return -1
}

// Lengths returns a bit for each length that the key of an attribute must have to
// be found, itself or something in it: see [LengthOf].
func (l *List) Lengths() uint64 { return l.lengths }

// LengthOf returns the bit of a key in [List.Lengths].
func LengthOf(key string) uint64 { return 1 << min(len(key), 63) }

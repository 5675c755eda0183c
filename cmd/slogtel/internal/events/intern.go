package events

import (
	"hash/maphash"
)

// Bounds of what is interned: what comes after is a string of its own each time.
const (
	maxInterned     = 1 << 16
	maxInternedText = 8 << 20
)

// An interner makes the same string of the same bytes, and remembers of each whether
// it matches the pattern for scopes.
type interner struct {
	seed  maphash.Seed
	slots []internSlot
	n     int
	bytes int
	match func(string) bool
}

type internSlot struct {
	hash  uint64
	used  bool
	match bool
	s     string
}

func newInterner(match func(string) bool) *interner {
	return &interner{seed: maphash.MakeSeed(), slots: make([]internSlot, 512), match: match}
}

// get returns b as a string, and whether it matches.
func (in *interner) get(b []byte) (s string, match bool) {
	if len(b) == 0 {
		return "", in.match("")
	}
	h := maphash.Bytes(in.seed, b)
	mask := uint64(len(in.slots) - 1)
	i := h & mask
	for ; in.slots[i].used; i = (i + 1) & mask {
		if slot := &in.slots[i]; slot.hash == h && slot.s == string(b) {
			return slot.s, slot.match
		}
	}
	s = string(b)
	match = in.match(s)
	if in.n >= maxInterned || in.bytes+len(b) > maxInternedText {
		return s, match
	}
	in.slots[i] = internSlot{h, true, match, s}
	in.n++
	in.bytes += len(b)
	if 2*in.n > len(in.slots) {
		in.grow()
	}
	return s, match
}

func (in *interner) grow() {
	old := in.slots
	in.slots = make([]internSlot, 2*len(old))
	mask := uint64(len(in.slots) - 1)
	for _, slot := range old {
		if !slot.used {
			continue
		}
		i := slot.hash & mask
		for in.slots[i].used {
			i = (i + 1) & mask
		}
		in.slots[i] = slot
	}
}

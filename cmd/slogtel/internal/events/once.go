package events

import (
	"hash/maphash"
	"math/bits"
	"sync"
)

// onceWindow is how many events are remembered at least, and half of how many at most.
// They take 8 to 32 bytes each.
const onceWindow = 1 << 20

const onceShards = 64

// once remembers which events there were. It is safe for concurrent use.
type once struct {
	seed   maphash.Seed
	shards [onceShards]onceShard
}

// A onceShard remembers the events whose identities end in the same bits. When the young
// ones are as many as it is to remember, they become the old ones, and the old ones are
// forgotten.
type onceShard struct {
	mu         sync.Mutex
	limit      int
	young, old idSet
}

func newOnce(window int) *once {
	o := &once{seed: maphash.MakeSeed()}
	for i := range o.shards {
		o.shards[i].limit = max(1, window/onceShards)
	}
	return o
}

// identity is a number that two events have in common only if they are the same one, but for a
// chance of one in 2⁶⁴. It is 0 for an event that cannot be told from another.
func (o *once) identity(e *Event) uint64 {
	if e.SpanID == "" || e.Kind == Summary {
		return 0
	}
	h := maphash.String(o.seed, e.SpanID)
	mix := func(v uint64) { h = (bits.RotateLeft64(h, 29) ^ v) * 0x9e3779b97f4a7c15 }
	mix(maphash.String(o.seed, e.TraceID))
	mix(maphash.String(o.seed, e.Scope))
	mix(uint64(len(e.Parent))<<8 | uint64(len(e.Type))<<1 | uint64(e.Kind))
	if e.InSummary {
		mix(1)
	}
	if e.Kind == Timing {
		mix(uint64(e.CallCount))
		mix(uint64(e.Duration))
	} else {
		if e.Time.Nanosecond()%1000 == 0 {
			return 0
		}
		mix(uint64(e.Time.UnixNano()))
		mix(uint64(e.Int))
		if !e.Whole {
			mix(maphash.Comparable(o.seed, e.Value))
			mix(maphash.String(o.seed, e.Text))
		}
	}
	h ^= h >> 32
	return max(1, h)
}

// add notes an identity. It reports whether it was there already, and how many were
// forgotten for it.
func (o *once) add(h uint64) (again bool, forgot int64) {
	s := &o.shards[h%onceShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.old.has(h) || !s.young.add(h) {
		return true, 0
	}
	if s.young.n >= s.limit {
		forgot = int64(s.old.n)
		s.young, s.old = s.old, s.young
		s.young.clear()
	}
	return false, forgot
}

// An idSet is a set of numbers other than 0: an open-addressing hash table of their upper bits.
type idSet struct {
	slots []uint64 // length: a power of two, or 0
	n     int
}

func (s *idSet) clear() {
	clear(s.slots)
	s.n = 0
}

// find returns the slot that has h, or the one that it would have.
func (s *idSet) find(h uint64) int {
	mask := len(s.slots) - 1
	i := int(h>>8) & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return i
}

func (s *idSet) has(h uint64) bool { return s.n > 0 && s.slots[s.find(h)] == h }

// add reports whether h is new.
func (s *idSet) add(h uint64) bool {
	if 2*(s.n+1) > len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(16, 2*len(old)))
		for _, h := range old {
			if h != 0 {
				s.slots[s.find(h)] = h
			}
		}
	}
	i := s.find(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	s.n++
	return true
}

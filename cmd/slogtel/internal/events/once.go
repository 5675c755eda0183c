package events

import (
	"hash/maphash"
	"math/bits"
	"sync"
)

// onceSlots is how much room there is for events to be remembered, 8 bytes each: for one to
// three millions of them.
const onceSlots = 4 << 20

// onceShards is how many parts of it have a lock of their own. More would make the sets below so small
// that making them costs more than looking things up.
const onceShards = 16

// onceShift makes moments of nanoseconds: 268 ms long.
const onceShift = 28

// once remembers which events there were. It is safe for concurrent use.
type once struct {
	seed   maphash.Seed
	shards [onceShards]onceShard
}

// A onceShard remembers the events whose identities end in the same bits. Those of one moment
// are in one set: events come about in the order of their times, so that the set that is needed is
// the one that was used just before, and small. Where there is no room for more, the moment that came
// first is forgotten.
type onceShard struct {
	mu      sync.Mutex
	limit   int
	slots   int // of all sets
	moments map[int64]*idSet
	order   []int64 // of the keys
	moment  int64
	last    *idSet // that of moment
}

func newOnce(slots int) *once {
	o := &once{seed: maphash.MakeSeed()}
	for i := range o.shards {
		o.shards[i] = onceShard{limit: slots / onceShards, moments: make(map[int64]*idSet)}
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

// add notes an event and its identity. It reports whether it was there already, and how many
// were forgotten for it.
func (o *once) add(moment int64, h uint64) (again bool, forgot int64) {
	s := &o.shards[h%onceShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || s.moment != moment {
		before := 0
		if s.last != nil {
			before = s.last.n
		}
		s.moment = moment
		if s.last = s.moments[moment]; s.last == nil {
			s.last = newIDSet(before)
			s.slots += len(s.last.slots)
			s.moments[moment] = s.last
			s.order = append(s.order, moment)
		}
	}
	before := len(s.last.slots)
	again = !s.last.add(h)
	s.slots += len(s.last.slots) - before
	for s.slots > s.limit {
		forgot += s.forget()
	}
	return again, forgot
}

// forget forgets the moment that came first.
func (s *onceShard) forget() int64 {
	moment := s.order[0]
	s.order = s.order[1:]
	set := s.moments[moment]
	delete(s.moments, moment)
	s.slots -= len(set.slots)
	if s.last == set {
		s.last = nil
	}
	return int64(set.n)
}

// An idSet is a set of numbers other than 0: an open-addressing hash table in the order of their
// upper bits.
type idSet struct {
	slots []uint64 // length: a power of two, or 0
	shift int      // of a number to its slot
	n     int
}

// newIDSet returns a set with room for about n numbers.
func newIDSet(n int) *idSet {
	if n == 0 {
		return new(idSet)
	}
	size := 1 << bits.Len(uint(n))
	return &idSet{slots: make([]uint64, size), shift: 64 - bits.Len(uint(size-1))}
}

// find returns the slot that has h, or the one that it would have.
func (s *idSet) find(h uint64) int {
	mask := len(s.slots) - 1
	i := int(h>>s.shift) & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return i
}

// add reports whether h is new.
func (s *idSet) add(h uint64) bool {
	if 4*(s.n+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(4, 2*len(old)))
		s.shift = 64 - bits.Len(uint(len(s.slots)-1))
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

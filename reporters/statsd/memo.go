package statsd

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
)

// A memo remembers which series events went to, so that one like those before it
// need not be brought into the form of a key. It is a cache of a fixed size without
// locks: what it does not know is looked up by its key.
type memo struct {
	seed  uint64
	slots []atomic.Pointer[memory]
}

// A memory says that events that have these parts go to this series. It is
// immutable.
type memory struct {
	kind   kind
	rate   float64
	scope  string        // of a record without a series
	origin *event.Series // of the records
	tags   []foundTag    // in the order in which they were found
	base   boundTags
	series *series
	loss   loss
}

const (
	maxMemo     = 1 << 16
	maxRemember = 512 // bytes of a name and tags that are remembered
	probes      = 4
)

func (m *memo) init(maxSeries int) {
	m.seed = rand.Uint64()
	m.slots = make([]atomic.Pointer[memory], 1<<bits.Len(uint(min(max(maxSeries, probes), maxMemo)-1)))
}

// hash returns a hash of an event. It need not be hard to collide with: then the
// memo is of no use, and no harm. The series of a record stands for its name.
func (m *memo) hash(s *sample, base *boundTags) uint64 {
	h := m.seed ^ base.hash ^ uint64(s.kind) ^ math.Float64bits(s.SampleRate)
	if s.Series != nil {
		h = mix(h, uint64(s.Series.ID()))
	} else {
		h = mixText(h, s.Scope)
	}
	for i := range s.tags.n {
		t := s.tags.at(i)
		h = mixText(h^uint64(t.n)+uint64(t.slot), t.text)
	}
	return h
}

func mixText(h uint64, s string) uint64 {
	h ^= uint64(len(s)) << 48
	if len(s) < 8 {
		var x uint64
		for i := range len(s) {
			x = x<<8 | uint64(s[i])
		}
		return mix(h, x)
	}
	last := word(s[len(s)-8:])
	for ; len(s) > 16; s = s[16:] {
		h = mix(h^word(s), word(s[8:]))
	}
	if len(s) > 8 {
		h ^= word(s)
	}
	return mix(h, last)
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xD1B54A32D192ED03) // both odd, with bits all over
	return hi ^ lo
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// find returns what is remembered of events like s, or nil.
func (m *memo) find(h uint64, s *sample, base *boundTags) *memory {
	for i := range uint64(probes) {
		e := m.slots[(h+i)&uint64(len(m.slots)-1)].Load()
		if e == nil || e.matches(s, base) {
			return e
		}
	}
	return nil
}

func (e *memory) matches(s *sample, base *boundTags) bool {
	if e.origin != s.Series || s.Series == nil && e.scope != s.Scope || e.kind != s.kind || e.rate != s.SampleRate || len(e.tags) != s.tags.n || !e.base.equal(base) {
		return false
	}
	for i := range e.tags {
		t, u := &e.tags[i], s.tags.at(i)
		if t.slot != u.slot || t.number != u.number || t.n != u.n || t.text != u.text {
			return false
		}
	}
	return true
}

// put remembers that events like s go to x, if there is room: what it remembers of
// series that are forgotten makes way.
func (m *memo) put(h uint64, s *sample, base *boundTags, x *series, l loss) {
	size := len(s.Scope)
	for i := range s.tags.n {
		size += len(s.tags.at(i).text)
	}
	if size > maxRemember {
		return
	}
	for i := range uint64(probes) {
		slot := &m.slots[(h+i)&uint64(len(m.slots)-1)]
		if old := slot.Load(); old == nil || old.series.gone.Load() {
			slot.CompareAndSwap(old, newMemory(s, base, x, l))
			return
		}
	}
}

// newMemory copies all text: it may be part of something huge.
func newMemory(s *sample, base *boundTags, x *series, l loss) *memory {
	e := &memory{kind: s.kind, rate: s.SampleRate, scope: strings.Clone(s.Scope), origin: s.Series, base: *base, series: x, loss: l}
	for i := range s.tags.n {
		t := *s.tags.at(i)
		t.text = strings.Clone(t.text)
		e.tags = append(e.tags, t)
	}
	return e
}

// sweep lets go of series that are forgotten.
func (m *memo) sweep() {
	for i := range m.slots {
		// A slot is never emptied: find stops at an empty one.
		if e := m.slots[i].Load(); e != nil && e != nothing && e.series.gone.Load() {
			m.slots[i].CompareAndSwap(e, nothing)
		}
	}
}

// forget lets go of everything.
func (m *memo) forget() {
	for i := range m.slots {
		m.slots[i].Store(nil)
	}
}

// nothing takes the place of a memory that was let go of.
var nothing = func() *memory {
	e := &memory{kind: kinds, series: new(series)}
	e.series.gone.Store(true)
	return e
}()

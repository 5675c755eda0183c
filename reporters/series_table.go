package reporters

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/slogtel"
)

// maxSeriesPath is the length in bytes of the longest path that is kept.
const maxSeriesPath = 2048

var seriesSeed = maphash.MakeSeed()

// A seriesKey tells series apart.
type seriesKey struct {
	path, parent string
	typ          slogtel.MetricType
	dims         string         // of an [Aggregate]: the values of its keys
	view         *aggregateView // of an [Aggregate]: the handler that the events came through
}

// hash is that of a key with dims in place of its own.
func (k *seriesKey) hash(dims []byte) uint64 {
	// Most parents are the beginning of the path: their length tells them apart.
	h := maphash.String(seriesSeed, k.path) + uint64(len(k.parent))<<8 + uint64(len(k.typ))
	if len(dims) > 0 {
		h += 3 * maphash.Bytes(seriesSeed, dims)
	}
	if k.view != nil {
		h += k.view.salt
	}
	return h
}

// A seriesEntry is a series with its key, which is immutable.
type seriesEntry[T any] struct {
	hash uint64
	seriesKey
	val T
}

// A seriesTable is a set of series that only grows, up to a limit. Looking one up
// takes no lock: it is an open-addressing hash table whose slots are filled once,
// and growing makes a new one, so that readers see the old table or the new.
type seriesTable[T any] struct {
	slots  atomic.Pointer[[]atomic.Pointer[seriesEntry[T]]] // length: a power of two
	limit  int
	full   atomic.Bool
	closed atomic.Bool

	mu  sync.Mutex // guards adding and closing
	all []*seriesEntry[T]
}

const minSeriesSlots = 64

// seriesSlots is how many slots a table of n series needs.
func seriesSlots(n int) int {
	slots := minSeriesSlots
	for slots < 2*n {
		slots *= 2
	}
	return slots
}

// init prepares the table for so many slots, a power of two.
func (t *seriesTable[T]) init(limit, slots int) {
	t.limit = limit
	room := make([]atomic.Pointer[seriesEntry[T]], slots)
	t.slots.Store(&room)
}

// series returns the series with that key, with dims in place of the key's own, and
// nil for a new one that may not be kept, or when the table is closed.
func (t *seriesTable[T]) series(k *seriesKey, dims []byte) *seriesEntry[T] {
	h := k.hash(dims)
	if s := t.find(h, k, dims); s != nil || t.full.Load() {
		return s
	}
	return t.add(h, k, dims)
}

func (t *seriesTable[T]) find(h uint64, k *seriesKey, dims []byte) *seriesEntry[T] {
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := slots[i].Load()
		if s == nil || s.hash == h && s.path == k.path && s.parent == k.parent && s.typ == k.typ &&
			s.view == k.view && s.dims == string(dims) {
			return s
		}
	}
}

func (t *seriesTable[T]) add(h uint64, k *seriesKey, dims []byte) *seriesEntry[T] {
	if len(k.path) > maxSeriesPath || len(k.parent) > maxSeriesPath {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed.Load() {
		return nil
	}
	if s := t.find(h, k, dims); s != nil {
		return s
	}
	if len(t.all) >= t.limit {
		t.full.Store(true)
		return nil
	}
	s := &seriesEntry[T]{hash: h, seriesKey: k.clone(dims)}
	t.all = append(t.all, s)
	slots := *t.slots.Load()
	if 2*len(t.all) > len(slots) {
		slots = make([]atomic.Pointer[seriesEntry[T]], 2*len(slots))
		for _, old := range t.all {
			placeSeries(slots, old)
		}
		t.slots.Store(&slots)
	} else {
		placeSeries(slots, s)
	}
	return s
}

// clone copies the strings: the caller's may be pieces of something large.
func (k *seriesKey) clone(dims []byte) seriesKey {
	c := seriesKey{path: strings.Clone(k.path), typ: ownType(k.typ), dims: string(dims), view: k.view}
	if strings.HasPrefix(c.path, k.parent) {
		c.parent = c.path[:len(k.parent)]
	} else {
		c.parent = strings.Clone(k.parent)
	}
	return c
}

// ownType returns the constant for a type: to compare one with itself takes no time.
func ownType(typ slogtel.MetricType) slogtel.MetricType {
	for _, t := range [...]slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram} {
		if t == typ {
			return t
		}
	}
	return slogtel.MetricType(strings.Clone(string(typ)))
}

func placeSeries[T any](slots []atomic.Pointer[seriesEntry[T]], s *seriesEntry[T]) {
	mask := uint64(len(slots) - 1)
	i := s.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(s)
}

// list returns all series, in the order in which they were added.
func (t *seriesTable[T]) list() []*seriesEntry[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[:len(t.all):len(t.all)]
}

// close returns all series, as list does, and lets no more in.
func (t *seriesTable[T]) close() []*seriesEntry[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed.Store(true)
	return t.all
}

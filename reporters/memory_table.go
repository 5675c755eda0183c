package reporters

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/slogtel"
)

// maxMemoryPath is the length in bytes of the longest path that is kept.
const maxMemoryPath = 2048

var memorySeed = maphash.MakeSeed()

// A memoryTable is a set of series that only grows, up to a limit. Looking one up
// takes no lock: it is an open-addressing hash table whose slots are filled once,
// and growing makes a new one, so that readers see the old table or the new.
type memoryTable struct {
	slots atomic.Pointer[[]atomic.Pointer[memorySeries]] // length: a power of two
	limit int
	full  atomic.Bool

	mu  sync.Mutex // guards adding
	all []*memorySeries
}

func (t *memoryTable) init(limit int) {
	t.limit = limit
	slots := make([]atomic.Pointer[memorySeries], 64)
	t.slots.Store(&slots)
}

// series returns the series with that key, and nil for a new one that may not be
// kept.
func (t *memoryTable) series(path, parent string, typ slogtel.MetricType) *memorySeries {
	// Most parents are the beginning of the path: their length tells them apart.
	h := maphash.String(memorySeed, path) + uint64(len(parent))<<8 + uint64(len(typ))
	if s := t.find(h, path, parent, typ); s != nil || t.full.Load() {
		return s
	}
	return t.add(h, path, parent, typ)
}

func (t *memoryTable) find(h uint64, path, parent string, typ slogtel.MetricType) *memorySeries {
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := slots[i].Load()
		if s == nil || s.hash == h && s.scope == path && s.parent == parent && s.typ == typ {
			return s
		}
	}
}

func (t *memoryTable) add(h uint64, path, parent string, typ slogtel.MetricType) *memorySeries {
	if len(path) > maxMemoryPath || len(parent) > maxMemoryPath {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.find(h, path, parent, typ); s != nil {
		return s
	}
	if len(t.all) >= t.limit {
		t.full.Store(true)
		return nil
	}
	// The caller's strings may be pieces of something large, and typ's too.
	s := &memorySeries{hash: h, scope: strings.Clone(path), typ: slogtel.MetricType(strings.Clone(string(typ)))}
	if strings.HasPrefix(s.scope, parent) {
		s.parent = s.scope[:len(parent)]
	} else {
		s.parent = strings.Clone(parent)
	}
	t.all = append(t.all, s)
	slots := *t.slots.Load()
	if 2*len(t.all) > len(slots) {
		slots = make([]atomic.Pointer[memorySeries], 2*len(slots))
		for _, old := range t.all {
			placeSeries(slots, old)
		}
		t.slots.Store(&slots)
	} else {
		placeSeries(slots, s)
	}
	return s
}

func placeSeries(slots []atomic.Pointer[memorySeries], s *memorySeries) {
	mask := uint64(len(slots) - 1)
	i := s.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(s)
}

// list returns all series, in the order in which they were added.
func (t *memoryTable) list() []*memorySeries {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[:len(t.all):len(t.all)]
}

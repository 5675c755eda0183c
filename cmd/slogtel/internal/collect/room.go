package collect

import (
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A Room has space for a limited number of names: the first in the order of the lines. Readers that run at once share
// one, so that a name has space in all of them or in none, and what is kept of it is kept of all its events. Methods
// may be called at once.
type Room[K comparable] struct {
	limit int

	full  atomic.Bool // names does not change any more
	mu    sync.Mutex
	names map[K]struct{}
}

// NewRoom returns a Room for limit names, and for one at least. It keeps them.
func NewRoom[K comparable](limit int) *Room[K] {
	return &Room[K]{limit: max(1, limit), names: make(map[K]struct{})}
}

// Admit reports whether there is space for a name, which has come in a certain turn. The answer to a name is always the
// same.
func (r *Room[K]) Admit(name K, turn *events.Turn) bool {
	if !r.full.Load() {
		r.mu.Lock()
		_, in := r.names[name]
		r.mu.Unlock()
		if in {
			return true
		}
		turn.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.names) < r.limit {
			r.names[name] = struct{}{}
		} else {
			r.full.Store(true)
		}
	}
	_, in := r.names[name]
	return in
}

// Rooms has a Room for each key. Methods may be called at once.
type Rooms[K comparable] struct {
	limit int

	mu  sync.Mutex
	all map[K]*Room[string]
}

// NewRooms returns Rooms for limit names each.
func NewRooms[K comparable](limit int) *Rooms[K] {
	return &Rooms[K]{limit: limit, all: make(map[K]*Room[string])}
}

// Of returns the Room of a key, which is kept.
func (r *Rooms[K]) Of(key K) *Room[string] {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.all[key]
	if room == nil {
		room = NewRoom[string](r.limit)
		r.all[key] = room
	}
	return room
}

// A Table has what one reader keeps of each name. What there is no space for shares one entry.
type Table[K comparable, V any] struct {
	All   map[K]*V
	Admit func(K) bool // reports whether there is space for a name
	Other func(K) K    // the name of what there is no space for
	New   func(K) *V
}

// Of returns the entry of a name, and whether it is its own.
func (t *Table[K, V]) Of(name K) (v *V, own bool) {
	if v = t.All[name]; v != nil {
		return v, true
	}
	if own = t.Admit(name); !own {
		name = t.Other(name)
	}
	return t.of(name), own
}

func (t *Table[K, V]) of(name K) *V {
	v := t.All[name]
	if v == nil {
		if v = t.New(name); t.All == nil {
			t.All = make(map[K]*V)
		}
		t.All[name] = v
	}
	return v
}

// Merge adds what the table of another reader has, by a function that adds one entry to another.
func (t *Table[K, V]) Merge(o *Table[K, V], merge func(into, from *V)) {
	for name, from := range o.All {
		merge(t.of(name), from)
	}
}

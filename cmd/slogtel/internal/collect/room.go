package collect

import (
	"strings"
	"sync"
	"sync/atomic"
)

// A Room has space for a limited number of names: the first that are asked for. Readers that run at once share one, so
// that a name has space in all of them or in none, and what is kept of it is kept of all its events. Methods
// may be called at once.
type Room[K comparable] struct {
	limit int
	clone func(K) K

	full  atomic.Bool // names does not change any more
	mu    sync.Mutex
	names map[K]struct{}
}

// NewRoom returns a Room for limit names, and for one at least. It keeps what clone returns of a name; nil: the name itself.
func NewRoom[K comparable](limit int, clone func(K) K) *Room[K] {
	if clone == nil {
		clone = func(k K) K { return k }
	}
	return &Room[K]{limit: max(1, limit), clone: clone, names: make(map[K]struct{})}
}

// Admit reports whether there is space for a name. The answer to a name is always the same.
func (r *Room[K]) Admit(name K) bool {
	if r.full.Load() {
		_, in := r.names[name]
		return in
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, in := r.names[name]; in {
		return true
	}
	if len(r.names) >= r.limit {
		r.full.Store(true)
		return false
	}
	r.names[r.clone(name)] = struct{}{}
	return true
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
		room = NewRoom(r.limit, strings.Clone)
		r.all[key] = room
	}
	return room
}

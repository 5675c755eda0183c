// Package names remembers what stands for a key, such as a route, a method or a statement, so that it
// is made once. Keys come from clients: how many are remembered is bounded.
package names

import (
	"encoding/hex"
	"hash/fnv"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Most is how many keys a Table remembers. More routes than an app has can only come from a
// function that returns paths.
const Most = 1024

// A Table remembers a value for each key. Reading it takes no lock. The zero Table is empty.
type Table[V any] struct {
	seen  atomic.Pointer[map[string]V]
	mu    sync.Mutex // guards adding
	taken map[string]bool
}

// Get returns what is remembered for key.
func (t *Table[V]) Get(key string) (v V, ok bool) {
	if m := t.seen.Load(); m != nil {
		v, ok = (*m)[key]
	}
	return v, ok
}

// Full reports whether no further key is remembered.
func (t *Table[V]) Full() bool {
	m := t.seen.Load()
	return m != nil && len(*m) >= Most
}

// Add returns what is remembered for key, which is what create makes for a copy of key if it is new.
// It returns false if it is new and the table is full. Create is called under a lock, and so must not
// call code of the app.
func (t *Table[V]) Add(key string, create func(key string) V) (v V, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, ok = t.Get(key); ok || t.Full() {
		return v, ok
	}
	grown := make(map[string]V)
	if m := t.seen.Load(); m != nil {
		maps.Copy(grown, *m)
	}
	key = strings.Clone(key)
	v = create(key)
	grown[key] = v
	t.seen.Store(&grown)
	return v, true
}

// Unique returns name, with a hash of key behind it if the name was returned before. It is for
// the function that is given to Add.
func (t *Table[V]) Unique(name, key string) string {
	if t.taken[name] {
		name += "_" + Hash(key)
	}
	if t.taken == nil {
		t.taken = make(map[string]bool)
	}
	t.taken[name] = true
	return name
}

// Hash returns eight digits that tell s from other texts.
func Hash(s string) string {
	h := fnv.New32a()
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

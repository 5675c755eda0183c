package prometheus

import (
	"maps"
	"sync/atomic"
)

// A table finds the series of a key. Reading takes no lock and waits for nobody,
// once a series is known for a while: there is a map that never changes, and one
// with all series that takes its place when enough was looked up in vain.
type table struct {
	read atomic.Pointer[map[string]*series]
	full atomic.Bool // read has all series, and there will be no more

	// Guarded by the mutex of the store.
	all    map[string]*series
	misses int
}

// find returns the series of key, or nil; the mutex need not be held.
func (t *table) find(key []byte) *series {
	return (*t.read.Load())[string(key)]
}

// findNew is find where find has found nothing; the mutex must be held.
func (t *table) findNew(key []byte) *series {
	x := t.all[string(key)]
	if x != nil {
		if t.misses++; t.misses >= len(t.all) {
			t.publish()
		}
	}
	return x
}

// put adds a series; the mutex must be held.
func (t *table) put(key []byte, x *series, most int) {
	t.all[string(key)] = x
	if len(t.all) == most {
		t.publish()
		t.full.Store(true)
	}
}

// remove takes series out; the mutex must be held.
func (t *table) remove(keys []string) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		delete(t.all, key)
	}
	t.publish()
	t.full.Store(false)
}

func (t *table) publish() {
	m := maps.Clone(t.all)
	t.read.Store(&m)
	t.misses = 0
}

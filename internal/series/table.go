// Package series is what reporters that add up events share: a table of series, and sums and
// summaries of a series.
package series

import (
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
)

// DefaultLimit is how many series of each kind a reporter keeps, unless told otherwise.
const DefaultLimit = 4096

// maxPath is the length in bytes of the longest path that is kept.
const maxPath = 2048

var seed = maphash.MakeSeed()

// A Key tells series apart.
type Key struct {
	Path, Parent string
	Type         event.MetricType
	Dims         string // the values of further keys, as the caller wrote them
	View         *View  // the handler that the events came through, where that matters
}

// hash is that of a key with dims in place of its own.
func (k *Key) hash(dims []byte) uint64 {
	// Most parents are the beginning of the path: their length tells them apart.
	h := maphash.String(seed, k.Path) + uint64(len(k.Parent))<<8 + uint64(len(k.Type))
	if len(dims) > 0 {
		h += 3 * maphash.Bytes(seed, dims)
	}
	if k.View != nil {
		h += k.View.salt
	}
	return h
}

// A View is one of the handlers that share a table and have series of their own in it. It is
// immutable.
type View struct {
	Next slog.Handler // where its series go on to
	salt uint64       // tells the hashes of its series from those of others
}

// NewView returns a View that differs from all others.
func NewView(next slog.Handler) *View { return &View{Next: next, salt: rand.Uint64()} }

// Salt returns a number that other Views do not have.
func (v *View) Salt() uint64 { return v.salt }

// A Table is a set of series that only grows, up to a limit. Looking one up
// takes no lock: it is an open-addressing hash table whose slots are filled once,
// and growing makes a new one, so that readers see the old table or the new.
//
// Beside it stands an index by the ID of an [event.Series], which spares the hashing of names.
// An ID only says where to look: what is found there has to have the whole key, or to have been
// found for the same Series. Of two entries that share a place in the index, the last one stays.
type Table[T any] struct {
	index  atomic.Pointer[index[T]]
	limit  int
	spare  atomic.Int32 // parts that its series may still have
	Full   atomic.Bool
	closed atomic.Bool

	mu  sync.Mutex // guards adding and closing
	all []*Entry[T]
}

// An index finds entries. Both its parts have the same length, a power of two.
type index[T any] struct{ byHash, byID []atomic.Pointer[Entry[T]] }

func newIndex[T any](slots int) *index[T] {
	return &index[T]{make([]atomic.Pointer[Entry[T]], slots), make([]atomic.Pointer[Entry[T]], slots)}
}

// minSlots is the least number of slots of a table, a power of two.
const minSlots = 64

// Init prepares the table for at most limit series.
func (t *Table[T]) Init(limit int) {
	t.limit = limit
	t.spare.Store(maxParts)
	t.index.Store(newIndex[T](minSlots))
}

// Get returns the series with that key, with dims in place of the key's own, and
// nil for a new one that may not be kept, or when the table is closed. S is what the record
// has as its series, whose path, parent and type are the key's, or nil.
func (t *Table[T]) Get(k *Key, dims []byte, s *event.Series) *Entry[T] {
	if s == nil {
		return t.byName(k, dims)
	}
	at := uint64(s.ID())
	if len(dims) > 0 {
		at += maphash.Bytes(seed, dims)
	}
	if k.View != nil {
		at += k.View.salt
	}
	places := t.index.Load().byID
	place := &places[at&uint64(len(places)-1)]
	if e := place.Load(); e != nil && (e.of.Load() == s && e.View == k.View && e.Dims == string(dims) || e.has(k, dims)) {
		return e
	}
	e := t.byName(k, dims)
	if e != nil {
		e.of.CompareAndSwap(nil, s)
		place.Store(e)
	}
	return e
}

func (t *Table[T]) byName(k *Key, dims []byte) *Entry[T] {
	h := k.hash(dims)
	if e := t.find(h, k, dims); e != nil || t.Full.Load() {
		return e
	}
	return t.add(h, k, dims)
}

func (t *Table[T]) find(h uint64, k *Key, dims []byte) *Entry[T] {
	slots := t.index.Load().byHash
	mask := uint64(len(slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		e := slots[i].Load()
		if e == nil || e.hash == h && e.has(k, dims) {
			return e
		}
	}
}

// has reports whether the key is that of e.
func (e *Entry[T]) has(k *Key, dims []byte) bool {
	return e.Path == k.Path && e.Parent == k.Parent && e.Type == k.Type && e.View == k.View && e.Dims == string(dims)
}

func (t *Table[T]) add(h uint64, k *Key, dims []byte) *Entry[T] {
	if len(k.Path) > maxPath || len(k.Parent) > maxPath {
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
		t.Full.Store(true)
		return nil
	}
	s := &Entry[T]{hash: h, Key: k.clone(dims), spare: &t.spare}
	t.all = append(t.all, s)
	now := t.index.Load()
	if 2*len(t.all) <= len(now.byHash) {
		place(now.byHash, s)
		return s
	}
	larger := newIndex[T](2 * len(now.byHash))
	for _, old := range t.all {
		place(larger.byHash, old)
	}
	t.index.Store(larger)
	return s
}

// clone copies the strings: the caller's may be pieces of something large.
func (k *Key) clone(dims []byte) Key {
	return Key{
		Path: strings.Clone(k.Path), Parent: strings.Clone(k.Parent),
		Type: event.MetricType(strings.Clone(string(k.Type))), Dims: string(dims), View: k.View,
	}
}

func place[T any](slots []atomic.Pointer[Entry[T]], s *Entry[T]) {
	mask := uint64(len(slots) - 1)
	i := s.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(s)
}

// Closed reports whether no more series are let in.
func (t *Table[T]) Closed() bool { return t.closed.Load() }

// List returns all series, in the order in which they were added.
func (t *Table[T]) List() []*Entry[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[:len(t.all):len(t.all)]
}

// Close returns all series, as List does, and lets no more in.
func (t *Table[T]) Close() []*Entry[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed.Store(true)
	return t.all
}

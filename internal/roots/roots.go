// Package roots groups records by the root scope that they happened in: a request, a job, a
// batch.
package roots

import (
	"container/list"
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/scope"
)

// A Key is comparable, and stands for one run of a root scope.
type Key any

// A Root is one run of a root scope. Its path is the name that the scope had when [Of] was called.
type Root struct {
	Key Key
	scope.Info
}

// carrier is implemented by the contexts of package slogtel.
type carrier interface {
	ScopeRoot() (key any, root scope.Info)
}

// Of returns the root scope that ctx is in. It reports false in no scope, and in one that did
// not come from Start, such as one of scope.NewContext.
func Of(ctx context.Context) (r Root, ok bool) {
	if ctx == nil {
		return r, false
	}
	c, ok := ctx.Value(scope.Key{}).(carrier)
	if !ok {
		return r, false
	}
	r.Key, r.Info = c.ScopeRoot()
	return r, true
}

// Is reports whether a scope of that depth, in a context that is in r, is r itself. Paths do not
// tell: a root that is renamed can get the path of a scope inside.
func (r Root) Is(depth int) bool { return depth == r.Depth }

// Ended reports whether the scope has ended, even if its event was never seen: a handler on the
// way may have dropped it.
func (r Root) Ended() bool { return Ended(r.Key) }

// Ended is [Root.Ended] of any scope, of which it is given what a context has under scope.Key.
func Ended(k Key) bool {
	e, ok := k.(interface{ ScopeEnded() bool })
	return ok && e.ScopeEnded()
}

const shards = 16

// A Table holds what is known of each root scope that is open, up to a limit. It is safe for
// concurrent use, and a *T that was found stays valid when it is no longer in the table.
type Table[T any] struct {
	seed    maphash.Seed
	limit   int         // of each shard
	watched atomic.Bool // scopes that start are told: a root that is not in the table has ended
	parts   [shards]part[T]
}

type part[T any] struct {
	mu    sync.Mutex
	byKey map[Key]*list.Element // whose value is a *entry[T]
	order list.List             // the oldest first
	look  *list.Element         // the next one that is asked whether it has ended
	down  bool                  // CloseAll was called
	_     [64]byte              // keeps the locks of two parts apart
}

type entry[T any] struct {
	key   Key
	val   T
	ended time.Time // when it was found that the scope has; or zero
}

// NewTable returns a table of at least limit roots, and at most 15 more.
func NewTable[T any](limit int) *Table[T] {
	t := &Table[T]{seed: maphash.MakeSeed(), limit: (limit + shards - 1) / shards}
	for i := range t.parts {
		t.parts[i].byKey = make(map[Key]*list.Element)
	}
	return t
}

func (t *Table[T]) part(k Key) *part[T] {
	return &t.parts[maphash.Comparable(t.seed, k)%shards]
}

// Open adds k, a root that was told to start. Init prepares it before others can find it. Open
// returns what was pushed out for it: the oldest of a part of the table, if that is full, and some
// that ended a while ago, and whose event has not come. If k is there already, or after
// [Table.CloseAll], nothing happens.
func (t *Table[T]) Open(k Key, init func(*T)) (pushed []*T) {
	if !t.watched.Load() {
		t.watched.Store(true)
	}
	_, pushed = t.open(k, init)
	return pushed
}

// FindOrOpen returns what is known of k, and opens it on the first record of a root as long as no
// root was told to start: a handler on the way may not pass that on. Otherwise a root that is not
// there has ended, and FindOrOpen returns nil. Pushed is as of [Table.Open].
func (t *Table[T]) FindOrOpen(k Key, init func(*T)) (val *T, pushed []*T) {
	if t.watched.Load() {
		return t.Find(k), nil
	}
	return t.open(k, init)
}

func (t *Table[T]) open(k Key, init func(*T)) (val *T, pushed []*T) {
	p := t.part(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.byKey[k]; e != nil {
		return value[T](e), nil
	}
	if p.down {
		return nil, nil
	}
	pushed = p.overdue()
	if len(p.byKey) >= t.limit {
		pushed = append(pushed, p.remove(p.order.Front()))
	}
	e := &entry[T]{key: k}
	init(&e.val)
	p.byKey[k] = p.order.PushBack(e)
	return &e.val, pushed
}

const (
	// grace is how long the event of a scope that has ended may take to come, through a queue say.
	grace = 10 * time.Second

	// looks is how many roots are asked for each one that opens, others each time: more than the
	// two that it takes to push one out, so that no more wait than come in the time of grace.
	looks = 4
)

// overdue takes out the roots whose event a handler on the way must have dropped.
func (p *part[T]) overdue() (all []*T) {
	for range looks {
		e := p.look
		if e == nil {
			p.look = p.order.Front()
			break
		}
		p.look = e.Next()
		switch of := e.Value.(*entry[T]); {
		case !Ended(of.key):
		case of.ended.IsZero():
			of.ended = time.Now()
		case time.Since(of.ended) > grace:
			all = append(all, p.remove(e))
		}
	}
	return all
}

// Find returns what is known of k, or nil.
func (t *Table[T]) Find(k Key) *T {
	p := t.part(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.byKey[k]; e != nil {
		return value[T](e)
	}
	return nil
}

// Close takes k out and returns what was known of it, or nil.
func (t *Table[T]) Close(k Key) *T {
	p := t.part(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.byKey[k]; e != nil {
		return p.remove(e)
	}
	return nil
}

// CloseAll takes everything out for good and returns it, the oldest of each part first.
func (t *Table[T]) CloseAll() (all []*T) {
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		p.down = true
		for p.order.Len() > 0 {
			all = append(all, p.remove(p.order.Front()))
		}
		p.mu.Unlock()
	}
	return all
}

// All returns what is in the table, the oldest of each part first.
func (t *Table[T]) All() (all []*T) {
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		for e := p.order.Front(); e != nil; e = e.Next() {
			all = append(all, value[T](e))
		}
		p.mu.Unlock()
	}
	return all
}

// Len returns the number of roots.
func (t *Table[T]) Len() (n int) {
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		n += len(p.byKey)
		p.mu.Unlock()
	}
	return n
}

func value[T any](e *list.Element) *T { return &e.Value.(*entry[T]).val }

func (p *part[T]) remove(e *list.Element) *T {
	if p.look == e {
		p.look = e.Next()
	}
	of := p.order.Remove(e).(*entry[T])
	delete(p.byKey, of.key)
	return &of.val
}

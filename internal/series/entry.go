package series

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
)

// An Entry is a series: its key, which is immutable, and what is kept of its events. That is in
// one part, until several goroutines have met at its lock a few times. From then on each of them
// mostly has a part of its own, in cache lines of its own, and [Entry.Fold] puts them together.
type Entry[T any] struct {
	hash uint64
	Key
	of    atomic.Pointer[event.Series] // the first one that it was looked up by
	spare *atomic.Int32                // what is left of the table's parts
	more  atomic.Pointer[[]Part[T]]    // as many as there are, less one
	met   int                          // how often goroutines met; guarded by the lock of first
	_     [cacheLine]byte
	first Part[T]
}

// A Part is what is kept of some of the events of a series. It is locked.
type Part[T any] struct {
	mu     sync.Mutex // guards what follows
	closed bool
	Val    T
	_      [cacheLine]byte // parts do not share any
}

const (
	cacheLine  = 64
	maxParts   = 256 // of all series of a table, besides the first ones
	maxMeeting = 8   // how often goroutines meet in one part
)

// partsOf is how many parts a series has then: some more than there are processors, so that two
// goroutines seldom share one.
var partsOf = 1 << bits.Len(uint(min(4*runtime.GOMAXPROCS(0), 32)-1))

// Lock locks a part for an event, or returns nil when the entry is closed. Place tells goroutines
// apart in its highest bits; 0 does not.
func (e *Entry[T]) Lock(place uint64) *Part[T] {
	p := &e.first
	if more := e.more.Load(); more != nil {
		if i := int(place >> 32 * uint64(len(*more)+1) >> 32); i > 0 {
			p = &(*more)[i-1]
		}
		p.mu.Lock()
	} else if !p.mu.TryLock() {
		p.mu.Lock()
		if place != 0 {
			e.meet()
		}
	}
	return p.open()
}

// LockFirst locks the part that was first, for what has to keep the order of events.
func (e *Entry[T]) LockFirst() *Part[T] {
	e.first.mu.Lock()
	return e.first.open()
}

// Unlock ends the use of a part.
func (p *Part[T]) Unlock() { p.mu.Unlock() }

func (p *Part[T]) open() *Part[T] {
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	return p
}

// meet is called when a goroutine had to wait for the first part, which it has locked.
func (e *Entry[T]) meet() {
	e.met++
	if n := partsOf - 1; e.met == maxMeeting && !e.first.closed && e.spare.Add(int32(-n)) >= 0 {
		more := make([]Part[T], n)
		e.more.Store(&more)
	}
}

// Fold locks the first part, into which it has merged all others. Merge adds what is in from,
// which it leaves empty.
func (e *Entry[T]) Fold(merge func(to, from *T)) *Part[T] {
	e.first.mu.Lock()
	e.fold(merge, false)
	return &e.first
}

// Close folds the parts and lets no more events in.
func (e *Entry[T]) Close(merge func(to, from *T)) {
	e.first.mu.Lock()
	defer e.first.mu.Unlock()
	e.first.closed = true
	e.fold(merge, true)
}

// Val returns what a closed entry has. It belongs to who closed it.
func (e *Entry[T]) Val() *T { return &e.first.Val }

func (e *Entry[T]) fold(merge func(to, from *T), closed bool) {
	more := e.more.Load()
	if more == nil {
		return
	}
	for i := range *more {
		p := &(*more)[i]
		p.mu.Lock()
		merge(&e.first.Val, &p.Val)
		p.closed = closed
		p.mu.Unlock()
	}
}

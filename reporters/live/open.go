package live

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// The scopes that are open, as many as the limit. A scope is in one of the few slots of its bucket, which
// takes no lock, or among the rest where these are taken.
type openScopes struct {
	slots  []slot
	others atomic.Int32 // in rest
	pruned atomic.Int64 // Unix seconds of the last time

	mu   sync.Mutex // guards what follows
	rest map[*slogtel.Span]int
	most int // in rest, without those that block a slot
	free int // in which the last slot was that could be blocked
}

type slot = atomic.Pointer[slogtel.Span]

const (
	bucket = 8 // slots: they fill a cache line
	inRow  = 8 // buckets
)

// blocked is in a slot that counts for a scope among the rest.
var blocked = new(slogtel.Span)

func (o *openScopes) init(limit int) {
	n := limit * 3 / 4 / (inRow * bucket) * (inRow * bucket)
	o.slots, o.most = make([]slot, n), limit-n
	o.rest = make(map[*slogtel.Span]int)
}

// bucket returns the slots that a scope can be in. Go allocates what has one size, for one processor, in pages
// of 8 KiB. These share a row: a processor mostly has the slots that it needs in its cache, and to itself.
func (o *openScopes) bucket(s *slogtel.Span) []slot {
	at := address(s)
	high, _ := bits.Mul64((at>>13)*golden, uint64(len(o.slots)/(inRow*bucket)))
	first := (int(high)*inRow + int(at>>7%inRow)) * bucket
	return o.slots[min(first, len(o.slots)):min(first+bucket, len(o.slots))]
}

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio spreads the bits

func address(s *slogtel.Span) uint64 { return uint64(slogattrs.Address(s)) }

// enter adds a scope unless it is there. It returns false where there is no room.
func (o *openScopes) enter(s *slogtel.Span) bool {
	list := o.bucket(s)
	for {
		free := -1
		for i := range list {
			switch list[i].Load() {
			case s:
				return true
			case nil:
				free = i
			}
		}
		if free < 0 {
			return o.enterRest(s)
		}
		if list[free].CompareAndSwap(nil, s) {
			return true
		}
	}
}

func (o *openScopes) enterRest(s *slogtel.Span) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.rest[s]; known {
		return true
	}
	at := -1
	if o.most == 0 {
		if at = o.block(); at < 0 {
			return false
		}
	} else {
		o.most--
	}
	o.rest[s] = at
	o.others.Add(1)
	return true
}

// block blocks a slot that is free, and returns its place. It looks at some of them and returns -1 if it finds none.
func (o *openScopes) block() int {
	for range min(len(o.slots), 1<<10) {
		o.free = (o.free + 1) % len(o.slots)
		if o.slots[o.free].CompareAndSwap(nil, blocked) {
			return o.free
		}
	}
	return -1
}

// has reports whether a scope is there.
func (o *openScopes) has(s *slogtel.Span) bool {
	list := o.bucket(s)
	for i := range list {
		if list[i].Load() == s {
			return true
		}
	}
	if o.others.Load() == 0 {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.rest[s]
	return ok
}

// leave takes out a scope, and reports whether it was there.
func (o *openScopes) leave(s *slogtel.Span) bool {
	list := o.bucket(s)
	for i := range list {
		if list[i].Load() == s {
			return list[i].CompareAndSwap(s, nil)
		}
	}
	if o.others.Load() == 0 {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.rest[s]
	if !ok {
		return false
	}
	delete(o.rest, s)
	o.others.Add(-1)
	if at < 0 {
		o.most++
	} else {
		o.slots[at].Store(nil)
	}
	return true
}

// all returns the scopes that are there, in no order.
func (o *openScopes) all() (list []*slogtel.Span) {
	for i := range o.slots {
		if s := o.slots[i].Load(); s != nil && s != blocked {
			list = append(list, s)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for s := range o.rest {
		list = append(list, s)
	}
	return list
}

// prune takes out the scopes whose end nobody told of, once a second at most.
func (o *openScopes) prune() bool {
	now, last := time.Now().Unix(), o.pruned.Load()
	if now == last || !o.pruned.CompareAndSwap(last, now) {
		return false
	}
	for _, s := range o.all() {
		if _, open := s.State(); !open {
			o.leave(s)
		}
	}
	return true
}

package statsd

import (
	"hash/maphash"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/stripe"
)

// A store is all that is between the app and the sender. Its methods but collect
// and sweep may be called from anywhere.
type store struct {
	layout
	forms     atomic.Pointer[memory]
	seed      maphash.Seed
	shards    []shard // a power of two
	maxSeries int64   // in all shards
	series    atomic.Int64
	laned     atomic.Int64 // how many counters have lanes
	queue     queue
	names     names
	report    func(error)
}

// chunk is how many series are looked at while a shard's mutex is held.
const chunk = 64

// A target says where events like one before go. It is immutable.
type target struct {
	series *series
	base   boundTags
}

func (t *target) stale() bool { return t.series.gone.Load() }

// A memory has the events that are remembered. It has slots, mostly empty, at which the collector looks in each of
// its cycles, some hundred times a second in a small server: so there are as many as the series ask for, and not as
// MaxSeries allows.
type memory struct {
	event.Forms[target]
	series int64 // for so many there are enough
}

// remember returns a memory that is enough for the series there are now. Where it takes the place of another, what
// is used comes back, as after Forget.
func (st *store) remember() *memory {
	f := st.forms.Load()
	for f == nil || f.series < min(st.series.Load(), st.maxSeries, maxRemembered) {
		larger := &memory{series: fewSeries}
		if f != nil {
			larger.series = 4 * f.series
		}
		larger.Forms = event.NewForms(int(min(8*larger.series, st.maxSeries, maxRemembered)), (*target).stale)
		st.forms.CompareAndSwap(f, larger)
		f = st.forms.Load()
	}
	return f
}

// addAgain takes one event that is like one before but for its number, and reports false for any other.
func (st *store) addAgain(r *slog.Record, base *boundTags) bool {
	t, n := st.forms.Load().Find(r, base.hash)
	return t != nil && t.base.equal(base) && st.addTo(t.series, &value{bits: n}, loss{})
}

const (
	fewSeries     = 128     // for which there are slots at first
	maxRemembered = 1 << 16 // events of which others differ in a number alone
	maxVain       = 8       // events of a series that are not remembered, until no more is tried
)

// add takes one event, whose tags are joined with those of base. Others with the same attributes are alike, or not.
func (st *store) add(r *slog.Record, s *sample, base *boundTags, alike bool) {
	var scratch [256]byte
	key, l := st.appendKey(scratch[:0], s, base)
	sh := &st.shards[maphash.Bytes(st.seed, key)&uint64(len(st.shards)-1)]
	x := sh.find(key)
	for x == nil || !st.addTo(x, &s.value, l) {
		if x = sh.admit(st, key); x == nil {
			return
		}
	}
	if !alike || s.kind > floatCounter || l != (loss{}) || x.vain.Load() >= maxVain {
		return
	}
	if !st.remember().Put(r, &s.Sample, base.hash, st.tags.Lists, target{x, *base}) {
		x.vain.Add(1)
	}
}

// addTo takes an event of a series, and reports false when that was forgotten.
func (st *store) addTo(x *series, v *value, l loss) bool {
	var w *word
	if x.quick && l == (loss{}) {
		w = x.words.own()
		taken, met := w.add(v.bits)
		if met && w == &x.words.first {
			x.meet(st)
		}
		if taken {
			return true
		}
	}
	sh := x.shard
	if x.spread.Load() {
		sh = &st.shards[stripe.Near(len(st.shards))]
	}
	if !sh.mu.TryLock() {
		sh.mu.Lock()
		if sh == x.shard {
			x.meet(st)
		}
	}
	if x.gone.Load() {
		sh.mu.Unlock()
		return false
	}
	sh.take(st, x, v, l)
	if w != nil {
		sh.empty(st, x, w, wordOpen)
	}
	sh.mu.Unlock()
	return true
}

// collect queues the batches that were begun, and appends to sums what the series
// held when it was called. It holds each mutex for a few series at a time.
func (st *store) collect(sums []sum) []sum {
	for i := range st.shards {
		sums = st.shards[i].collect(st, sums)
	}
	return sums
}

func (sh *shard) collect(st *store, sums []sum) []sum {
	sh.mu.Lock()
	left := len(sh.dirty) // what comes meanwhile is for the next time
	sh.mu.Unlock()
	for ; left > 0; left -= chunk {
		sums = sh.collectSome(st, min(chunk, left), sums)
	}
	sh.mu.Lock()
	if sh.batch != nil {
		st.queue.push(sh.batch)
		sh.batch = nil
	}
	sh.mu.Unlock()
	return sums
}

// collectSome collects what the first n series of the list hold.
func (sh *shard) collectSome(st *store, n int, sums []sum) []sum {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var taken int64
	for _, x := range sh.dirty[:n] {
		sh.gather(st, x)
		x.dirty = false
		if x.events == 0 {
			continue
		}
		taken += x.events
		if x.kind == set {
			for member, events := range x.members {
				sums = append(sums, sum{item{series: x}, events, 0, member})
			}
			clear(x.members)
			x.events = 0
			continue
		}
		sums = append(sums, sum{x.item(), x.events, x.stamp(), ""})
		x.events, x.sum = 0, 0
		if x.kind != delta || x.plus { // else it is the gauge's value, of which the next change is one
			x.last = 0
		}
	}
	sh.dirty = slices.Delete(sh.dirty, 0, n)
	sh.counts.held -= taken
	st.queue.expect(taken)
	return sums
}

// sweep forgets the series that were not used since the last sweep.
func (st *store) sweep() {
	for i := range st.shards {
		for st.shards[i].sweep(st) {
		}
	}
	st.forms.Load().Forget()
}

// sweep looks at some series and reports whether there are more.
func (sh *shard) sweep(st *store) (more bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for range chunk {
		if sh.swept >= len(sh.all) {
			sh.swept = 0
			return false
		}
		x := sh.all[sh.swept]
		x.vain.Store(0)
		if x.used.Load() || x.dirty || x.kind == delta && !x.plus { // whose value only this knows
			x.used.Store(false)
			sh.swept++
			continue
		}
		x.gone.Store(true)
		if x.words.lanes.Load() != nil {
			st.laned.Add(-1)
		}
		st.names.release(x.claimed)
		delete(sh.table, x.key)
		last := len(sh.all) - 1
		sh.all[sh.swept], sh.all[last] = sh.all[last], nil
		sh.all = sh.all[:last]
		st.series.Add(-1)
	}
	return true
}

// close makes the store refuse events.
func (st *store) close() {
	for i := range st.shards {
		sh := &st.shards[i]
		sh.mu.Lock()
		sh.closed = true
		for _, x := range sh.all {
			x.gone.Store(true)
			sh.gather(st, x)
		}
		sh.mu.Unlock()
	}
}

// abandon counts all that waits as dropped, and lets go of it. The store must be
// closed.
func (st *store) abandon() {
	for i := range st.shards {
		sh := &st.shards[i]
		sh.mu.Lock()
		sh.counts.dropped += sh.counts.held
		if sh.batch != nil {
			sh.counts.dropped += sh.batch.events
		}
		sh.counts.held, sh.batch = 0, nil
		sh.table, sh.all, sh.dirty = nil, nil, nil
		sh.mu.Unlock()
	}
	st.series.Store(0)
	st.forms.Load().Forget()
	st.queue.abandon()
}

package statsd

import (
	"hash/maphash"
	"log/slog"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/stripe"
)

// A store is all that is between the app and the sender. Its methods but collect
// and sweep may be called from anywhere.
type store struct {
	layout
	memo      memo
	forms     event.Forms[form] // what came first of a series
	seed      maphash.Seed
	shards    []shard // a power of two
	maxSeries int64   // in all shards
	series    atomic.Int64
	laned     atomic.Int64 // how many counters have lanes, or there were none left for
	queue     queue
	names     names
	report    func(error)
}

// chunk is how many series are looked at while a shard's mutex is held.
const chunk = 64

// A form says where the events of an [event.Forms] go. It is immutable.
type form struct {
	series *series
	base   boundTags
}

// addAgain takes one event of a form that was there before, and reports false for any other.
func (st *store) addAgain(r *slog.Record, base *boundTags) bool {
	f, n := st.forms.Find(r)
	return f != nil && f.base.equal(base) && st.addTo(f.series, &value{bits: n}, loss{})
}

// add takes one event, whose tags are joined with those of base.
func (st *store) add(r *slog.Record, s *sample, base *boundTags) {
	hash := st.memo.hash(s, base)
	if e := st.memo.find(hash, s, base); e != nil && st.addTo(e.series, &s.value, e.loss) {
		return
	}
	var scratch [256]byte
	key, l := st.appendKey(scratch[:0], s, base)
	sh := &st.shards[maphash.Bytes(st.seed, key)&uint64(len(st.shards)-1)]
	x := sh.addByKey(st, key, &s.value, l)
	if x == nil || !st.memo.put(hash, s, base, x, l) {
		return
	}
	if s.kind <= floatCounter && st.rates[s.kind] == 1 && s.SampleRate == 0 && l == (loss{}) && !st.timestamps {
		st.forms.Put(r, &s.Sample, st.tags.Lists, form{x, *base}) // all that is new of the next one is its number
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
	if sh.batch != nil {
		st.queue.push(sh.batch)
		sh.batch = nil
	}
	left := len(sh.dirty) // what comes meanwhile is for the next time
	sh.mu.Unlock()
	for ; left > 0; left -= chunk {
		sums = sh.collectSome(st, min(chunk, left), sums)
	}
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
	st.memo.forget()
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
		if x.used.Load() || x.dirty || x.kind == delta && !x.plus { // whose value only this knows
			x.used.Store(false)
			sh.swept++
			continue
		}
		x.gone.Store(true)
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
	st.memo.forget()
	st.queue.abandon()
}

// A memo remembers which series events went to, so that one like those before it
// need not be brought into the form of a key. It is a cache of a fixed size without
// locks: what it does not know is looked up by its key.
type memo struct {
	seed  maphash.Seed
	slots []atomic.Pointer[memory]
}

// A memory says that events that have these parts go to this series. It is
// immutable.
type memory struct {
	kind   kind
	rate   float64
	scope  string        // of a record without a series
	origin *event.Series // of the records
	tags   []foundTag    // in the order in which they were found
	base   boundTags
	series *series
	loss   loss
}

const (
	maxMemo     = 1 << 16
	maxRemember = 512 // bytes of a name and tags that are remembered
	probes      = 4
)

func (m *memo) init(maxSeries int) {
	m.seed = maphash.MakeSeed()
	m.slots = make([]atomic.Pointer[memory], 1<<bits.Len(uint(min(max(maxSeries, probes), maxMemo)-1)))
}

// hash returns a hash of an event. The series of a record stands for its name.
func (m *memo) hash(s *sample, base *boundTags) uint64 {
	h := base.hash ^ uint64(s.kind) ^ math.Float64bits(s.SampleRate)
	if s.Series != nil {
		h = mix(h, uint64(s.Series.ID()))
	} else {
		h = mix(h, maphash.String(m.seed, s.Scope))
	}
	for i := range s.tags.n {
		t := s.tags.at(i)
		h = mix(h^uint64(t.n)+uint64(t.slot), maphash.String(m.seed, t.text))
	}
	return h
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xD1B54A32D192ED03) // both odd, with bits all over
	return hi ^ lo
}

// find returns what is remembered of events like s, or nil.
func (m *memo) find(h uint64, s *sample, base *boundTags) *memory {
	for i := range uint64(probes) {
		e := m.slots[(h+i)&uint64(len(m.slots)-1)].Load()
		if e == nil || e.matches(s, base) {
			return e
		}
	}
	return nil
}

func (e *memory) matches(s *sample, base *boundTags) bool {
	if e.origin != s.Series || s.Series == nil && e.scope != s.Scope || e.kind != s.kind || e.rate != s.SampleRate || len(e.tags) != s.tags.n {
		return false
	}
	for i := range e.tags {
		if e.tags[i] != *s.tags.at(i) {
			return false
		}
	}
	return e.base.equal(base)
}

// put remembers that events like s go to x, if there is room: what it remembers of
// series that are forgotten makes way. It copies all text, which may be part of something huge.
func (m *memo) put(h uint64, s *sample, base *boundTags, x *series, l loss) bool {
	slot := m.free(h)
	if slot == nil || len(s.Scope) > maxRemember {
		return false
	}
	e := &memory{kind: s.kind, rate: s.SampleRate, scope: strings.Clone(s.Scope), origin: s.Series, base: *base, series: x, loss: l}
	size := len(s.Scope)
	for i := range s.tags.n {
		t := *s.tags.at(i)
		if size += len(t.text); size > maxRemember {
			return false
		}
		t.text = strings.Clone(t.text)
		e.tags = append(e.tags, t)
	}
	slot.Store(e)
	return true
}

// free returns a place for what has this hash, or nil.
func (m *memo) free(h uint64) *atomic.Pointer[memory] {
	for i := range uint64(probes) {
		slot := &m.slots[(h+i)&uint64(len(m.slots)-1)]
		if old := slot.Load(); old == nil || old.series.gone.Load() {
			return slot
		}
	}
	return nil
}

// forget lets go of everything. Where it is done now and then, what is used comes back with
// the next event.
func (m *memo) forget() {
	for i := range m.slots {
		m.slots[i].Store(nil)
	}
}

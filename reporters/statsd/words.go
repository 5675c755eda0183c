package statsd

import (
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/stripe"
)

// A word holds the events and the sum of a counter, so that most events cost one atomic operation and no
// lock. It is 0, and takes nothing, unless the counter is in the list of its shard.
type word struct{ atomic.Uint64 }

const (
	wordOpen  = 1 << 63
	wordEvent = 1 << 48 // the sum is below
	wordFull  = wordOpen + (1<<15-1)*wordEvent
	maxQuick  = 1 << 33 // of an increment: the sum of as many as are counted has its place
)

// add adds n, and reports whether the word took it, and whether another goroutine was at it.
func (w *word) add(n uint64) (taken, met bool) {
	for n < maxQuick {
		old := w.Load()
		if old < wordOpen || old >= wordFull {
			break
		}
		if w.CompareAndSwap(old, old+wordEvent+n) {
			return true, met
		}
		met = true
	}
	return false, met
}

// words are those of a counter: one, and many where goroutines have met.
type words struct {
	first word
	lanes atomic.Pointer[[lanes]lane]
}

// A lane is the word of a few goroutines. Lanes share no cache line.
type lane struct {
	word
	_ [56]byte
}

const (
	lanes    = 32
	maxLaned = 64 // counters that have lanes, at most
)

// own returns the word that the goroutine is to use.
func (w *words) own() *word {
	if all := w.lanes.Load(); all != nil {
		return &all[stripe.Near(lanes)].word
	}
	return &w.first
}

// meet is called when two goroutines have met at x. From some time on they have a place each: a word of a counter,
// and a shard to whose batch a timing goes.
func (x *series) meet(st *store) {
	if x.met.Add(1) != stripe.Meetings {
		return
	}
	switch x.kind {
	case timing, histogram:
		x.spread.Store(true)
	case counter:
		if st.laned.Add(1) <= maxLaned {
			x.words.lanes.CompareAndSwap(nil, new([lanes]lane))
		}
	}
}

// each calls f with each word.
func (w *words) each(f func(*word)) {
	f(&w.first)
	if all := w.lanes.Load(); all != nil {
		for i := range all {
			f(&all[i].word)
		}
	}
}

// events returns how many events are in the words.
func (w *words) events() (n int64) {
	w.each(func(w *word) { n += int64(w.Load() &^ wordOpen / wordEvent) })
	return n
}

// gather brings to x what its words hold, and closes them.
func (sh *shard) gather(st *store, x *series) {
	if x.quick {
		x.words.each(func(w *word) { sh.empty(st, x, w, 0) })
	}
}

// empty brings to x what a word of it holds, and leaves another number in that.
func (sh *shard) empty(st *store, x *series, w *word, left uint64) {
	if old := w.Swap(left) &^ wordOpen; old != 0 {
		sh.count(st, x, int64(old%wordEvent), int64(old/wordEvent))
	}
}

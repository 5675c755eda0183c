package statsd

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/stripe"
)

// A series is what the events of one kind with one name and one set of tags become.
type series struct {
	// What each event needs, in one cache line, but for the words of a counter. Only the flags of use change.
	shard   *shard
	size    int         // of a line with a common value
	gone    atomic.Bool // forgotten, or the shard is closed: takes no event any more
	spread  atomic.Bool // goroutines have met here: a timing goes to the batch of any shard
	used    atomic.Bool // since the last sweep
	kind    kind
	altered bool   // cut, lost or renamed
	quick   bool   // a counter whose events need nothing but to be added: see words
	plus    bool   // a number has its sign
	head    string // of a line: before the value
	tail    string // of a line: after the value, with the newline

	// Never changes.
	key     string
	rate    string // as it stands in a line; "": all events are sent
	name    string // as the daemon sees it, without tags
	claimed string // name, as other series may not have it
	renamed bool   // name is not that of the key
	cut     bool   // the name or the tags do not stand in the line as they are in the key
	lost    int    // tags that are left out, of each event

	words words        // of a counter
	met   atomic.Int32 // how often goroutines have met here
	vain  atomic.Int32 // events that could not be remembered

	// Guarded by the shard's mutex: what this interval has brought.
	dirty   bool // in the shard's list
	events  int64
	sum     int64 // of a counter
	last    float64
	members map[string]int64 // of a set, with the events of each
	at      int64            // Unix time of the last event, where lines tell
	stamped int64            // that of the last line

	// The sender's own: values that are to go out in one line.
	packed       []byte // with a colon before each
	packedEvents int64
}

// A word holds the events and the sum of a counter, so that most events cost one atomic operation and no
// lock. It is 0, and takes nothing, unless the counter is in the list of its shard.
type word struct{ atomic.Uint64 }

const (
	wordOpen  = 1 << 63
	wordEvent = 1 << 48 // the sum is below
	wordFull  = wordOpen + (1<<15-1)*wordEvent
	maxQuick  = 1 << 33 // of an increment: the sum of 32767 of them is below 2⁴⁸
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

// A shard holds a part of the series, by their hash, and what their events have
// brought. Its mutex is held for a few series at a time, and while nothing is waited
// for but the queue's mutex.
type shard struct {
	// In one cache line: all that most events need.
	mu     sync.Mutex
	closed bool
	batch  *batch    // nil: none begun
	dirty  []*series // that hold something, oldest first

	table  map[string]*series // by key
	all    []*series          // in no order
	swept  int                // of all, how many the sweep under way has seen
	counts counts
	_      [128]byte // keeps the mutexes of two shards off one cache line
}

// counts are of events, but for the last.
type counts struct {
	held       int64 // in series
	dropped    int64
	skipped    int64
	overflowed int64
	truncated  int64
	renamed    int64
	tags       int64 // left out
}

// find returns the series with this key, or nil.
func (sh *shard) find(key []byte) *series {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.table[string(key)]
}

// admit returns the series with this key, and makes it if there is none. It counts the event and returns nil when the
// shard is closed, and when there are too many series, or no name for this one.
func (sh *shard) admit(st *store, key []byte) *series {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed {
		sh.counts.dropped++
		return nil
	}
	if x := sh.table[string(key)]; x != nil {
		return x
	}
	if st.series.Add(1) > st.maxSeries {
		st.series.Add(-1)
		sh.counts.overflowed++
		return nil
	}
	x := st.newNamed(string(key))
	if x == nil {
		st.series.Add(-1)
		sh.counts.dropped++
		return nil
	}
	x.shard = sh
	sh.table[x.key] = x
	sh.all = append(sh.all, x)
	return x
}

// note counts what was lost of an event of x.
func (sh *shard) note(x *series, l loss) {
	if !x.used.Load() {
		x.used.Store(true)
	}
	if x.altered || l != (loss{}) {
		if l.cut || x.cut {
			sh.counts.truncated++
		}
		if x.renamed {
			sh.counts.renamed++
		}
		sh.counts.tags += int64(l.tags + x.lost)
	}
}

// take takes an event of a series, which is of this shard unless it goes into the
// batch.
func (sh *shard) take(st *store, x *series, v *value, l loss) {
	sh.note(x, l)
	if v.at != 0 && v.at > x.at && x.kind != timing && x.kind != histogram { // they may be another shard's
		x.at = v.at
	}
	switch x.kind {
	case counter:
		sh.count(st, x, int64(v.bits), 1)
	case gauge:
		x.last = math.Float64frombits(v.bits)
		sh.hold(x, 1)
	case floatCounter, delta:
		sh.addFloat(st, x, math.Float64frombits(v.bits))
	case set:
		sh.addMember(st, x, v.text)
	case histogram:
		if math.Float64frombits(v.bits) < 0 && st.types[histogram] == "ms" {
			sh.counts.skipped++
			return
		}
		fallthrough
	case timing:
		sh.put(st, item{x, v.bits})
	}
}

// count adds n, of so many events, to the sum of x.
func (sh *shard) count(st *store, x *series, n, events int64) {
	total, ok := plus(x.sum, n)
	if !ok {
		sh.release(st, x)
		total = n
	}
	x.sum = total
	sh.hold(x, events)
}

// plus reports whether the sum of a and b has an int64.
func plus(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum < a) == (b < 0)
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
		if st.laned.Add(1) > maxLaned {
			st.laned.Add(-1)
			return
		}
		x.words.lanes.Store(new([lanes]lane))
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

// addFloat adds v to the float of x.
func (sh *shard) addFloat(st *store, x *series, v float64) {
	total := x.last + v
	if !finite(total) {
		sh.release(st, x)
		total = v
	}
	x.last = total
	sh.hold(x, 1)
}

// release hands what x holds to the sender ahead of time.
func (sh *shard) release(st *store, x *series) {
	b := sh.begin()
	b.sums = append(b.sums, sum{x.item(), x.events, x.stamp(), ""})
	b.events += x.events
	sh.counts.held -= x.events
	x.events = 0
	sh.end(st, b, x)
}

// maxMembers is how many members of one set are told apart in an interval. More are
// sent as they come.
const maxMembers = 1000

func (sh *shard) addMember(st *store, x *series, text string) {
	var scratch [maxTag]byte
	member, cut := appendClean(scratch[:0], text, valueBytes, st.member)
	if len(member) == 0 {
		member = append(member, '_')
	}
	if cut {
		sh.counts.truncated++
	}
	if n, ok := x.members[string(member)]; ok || len(x.members) < maxMembers {
		if x.members == nil {
			x.members = make(map[string]int64)
		}
		x.members[string(member)] = n + 1
		sh.hold(x, 1)
		return
	}
	b := sh.begin()
	b.sums = append(b.sums, sum{item{series: x}, 1, 0, string(member)})
	b.events++
	sh.end(st, b, x)
}

// item returns what x holds.
func (x *series) item() item {
	if x.kind == counter {
		return item{x, uint64(x.sum)}
	}
	return item{x, math.Float64bits(x.last)}
}

// stamp returns the time of the next line of x, or 0 where lines have none. It is later
// than that of the line before: of two with one time the agent keeps one.
func (x *series) stamp() int64 {
	if x.at == 0 {
		return 0
	}
	x.stamped = max(x.at, x.stamped+1)
	return x.stamped
}

// hold keeps events of x for the end of the interval.
func (sh *shard) hold(x *series, events int64) {
	x.events += events
	sh.counts.held += events
	if !x.dirty {
		x.dirty = true
		sh.dirty = append(sh.dirty, x)
	}
}

// put puts it into the batch.
func (sh *shard) put(st *store, it item) {
	b := sh.begin()
	b.items = append(b.items, it)
	b.events++
	sh.end(st, b, it.series)
}

func (sh *shard) begin() *batch {
	if sh.batch == nil {
		sh.batch = newBatch()
	}
	return sh.batch
}

// end hands the batch to the queue if it fills a packet with one more line of x.
func (sh *shard) end(st *store, b *batch, x *series) {
	b.size += x.size
	if b.size >= st.max || b.len() >= maxBatch {
		sh.batch = nil
		st.queue.push(b)
	}
}

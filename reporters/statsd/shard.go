package statsd

import (
	"math"
	"sync"
	"sync/atomic"
)

// A series is what the events of one kind with one name and one set of tags become.
type series struct {
	// Never changes.
	next  *series // with the same hash; guarded by the shard's mutex
	shard *shard
	hash  uint64
	key   string
	kind  kind
	rate  string // as it stands in a line; "": all events are sent
	head  string // of a line: before the value
	tail  string // of a line: after the value, with the newline
	size  int    // of a line with a common value
	cut   bool   // the name or the tags do not stand in the line as they are in the key
	lost  int    // tags that are left out, of each event

	gone atomic.Bool // forgotten, or the shard is closed: takes no event any more
	used atomic.Bool // since the last sweep

	// Guarded by the shard's mutex: what this interval has brought.
	dirty  bool // in the shard's list
	events int64
	sum    int64 // of a counter
	last   float64

	// The sender's own: values that are to go out in one line.
	packed       []byte // with a colon before each
	packedEvents int64
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

	table  map[uint64]*series
	all    []*series // in no order
	swept  int       // of all, how many the sweep under way has seen
	spare  []*series // room for the next list of dirty ones
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
	tags       int64 // left out
}

// addByKey takes an event that has this key, and returns its series, or nil when
// there is none for it.
func (sh *shard) addByKey(st *store, hash uint64, key []byte, s *sample, l loss) *series {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed {
		sh.counts.dropped++
		return nil
	}
	x := sh.find(hash, key)
	if x == nil {
		if x = sh.admit(st, hash, key); x == nil {
			sh.counts.overflowed++
			return nil
		}
	}
	sh.take(st, x, s, l)
	return x
}

func (sh *shard) find(hash uint64, key []byte) *series {
	for x := sh.table[hash]; x != nil; x = x.next {
		if x.key == string(key) {
			return x
		}
	}
	return nil
}

// admit makes a new series, or returns nil when there are too many.
func (sh *shard) admit(st *store, hash uint64, key []byte) *series {
	if st.series.Add(1) > st.maxSeries {
		st.series.Add(-1)
		return nil
	}
	x := st.newSeries(hash, string(key))
	x.shard, x.next = sh, sh.table[hash]
	sh.table[hash] = x
	sh.all = append(sh.all, x)
	return x
}

// take takes an event of a series, which is of this shard unless it goes into the
// batch.
func (sh *shard) take(st *store, x *series, s *sample, l loss) {
	if !x.used.Load() {
		x.used.Store(true)
	}
	if l.cut || x.cut {
		sh.counts.truncated++
	}
	if lost := l.tags + x.lost; lost > 0 {
		sh.counts.tags += int64(lost)
	}
	switch x.kind {
	case timing:
		sh.put(st, item{x, uint64(s.n)})
	case counter:
		sh.count(st, x, s.n)
	case gauge:
		x.last = s.f
		sh.hold(x)
	case histogram:
		if s.f < 0 && st.types[histogram] == "ms" {
			sh.counts.skipped++
			return
		}
		sh.put(st, item{x, math.Float64bits(s.f)})
	}
}

// count adds n to the sum of x.
func (sh *shard) count(st *store, x *series, n int64) {
	total := x.sum + n
	if (total < x.sum) != (n < 0) { // too much for one sum
		b := sh.begin()
		b.sums = append(b.sums, sum{item{x, uint64(x.sum)}, x.events})
		b.events += x.events
		sh.counts.held -= x.events
		x.events, total = 0, n
		sh.end(st, b, x)
	}
	x.sum = total
	sh.hold(x)
}

// hold keeps one event of x for the end of the interval.
func (sh *shard) hold(x *series) {
	x.events++
	sh.counts.held++
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
	if b.size >= st.max || len(b.items) >= maxBatch {
		sh.batch = nil
		st.queue.push(b)
	}
}

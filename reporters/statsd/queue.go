package statsd

import (
	"bytes"
	"math"
	"strconv"
	"sync"
)

// An item is the value of one event on its way to the socket.
type item struct {
	series *series
	bits   uint64 // an int64 of a timing or a counter, else a float64
}

// A sum is what several events have become.
type sum struct {
	item
	events int64
	at     int64  // Unix time; 0: none
	member string // of a set
}

// appendValue appends the value of it.
func (it item) appendValue(dst []byte) []byte {
	switch it.series.kind {
	case timing:
		return appendMillis(dst, int64(it.bits))
	case counter:
		return strconv.AppendInt(dst, int64(it.bits), 10)
	}
	f := math.Float64frombits(it.bits)
	if it.series.plus && f >= 0 {
		dst = append(dst, '+')
	}
	return appendNumber(dst, f)
}

// appendLine appends the line of it.
func (it item) appendLine(dst []byte) []byte {
	return append(it.appendValue(append(dst, it.series.head...)), it.series.tail...)
}

// appendLine appends the line of x.
func (x *sum) appendLine(dst []byte) []byte {
	if x.series.kind == set {
		return append(append(append(dst, x.series.head...), x.member...), x.series.tail...)
	}
	dst = x.item.appendLine(dst)
	if x.at != 0 {
		dst = append(dst[:len(dst)-1], "|T"...)
		dst = append(strconv.AppendInt(dst, x.at, 10), '\n')
	}
	return dst
}

// appendZero appends a line that sets the gauge to zero. It is no metric of its own, and
// has no time.
func (x *sum) appendZero(dst []byte) []byte {
	return append(append(append(dst, x.series.head...), '0'), x.series.tail...)
}

// maxValue is the length of the longest number that is common. Longer ones occur:
// without an exponent 1e300 has 301 digits.
const maxValue = 24

// appendMillis appends nanoseconds as milliseconds: all digits, no exponent.
func appendMillis(dst []byte, ns int64) []byte {
	const nsInMs = 1_000_000
	ns = max(ns, 0) // daemons reject a negative time
	dst = strconv.AppendInt(dst, ns/nsInMs, 10)
	part := ns % nsInMs
	if part == 0 {
		return dst
	}
	point := len(dst)
	dst = strconv.AppendInt(dst, nsInMs+part, 10)
	dst[point] = '.' // in place of the 1
	return bytes.TrimRight(dst, "0")
}

// appendNumber appends the shortest decimal that reads back as f, without an
// exponent, which not all daemons read. f must be finite.
func appendNumber(dst []byte, f float64) []byte {
	const exact = 1 << 53
	if -exact <= f && f <= exact {
		if i := int64(f); float64(i) == f {
			return strconv.AppendInt(dst, i, 10) // also turns -0 into 0
		}
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

// minRate is the least share of events that a line can tell of: a daemon may repeat
// a timing as often as the rate says, and more than a million times would stop it.
const minRate = 1e-6

// longestRate is as long as a rate can be: 0.00000123456789.
const longestRate = 1.23456789e-6

// product returns the product of two sample rates, where 0 is none.
func product(own, before float64) float64 {
	if before == 0 {
		return own
	}
	return own * before
}

// isWhole reports whether a weight is a whole number but for rounding.
func isWhole(weight float64) bool {
	return math.Abs(weight-math.Round(weight)) <= 1e-9*weight
}

// wholeWeight returns the rate before, where 0 is none, for one event out of 1/(own·before)
// in a form whose weight is whole: the next lower or the next higher number, so that it is
// right on average. DataDog's agent, telegraf and statsd_exporter take the whole part of the
// weight of a timing or a histogram's value, and would make one of 1.67.
func wholeWeight(own, before, random float64) float64 {
	weight := 1 / product(own, before)
	if isWhole(weight) {
		return before
	}
	n := math.Floor(weight)
	if random < weight-n {
		n++
	}
	return 1 / n / own
}

// appendRate appends the product of two sample rates, where 0 is none, as it stands in
// a line: nothing where all events are sent, and else a decimal of at most nine
// significant digits with no exponent, which not all daemons read.
func appendRate(dst []byte, own, before float64) []byte {
	rate := product(own, before)
	const digits = 9
	if !(rate < 1-0.5e-9) { // it rounds to 1
		return dst
	}
	places := digits
	for r := rate; r < 0.1; r *= 10 {
		places++
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, rate, 'f', places, 64)
	if n := math.Round(1 / rate); isWhole(1 / rate) {
		// A daemon that takes the whole part of 1/rate must not find one less.
		if written, _ := strconv.ParseFloat(string(dst[start:]), 64); math.Floor(1/written) < n {
			dst = strconv.AppendFloat(dst[:start], rate-math.Pow10(-places), 'f', places, 64)
		}
	}
	return dst[:start+len(bytes.TrimRight(dst[start:], "0"))]
}

// A batch is about as many items as fill a packet, so that it is handed to the
// sender when a packet would leave.
type batch struct {
	items  []item
	sums   []sum
	size   int // of their lines, about
	events int64
	next   *batch // in the queue
}

// maxBatch is the most items of a batch.
const maxBatch = 256

// batchPool keeps batches, and the series in them, for a while.
var batchPool = sync.Pool{New: func() any { return &batch{items: make([]item, 0, 48)} }}

func (b *batch) len() int { return len(b.items) + len(b.sums) }

func newBatch() *batch { return batchPool.Get().(*batch) }

func (b *batch) free() {
	b.items, b.sums, b.size, b.events = b.items[:0], b.sums[:0], 0, 0
	batchPool.Put(b)
}

// A queue holds the batches that wait for the sender. When it is full the oldest
// leaves for the newest: StatsD has no timestamps, so that what is sent after an
// outage had better be recent.
type queue struct {
	limit int           // of items
	wake  chan struct{} // has room for one

	mu          sync.Mutex
	first, last *batch // nil: none
	n           int
	items       int   // in these
	waiting     int64 // events in these, and with the sender
	totals      totals
}

// totals are what became of events, and of packets.
type totals struct {
	sent    int64
	dropped int64
	packets int64
	bytes   int64
	lost    struct{ packets, bytes int64 } // refused, or given up
}

func (q *queue) push(b *batch) {
	q.mu.Lock()
	for q.n > 0 && q.items+b.len() > q.limit {
		oldest := q.take()
		q.waiting -= oldest.events
		q.totals.dropped += oldest.events
		oldest.free()
	}
	if q.n == 0 {
		q.first = b
	} else {
		q.last.next = b
	}
	q.last = b
	q.n++
	q.items += b.len()
	q.waiting += b.events
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take removes the oldest batch, of which there is at least one.
func (q *queue) take() *batch {
	b := q.first
	q.first, b.next = b.next, nil
	q.n--
	q.items -= b.len()
	return b
}

// length returns how many batches and items wait.
func (q *queue) length() (batches, items int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n, q.items
}

// pop returns the oldest batch, or nil. Its events count as waiting until the sender
// says what became of them.
func (q *queue) pop() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return nil
	}
	return q.take()
}

// expect counts events as waiting that go to the sender without the queue.
func (q *queue) expect(events int64) {
	q.mu.Lock()
	q.waiting += events
	q.mu.Unlock()
}

// sent counts a packet that was sent. Less than nothing takes back what was counted.
func (q *queue) sent(packets, events, bytes int64) {
	q.mu.Lock()
	q.waiting -= events
	q.totals.sent += events
	q.totals.packets += packets
	q.totals.bytes += bytes
	q.mu.Unlock()
}

// gaveUp counts packets that were refused or cannot be sent, or events that are in none.
func (q *queue) gaveUp(packets, events, bytes int64) {
	q.mu.Lock()
	q.waiting -= events
	q.totals.dropped += events
	q.totals.lost.packets += packets
	q.totals.lost.bytes += bytes
	q.mu.Unlock()
}

// abandon counts all that waits as dropped.
func (q *queue) abandon() {
	q.mu.Lock()
	q.totals.dropped += q.waiting
	q.waiting, q.first, q.last, q.n, q.items = 0, nil, nil, 0, 0
	q.mu.Unlock()
}

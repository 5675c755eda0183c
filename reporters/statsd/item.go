package statsd

import (
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
}

// appendValue appends the value of it.
func (it item) appendValue(dst []byte) []byte {
	switch it.series.kind {
	case timing:
		return appendMillis(dst, int64(it.bits))
	case counter:
		return strconv.AppendInt(dst, int64(it.bits), 10)
	}
	return appendNumber(dst, math.Float64frombits(it.bits))
}

// appendLines appends the line of it, or the two of a negative gauge.
func (it item) appendLines(dst []byte, absolute bool) []byte {
	x := it.series
	if x.kind == gauge && !absolute && math.Float64frombits(it.bits) < 0 {
		dst = append(append(append(dst, x.head...), '0'), x.tail...)
	}
	return append(it.appendValue(append(dst, x.head...)), x.tail...)
}

// A batch is about as many items as fill a packet, so that it is handed to the
// sender when a packet would leave.
type batch struct {
	items  []item
	sums   []sum
	size   int // of their lines, about
	events int64
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

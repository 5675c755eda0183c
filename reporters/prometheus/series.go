package prometheus

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	prom "github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/slogtel"
)

// A series is one metric with one set of label values.
type series struct {
	family *family

	counter   prom.Counter
	gauge     prom.Gauge
	histogram prom.Observer
	errors    prom.Counter

	sum   atomic.Int64  // of a counter, rounded up
	parts atomic.Uint64 // the float64 of a counter's increments that are no whole numbers

	// exemplars are the times since family.start at which the next one is due: of a counter, or of
	// each bucket. To build one is many times the cost of an observation.
	exemplars []atomic.Int64

	use     atomic.Uint32 // used, idle, gone
	seen    time.Duration // when it was found used; guarded by the mutex of the store
	clashes bool          // its metric was refused before it was made
	cached  atomic.Bool   // the table has remembered it
}

// A series that has not been used for a while goes: a sweep marks it idle, an event used again. One
// that stays idle for Options.IdleTimeout, or is deleted, is gone, and takes no more.
const (
	used uint32 = iota
	idle
	gone
)

// take reports whether x may be added to, and marks it used.
func (x *series) take() bool {
	switch x.use.Load() {
	case used:
		return true
	case idle:
		return x.use.CompareAndSwap(idle, used) || x.use.Load() == used
	}
	return false
}

// exemplarEvery is the least time between two exemplars of one bucket or counter: a
// scrape, which is never so frequent, still finds one of the last second.
const exemplarEvery = time.Second

// add adds e, which fits the series' kind and is not negative if a counter. It reports whether
// there was room for it.
func (x *series) add(e *sample) bool {
	switch {
	case x.counter != nil:
		return x.count(e)
	case x.gauge != nil:
		x.gauge.Set(e.f)
	default:
		x.observe(e)
	}
	return true
}

// count adds to a counter. At the end of the range of an int64 it stays: a counter
// that wraps around would look like one that was reset. It reports whether all was added.
func (x *series) count(e *sample) bool {
	weighed := e.weigh(e.f)
	n := x.limit(weighed)
	if n == 0 && weighed > 0 {
		return false
	}
	if e.TraceID != "" && n > 0 {
		if labels := x.exemplar(e, 0); labels != nil {
			x.counter.(prom.ExemplarAdder).AddWithExemplar(n, labels)
			return n == weighed
		}
	}
	x.counter.Add(n)
	return n == weighed
}

// limit returns how much of n, which is not negative, the counter has room for. A part that is so
// small beside the others that it would be rounded away has none: the counter would stand still.
func (x *series) limit(n float64) float64 {
	if n != math.Trunc(n) && !x.addPart(n) {
		return 0
	}
	up := int64(math.MaxInt64)
	if n < math.MaxInt64 {
		up = int64(math.Ceil(n))
	}
	for {
		old := x.sum.Load()
		left := math.MaxInt64 - old
		if up >= left {
			up, n = left, min(n, float64(left))
		}
		if x.sum.CompareAndSwap(old, old+up) {
			return n
		}
	}
}

// addPart adds n to what client_golang keeps in a float64, and reports whether that grew.
func (x *series) addPart(n float64) bool {
	for {
		bits := x.parts.Load()
		old := math.Float64frombits(bits)
		if old+n == old {
			return false
		}
		if x.parts.CompareAndSwap(bits, math.Float64bits(old+n)) {
			return true
		}
	}
}

// observe adds a value to a histogram, as often as it stands for an event.
func (x *series) observe(e *sample) {
	if x.errors != nil && e.Error != "" {
		x.errors.Add(e.weigh(1))
	}
	times := e.times()
	if times > 0 && e.TraceID != "" {
		bucket, _ := slices.BinarySearch(x.family.bounds, e.f)
		if labels := x.exemplar(e, bucket); labels != nil {
			x.histogram.(prom.ExemplarObserver).ObserveWithExemplar(e.f, labels)
			times--
		}
	}
	for range times {
		x.histogram.Observe(e.f)
	}
}

// exemplar returns the labels of an exemplar for e, or nil if none is due or the
// ids cannot be one.
func (x *series) exemplar(e *sample, slot int) prom.Labels {
	now := int64(time.Since(x.family.start)) + 1
	due := &x.exemplars[slot]
	next := due.Load()
	if now < next {
		return nil
	}
	labels := exemplarLabels(e.TraceID, e.SpanID)
	if labels == nil || !due.CompareAndSwap(next, now+int64(exemplarEvery)) {
		return nil
	}
	return labels
}

// exemplarLabels returns the ids as labels: both, or the trace id alone where there
// is no room for both, or nil. They are copies, as an exemplar is kept for long.
func exemplarLabels(traceID, spanID string) prom.Labels {
	left := prom.ExemplarMaxRunes - runes(slogtel.KeyTraceID) - runes(traceID)
	if left < 0 {
		return nil
	}
	labels := prom.Labels{slogtel.KeyTraceID: strings.Clone(traceID)}
	if spanID != "" && runes(slogtel.KeySpanID)+runes(spanID) <= left {
		labels[slogtel.KeySpanID] = strings.Clone(spanID)
	}
	return labels
}

// runes returns the number of runes of s, and too many for what is not UTF-8.
func runes(s string) int {
	if len(s) > prom.ExemplarMaxRunes*utf8.UTFMax || !utf8.ValidString(s) {
		return prom.ExemplarMaxRunes + 1
	}
	return utf8.RuneCountInString(s)
}

package page

import (
	"maps"
	"math"
	"slices"
	"time"
)

// firstWidth is the width of a bucket of time until there are too many.
const firstWidth = int64(time.Millisecond)

// A grid cuts time into buckets of one width, which doubles when there would be
// more than max from the first to the last.
type grid struct {
	max     int64
	width   int64 // nanoseconds
	low     int64 // number of the first bucket; bucket i is [i×width, (i+1)×width)
	high    int64
	used    bool
	rescale []func() // called when the width has doubled: bucket i is in i>>1 now
}

// bucket returns the number of the bucket of a time, in Unix nanoseconds.
func (g *grid) bucket(at int64) int64 {
	i := floorDiv(at, g.width)
	if !g.used {
		g.low, g.high, g.used = i, i, true
		return i
	}
	low, high := min(g.low, i), max(g.high, i)
	for high-low >= g.max {
		g.width *= 2
		low, high, i = low>>1, high>>1, i>>1
		for _, f := range g.rescale {
			f()
		}
	}
	g.low, g.high = low, high
	return i
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A series has something for some buckets of a grid.
type series[T any] map[int64]*T

func (s series[T]) at(bucket int64) *T {
	v := s[bucket]
	if v == nil {
		v = new(T)
		s[bucket] = v
	}
	return v
}

// newSeries returns a series on g. merge adds the second, which may be changed, to
// the first; in time it comes after the first.
func newSeries[T any](g *grid, merge func(into, from *T)) series[T] {
	s := make(series[T])
	g.rescale = append(g.rescale, func() { s.halve(merge) })
	return s
}

func (s series[T]) halve(merge func(into, from *T)) {
	old := maps.Clone(s)
	clear(s)
	for _, i := range slices.Sorted(maps.Keys(old)) {
		if into := s[i>>1]; into != nil {
			merge(into, old[i])
		} else {
			s[i>>1] = old[i]
		}
	}
}

// unixNano returns t in nanoseconds; false if it is no time or has none.
func unixNano(t time.Time) (int64, bool) {
	if y := t.Year(); t.IsZero() || y < 1700 || y > 2250 {
		return 0, false
	}
	return t.UnixNano(), true
}

// Latencies fall into bins: 4 for each doubling, from a nanosecond to 4.8 hours.
const (
	binsPerDoubling = 4
	bins            = 176
)

// binOf returns the bin of a latency in seconds.
func binOf(seconds float64) int {
	ns := seconds * 1e9
	if !(ns > 1) {
		return 0
	}
	return int(min(bins-1, math.Log2(ns)*binsPerDoubling))
}

// binStart returns the least latency in a bin, in seconds.
func binStart(bin float64) float64 { return math.Exp2(bin/binsPerDoubling) / 1e9 }

// A latencyRow is what a scope did in a bucket of time.
type latencyRow struct {
	calls, errors float64
	max           float64 // seconds
	bins          [bins]float32
}

func (r *latencyRow) add(seconds, weight float64) {
	r.max = max(r.max, seconds)
	r.bins[binOf(seconds)] += float32(weight)
}

func (r *latencyRow) merge(from *latencyRow) {
	r.calls += from.calls
	r.errors += from.errors
	r.max = max(r.max, from.max)
	for i := range r.bins {
		r.bins[i] += from.bins[i]
	}
}

// quantile returns a latency in seconds, within 19 %: the bins are that wide.
func (r *latencyRow) quantile(q float64) float64 {
	var all, below float64
	for _, n := range r.bins {
		all += float64(n)
	}
	for i, n := range r.bins {
		if n := float64(n); n > 0 && below+n >= q*all {
			return min(binStart(float64(i)+(q*all-below)/n), r.max)
		}
		below += float64(n)
	}
	return r.max
}

// A metricRow is what a metric did in a bucket of time.
type metricRow struct {
	count, sum, min, max, last float64
	lastAt                     int64
}

func (r *metricRow) merge(from *metricRow) {
	if from.count == 0 {
		return
	}
	if r.count == 0 {
		*r = *from
		return
	}
	r.count += from.count
	r.sum += from.sum
	r.min, r.max = min(r.min, from.min), max(r.max, from.max)
	if from.lastAt >= r.lastAt {
		r.last, r.lastAt = from.last, from.lastAt
	}
}

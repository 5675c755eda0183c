// Package collect adds up the events of one scope or metric. Report, flame and diff say what
// they say from the same sums.
package collect

import (
	"cmp"
	"math"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// A Series is what is kept of the events of one scope, or of one metric. Durations are in
// nanoseconds. A sampled event counts as often as its weight says. The zero Series is empty.
type Series struct {
	Events      int64       // lines, sampled or not
	Count       tally.Total // what the events stand for
	Errors      tally.Total // timings that failed
	Canceled    tally.Total // timings that neither failed nor came to their end
	Unit        string      // the last one that was not empty
	Total       tally.Total // of durations, or of values
	Summed      tally.Total // of Count, those that Total is of: summaries of gauges may have no sum
	Min, Max    float64     // of values; of timings only those of summaries
	Sketch      *sketch.Sketch
	Approximate bool // there were summaries without a sketch
}

// Empty reports whether no event was added.
func (s *Series) Empty() bool { return s.Count == tally.Total{} }

// Distributed reports whether events of a type have a distribution to speak of.
func Distributed(typ slogtel.MetricType) bool {
	return typ == slogtel.TypeTiming || typ == slogtel.TypeHistogram
}

// Add adds an event. There is a distribution only if sketches is true: it takes most of the memory of a Series.
func (s *Series) Add(e *events.Event, sketches bool) {
	s.Events++
	s.Unit = cmp.Or(e.Unit, s.Unit)
	weight := e.Weight()
	switch e.Kind {
	case events.Summary:
		if e.Totals != nil {
			s.addTotals(e.Totals, e.Type == slogtel.TypeTiming, sketches)
		}
	case events.Timing:
		s.Count.AddInt(1, weight)
		s.Summed.AddInt(1, weight)
		s.Total.AddInt(max(int64(e.Duration), 0), weight)
		s.observe(float64(e.Duration), weight, sketches)
		if e.Failed() {
			s.Errors.AddInt(1, weight)
		} else if e.Canceled {
			s.Canceled.AddInt(1, weight)
		}
	case events.Metric:
		s.between(e.Value, e.Value)
		s.Count.AddInt(1, weight)
		switch {
		case !e.Numeric:
			return
		case e.Whole && e.Type != slogtel.TypeHistogram:
			s.Total.AddInt(e.Int, weight)
		default:
			s.Total.Add(e.Value, weight)
		}
		s.Summed.AddInt(1, weight)
		s.observe(e.Value, weight, sketches)
	}
}

func (s *Series) observe(v, weight float64, sketches bool) {
	if sketches {
		s.dist().AddWeighted(v, weight)
	}
}

// between notes the least and the greatest of some values, before they are counted.
func (s *Series) between(least, most float64) {
	if s.Empty() {
		s.Min, s.Max = least, most
	}
	s.Min, s.Max = min(s.Min, least), max(s.Max, most)
}

func (s *Series) dist() *sketch.Sketch {
	if s.Sketch == nil {
		s.Sketch = new(sketch.Sketch)
	}
	return s.Sketch
}

// Mean is that of durations, or of values. It is false where no sum is known.
func (s *Series) Mean() (float64, bool) {
	if n := s.Summed.Value(); n > 0 {
		return s.Total.Value() / n, true
	}
	return 0, false
}

// Quantile is within 1 %; 0 where there is no distribution.
func (s *Series) Quantile(q float64) float64 {
	if s.Sketch == nil {
		return 0
	}
	return s.Sketch.Quantile(q)
}

// addTotals adds a summary, whose events an aggregate has scaled already.
func (s *Series) addTotals(t *events.Totals, timing, sketches bool) {
	if t.Count < 1 {
		return
	}
	scale, sum := 1.0, t.Sum
	if timing {
		scale, sum = float64(time.Second), max(sum, 0)
	}
	s.between(t.Min, t.Max)
	addCount(&s.Count, t)
	s.Errors.AddInt(min(max(0, t.Errors), t.Count), 1)
	switch {
	case t.NoSum:
	case t.Sketch != nil:
		addCount(&s.Summed, t)
		s.Total.Add(t.Sketch.Sum(), 1)
	default:
		addCount(&s.Summed, t)
		s.Total.Add(Finite(sum*scale), 1)
	}
	switch {
	case !sketches:
	case t.Sketch != nil:
		s.dist().Merge(t.Sketch)
	default:
		s.Approximate = true
		s.addQuantiles(t, scale)
	}
}

// addCount counts the events of a summary, exactly if their number is whole.
func addCount(total *tally.Total, t *events.Totals) {
	if n := t.Events(); n != math.Trunc(n) {
		total.Add(n, 1)
		return
	}
	total.AddInt(t.Count, 1)
}

// addQuantiles stands in for the distribution of a summary that has no sketch: as many
// values at each of its quantiles as lie between them.
func (s *Series) addQuantiles(t *events.Totals, scale float64) {
	n := t.Events()
	rest := n
	put := func(v float64, weight float64) {
		weight = min(rest, weight)
		rest -= weight
		s.dist().AddWeighted(min(max(v, t.Min), t.Max)*scale, weight)
	}
	if n > 1 {
		put(t.Max, 1)
		put(t.Min, 1)
	}
	put(t.P99, 0.01*n)
	put(t.P95, 0.04*n)
	put(t.P90, 0.05*n)
	put(t.P50, 0.4*n)
	put((t.Min+t.P50)/2, 0.25*n)
	put(t.P50, rest)
}

// Merge adds what o has, which must not be used after.
func (s *Series) Merge(o *Series) {
	if !o.Empty() {
		s.between(o.Min, o.Max)
	}
	s.Events += o.Events
	s.Count.Merge(o.Count)
	s.Errors.Merge(o.Errors)
	s.Canceled.Merge(o.Canceled)
	s.Unit = cmp.Or(s.Unit, o.Unit)
	s.Total.Merge(o.Total)
	s.Summed.Merge(o.Summed)
	s.Approximate = s.Approximate || o.Approximate
	if s.Sketch == nil {
		s.Sketch = o.Sketch
	} else {
		s.Sketch.Merge(o.Sketch)
	}
}

// Finite returns the finite number nearest to v.
func Finite(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// Whole is a count as it is shown.
func Whole(t *tally.Total) int64 {
	n, _ := t.Int()
	return n
}

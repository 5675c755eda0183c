package series

import (
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
)

// Sums are those of the events of one series, or of a part of them. What uses them has locked the
// part. The zero Sums are empty.
//
// The sketch has the values of a histogram, and of timings in nanoseconds, but for those of
// summaries that came without a sketch: these, and all others, are in what follows it.
type Sums struct {
	Events int64 // as they came, not scaled
	Depth  int   // the least one
	Errors tally.Total
	Sketch sketch.Sketch

	Rest     tally.Total // events that are not in the sketch
	Total    tally.Total // of a counter
	Sum      tally.Sum   // of a gauge, and of values that are not in the sketch
	Last     float64     // of a gauge
	min, max float64     // of what is in Sum
}

// Add adds an event that stands for as many as weight says.
func (s *Sums) Add(e *event.Sample, weight float64) {
	if e.Type == event.TypeTiming {
		s.AddTiming(e.Duration, e.Depth, weight)
		if e.Error != "" {
			s.Errors.AddInt(1, weight)
		}
		return
	}
	s.begin(e.Depth, 1)
	switch e.Type {
	case event.TypeHistogram:
		s.Sketch.AddWeighted(e.Value.Float64(), weight)
		return
	case event.TypeCounter:
		AddValue(&s.Total, e.Value, weight)
	case event.TypeGauge:
		v := e.Value.Float64()
		s.widen(v, v)
		s.Last = v
		s.Sum.AddTimes(v, weight)
	}
	s.Rest.AddInt(1, weight)
}

// AddTiming adds a timing that has no error.
func (s *Sums) AddTiming(d time.Duration, depth int, weight float64) {
	s.begin(depth, 1)
	s.Sketch.AddWeighted(float64(max(0, d)), weight)
}

// AddSummary adds the events of a summary whose sketch is d, or nil where it has none.
func (s *Sums) AddSummary(sum *event.Summary, d *sketch.Sketch) {
	s.begin(sum.Depth, sum.Count)
	s.Errors.AddInt(min(max(sum.Errors, 0), sum.Count), 1)
	switch {
	case sum.Type == event.TypeCounter:
		s.Total.Add(sum.Sum, 1)
		s.Rest.AddInt(sum.Count, 1)
		return
	case sum.Type != event.TypeGauge && d != nil:
		s.Sketch.Merge(d)
		return
	}
	unit := unitOf(sum.Type)
	s.widen(Finite(sum.Min*unit), Finite(sum.Max*unit))
	s.Last = sum.Last
	s.Sum.Add(Finite(sum.Sum * unit))
	AddCount(&s.Rest, sum, nil)
}

// Merge adds what is in from, which is of timings, a counter or a histogram, and empties it.
func (s *Sums) Merge(from *Sums) {
	s.begin(from.Depth, from.Events)
	s.Errors.Merge(from.Errors)
	s.Rest.Merge(from.Rest)
	s.Total.Merge(from.Total)
	s.Sketch.Merge(&from.Sketch)
	*from = Sums{}
}

func (s *Sums) begin(depth int, events int64) {
	if s.Events == 0 {
		s.Depth = depth
	}
	s.Depth = min(s.Depth, depth)
	s.Events = tally.Plus(s.Events, events)
}

// widen notes the least and the greatest of some values, before they are counted in Rest.
func (s *Sums) widen(least, most float64) {
	if s.Rest == (tally.Total{}) {
		s.min, s.max = least, most
	}
	s.min, s.max = min(s.min, least), max(s.max, most)
}

// Value returns the sum of all values but a counter's.
func (s *Sums) Value() float64 { return Finite(s.Sketch.Sum() + s.Sum.Value()) }

// Range returns the least and the greatest of the values that Value is the sum of.
func (s *Sums) Range() (least, most float64) {
	switch {
	case s.Sketch.Count() == 0:
		return s.min, s.max
	case s.Rest == tally.Total{}:
		return s.Sketch.Min(), s.Sketch.Max()
	}
	return min(s.min, s.Sketch.Min()), max(s.max, s.Sketch.Max())
}

// Describe sets the fields of a summary that come from its events; it has its type and interval.
func (s *Sums) Describe(sum *event.Summary, withSketch bool) {
	d, unit := &s.Sketch, unitOf(sum.Type)
	all := s.Rest
	all.Merge(d.Total())
	events, value, rate := all.Value(), s.Value(), 0.0
	exact, ok := all.Exact()
	if sum.Count = exact; !ok {
		sum.Count = tally.Whole(events) // as those have it who read the sketch
	}
	switch sum.Type {
	case event.TypeCounter:
		value = s.Total.Value()
		rate = value
	case event.TypeGauge:
		sum.Last = s.Last
	default:
		rate = events
		sum.P50, sum.P90 = d.Quantile(0.50)/unit, d.Quantile(0.90)/unit
		sum.P95, sum.P99 = d.Quantile(0.95)/unit, d.Quantile(0.99)/unit
		sum.QuantileError = sketch.RelativeError
		if withSketch {
			text, _ := d.AppendText(nil) // the error is always nil
			sum.Sketch = string(text)
		}
	}
	sum.Errors = min(Whole(&s.Errors), sum.Count)
	sum.Sum = Finite(value / unit)
	if sum.Type != event.TypeCounter {
		least, most := s.Range()
		sum.Min, sum.Max = least/unit, most/unit
		if events > 0 {
			sum.Mean = value / events / unit
		}
	}
	if seconds := sum.Interval.Seconds(); seconds > 0 {
		sum.Rate = Finite(rate / seconds)
	}
}

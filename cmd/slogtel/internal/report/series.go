package report

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// series is what is kept of the events of one scope, or of one metric.
type series struct {
	events      int64 // as they came
	count       tally.Total
	errors      tally.Total
	canceled    tally.Total // neither failed nor came to their end
	unit        string      // the last one that was not empty
	total       tally.Total // of durations in nanoseconds, or of values
	min, max    float64
	last        time.Time // when the last value came
	lastAt      events.Position
	value       float64 // the last one
	text        string  // the last error, or the last value that is no number or has no float
	depth       int     // the least
	mixed       bool    // there were several depths
	approximate bool    // there were summaries without a sketch
	sketch      *sketch.Sketch
	times       tree.Times
	by          map[string]*series // values of the attribute that was asked for
}

// maxText is the most bytes of a text that are kept.
const maxText = 256

func (s *series) empty() bool { return s.count == tally.Total{} }

func (s *series) addEvent(e *events.Event) {
	s.events++
	s.unit = cmp.Or(e.Unit, s.unit)
	if e.Kind == events.Summary {
		s.addTotals(e)
		return
	}
	weight := e.Weight()
	if e.Kind == events.Timing {
		s.count.AddInt(1, weight)
		s.total.AddInt(int64(e.Duration), weight)
		s.dist().AddWeighted(float64(e.Duration), weight)
		switch {
		case e.Failed():
			s.errors.AddInt(1, weight)
			s.addText(e, e.Error)
		case e.Canceled:
			s.canceled.AddInt(1, weight)
		}
		return
	}
	s.between(e.Value, e.Value)
	s.count.AddInt(1, weight)
	switch {
	case e.Type == "histogram":
		s.total.Add(e.Value, weight)
		s.dist().AddWeighted(e.Value, weight)
	case e.Type == "counter" && e.Whole:
		s.total.AddInt(e.Int, weight)
	case e.Type == "counter":
		s.total.Add(e.Value, weight)
	case e.Type == "gauge":
		s.addLast(e, e.Value)
	case e.Whole:
		s.addText(e, strconv.FormatInt(e.Int, 10))
	case e.Numeric && e.Text == "":
		s.addLast(e, e.Value)
	default:
		s.addText(e, unquoted(e.Text))
	}
}

// between notes the least and the greatest of some values, before they are counted.
func (s *series) between(least, most float64) {
	if s.empty() {
		s.min, s.max = least, most
	}
	s.min, s.max = min(s.min, least), max(s.max, most)
}

func (s *series) dist() *sketch.Sketch {
	if s.sketch == nil {
		s.sketch = new(sketch.Sketch)
	}
	return s.sketch
}

// seconds is the total of durations.
func (s *series) seconds() float64 { return s.total.Value() / float64(time.Second) }

// mean is that of durations in nanoseconds, or of values.
func (s *series) mean() float64 {
	if s.empty() {
		return 0
	}
	return s.total.Value() / s.count.Value()
}

// whole is a count as it is shown.
func whole(t *tally.Total) int64 {
	n, _ := t.Int()
	return n
}

// exact writes all digits of a total.
func exact(t *tally.Total) json.Number {
	if n, ok := t.Exact(); ok {
		return json.Number(strconv.FormatInt(n, 10))
	}
	return json.Number(formatFloat(t.Value()))
}

// later reports whether an event is the last one so far.
func (s *series) later(t time.Time, at events.Position) bool {
	if c := t.Compare(s.last); c != 0 {
		return c > 0
	}
	return at.Input != s.lastAt.Input || at.Line >= s.lastAt.Line
}

func (s *series) addLast(e *events.Event, v float64) {
	if s.later(e.Time, e.Source) {
		s.last, s.lastAt, s.value, s.text = e.Time, e.Source, v, ""
	}
}

func (s *series) addText(e *events.Event, value string) {
	if s.later(e.Time, e.Source) {
		s.last, s.lastAt = e.Time, e.Source
		s.text = text.Clip(value, maxText)
	}
}

// unquoted returns the string that a JSON string is, and other JSON as it is.
func unquoted(text string) string {
	var s string
	if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &s) == nil {
		return s
	}
	return text
}

func (s *series) merge(o *series) {
	if !o.empty() {
		if s.empty() {
			s.depth = o.depth
		}
		s.between(o.min, o.max)
		s.depth = min(s.depth, o.depth)
	}
	s.events += o.events
	s.count.Merge(o.count)
	s.errors.Merge(o.errors)
	s.canceled.Merge(o.canceled)
	s.unit = cmp.Or(s.unit, o.unit)
	s.total.Merge(o.total)
	s.times.Merge(&o.times)
	s.approximate = s.approximate || o.approximate
	if o.sketch != nil {
		if s.sketch == nil {
			s.sketch = o.sketch
		} else {
			s.sketch.Merge(o.sketch)
		}
	}
	if (o.text != "" || !o.last.IsZero() || o.lastAt.Line > 0) && s.later(o.last, o.lastAt) {
		s.last, s.lastAt, s.value, s.text = o.last, o.lastAt, o.value, o.text
	}
}

// addTotals adds a summary.
func (s *series) addTotals(e *events.Event) {
	t := e.Totals
	if t.Count < 1 {
		return
	}
	scale := 1.0
	if e.Type == slogtel.TypeTiming {
		scale = float64(time.Second)
	}
	s.between(t.Min, t.Max)
	s.addCount(t)
	s.errors.AddInt(min(max(0, t.Errors), t.Count), 1)
	switch {
	case e.Type == slogtel.TypeGauge:
		s.addLast(e, t.Last)
	case e.Type == slogtel.TypeCounter:
		s.total.Add(t.Sum, 1)
	case t.Sketch != nil:
		s.total.Add(t.Sketch.Sum(), 1)
		s.dist().Merge(t.Sketch)
	default:
		s.total.Add(finite(t.Sum*scale), 1)
		s.approximate = true
		s.addQuantiles(t, scale)
	}
}

func finite(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// addCount counts the events of a summary, exactly if their number is whole.
func (s *series) addCount(t *events.Totals) {
	if n := t.Events(); n != math.Trunc(n) {
		s.count.Add(n, 1)
		return
	}
	s.count.AddInt(t.Count, 1)
}

// addQuantiles stands in for the distribution of a summary that has no sketch: as many
// values at each of its quantiles as lie between them.
func (s *series) addQuantiles(t *events.Totals, scale float64) {
	n := t.Events()
	rest := n
	put := func(v float64, weight float64) {
		weight = min(rest, weight)
		rest -= weight
		s.dist().AddWeighted(v*scale, weight)
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

func quantile(d *sketch.Sketch, q float64) float64 {
	if d == nil {
		return 0
	}
	return d.Quantile(q)
}

package report

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
)

// series is what is kept of the events of one scope, or of one metric.
type series struct {
	count, errors int64
	sum           float64 // of values that int cannot hold; see total
	low           float64 // what rounding took from sum
	total         int64   // of durations in nanoseconds, or of whole numbers
	min, max      float64
	last          time.Time // when the last value came
	lastAt        events.Position
	value         float64 // the last one
	text          string  // the last error, or the last value that is no number
	depth         int     // the least
	mixed         bool    // there were several depths
	approximate   bool    // there were summaries without a sketch
	sketch        *sketch.Sketch
	weight        sketch.Weight
	by            map[string]*series // values of the attribute that was asked for
}

// maxText is the most bytes of a text that are kept.
const maxText = 256

func (s *series) addEvent(e *events.Event) {
	if e.Kind == events.Summary {
		s.addTotals(e)
		return
	}
	n := s.weight.Of(e.SampleRate)
	if e.Kind == events.Timing {
		s.addCount(n)
		s.addInt(int64(e.Duration), n)
		s.dist().AddCount(float64(e.Duration), n)
		if e.Failed() {
			s.errors = addInt(s.errors, n)
			s.addText(e, e.Error)
		}
		return
	}
	if s.count == 0 {
		s.min, s.max = e.Value, e.Value
	}
	s.addCount(n)
	s.min, s.max = min(s.min, e.Value), max(s.max, e.Value)
	switch {
	case e.Type == "histogram":
		s.dist().AddCount(e.Value, n)
	case e.Type == "counter":
		s.addValue(e.Value, n)
	case e.Numeric:
		s.addLast(e, e.Value)
	default:
		s.addText(e, unquoted(e.Text))
	}
}

func (s *series) dist() *sketch.Sketch {
	if s.sketch == nil {
		s.sketch = new(sketch.Sketch)
	}
	return s.sketch
}

func (s *series) addCount(n int64) { s.count = addInt(s.count, n) }

func (s *series) addInt(v, n int64) {
	if v > 0 && n > math.MaxInt64/v {
		s.total = math.MaxInt64
		return
	}
	s.total = addInt(s.total, v*n)
}

// addValue adds whole numbers exactly.
func (s *series) addValue(v float64, n int64) {
	if v == math.Trunc(v) && math.Abs(v) <= 1<<53 && n < 1<<9 {
		s.total = addInt(s.total, int64(v)*n)
		return
	}
	s.addFloat(v * float64(n))
}

// addFloat is Neumaier's compensated summation. A sum that leaves the range of float64
// stays at its end.
func (s *series) addFloat(v float64) {
	sum := s.sum + v
	if math.IsInf(sum, 0) {
		s.sum, s.low = math.Copysign(math.MaxFloat64, sum), 0
		return
	}
	if math.Abs(s.sum) >= math.Abs(v) {
		s.low += s.sum - sum + v
	} else {
		s.low += v - sum + s.sum
	}
	s.sum = sum
}

// seconds is the total of durations.
func (s *series) seconds() float64 { return finite(float64(s.total)/1e9 + s.sum + s.low) }

// values is the total of a counter.
func (s *series) values() float64 { return finite(float64(s.total) + s.sum + s.low) }

func finite(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

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

func (s *series) addText(e *events.Event, text string) {
	if s.later(e.Time, e.Source) {
		s.last, s.lastAt = e.Time, e.Source
		s.text = cut(text)
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
	if o.count > 0 {
		if s.count == 0 {
			s.min, s.max, s.depth = o.min, o.max, o.depth
		}
		s.min, s.max, s.depth = min(s.min, o.min), max(s.max, o.max), min(s.depth, o.depth)
	}
	s.count, s.errors, s.total = addInt(s.count, o.count), addInt(s.errors, o.errors), addInt(s.total, o.total)
	s.addFloat(o.sum)
	s.addFloat(o.low)
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

// addInt adds without overflow: a sum too large for an int64 stays at its end.
func addInt(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

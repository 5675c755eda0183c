package report

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// series is what is kept of the events of one scope, or of one metric.
type series struct {
	collect.Series
	last   time.Time // when the last value came
	lastAt events.Position
	value  float64 // the last one
	text   string  // the last error, or the last value that is no number or has no float
	depth  int     // the least
	placed bool    // there was some depth
	mixed  bool    // there were several
	times  tree.Times

	key key
	by  collect.Table[string, series] // values of the attribute that was asked for
}

// maxText is the most bytes of a text that are kept.
const maxText = 256

func (s *series) addEvent(e *events.Event) {
	s.Add(e, collect.Distributed(e.Type))
	switch {
	case e.Kind == events.Summary:
		if t := e.Totals; t.Count > 0 && e.Type == slogtel.TypeGauge {
			s.addLast(e, t.Last)
		}
	case e.Kind == events.Timing:
		if e.Failed() {
			s.addText(e, e.Error)
		}
	case e.Type == slogtel.TypeGauge:
		s.addLast(e, e.Value)
	case e.Type == slogtel.TypeHistogram || e.Type == slogtel.TypeCounter:
	case e.Whole:
		s.addText(e, strconv.FormatInt(e.Int, 10))
	case e.Numeric && e.Text == "":
		s.addLast(e, e.Value)
	default:
		s.addText(e, unquoted(e.Text))
	}
}

// seconds is the total of durations.
func (s *series) seconds() float64 { return s.Total.Value() / float64(time.Second) }

// mean is that of durations in nanoseconds, or of values; 0 where it is not known.
func (s *series) mean() float64 {
	mean, _ := s.Mean()
	return mean
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

// at notes at which depth an event was.
func (s *series) at(depth int) {
	if !s.placed {
		s.depth, s.placed = depth, true
	}
	s.mixed = s.mixed || depth != s.depth
	s.depth = min(s.depth, depth)
}

func (s *series) merge(o *series) {
	if o.placed {
		s.at(o.depth)
	}
	s.mixed = s.mixed || o.mixed
	s.Merge(&o.Series)
	s.times.Merge(&o.times)
	if (o.text != "" || !o.last.IsZero() || o.lastAt.Line > 0) && s.later(o.last, o.lastAt) {
		s.last, s.lastAt, s.value, s.text = o.last, o.lastAt, o.value, o.text
	}
}

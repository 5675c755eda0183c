package memory

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
)

// sums is what is kept of a scope or of a metric, or of a part of its events. What uses it has
// locked the part.
type sums struct {
	count     tally.Total // calls of a scope, events of a metric
	depth     int         // of a scope: the least one seen
	errors    tally.Total
	total     tally.Total   // nanoseconds of a scope, sum of a counter
	last      float64       // of a gauge
	min, max  float64       // of what the sketch is of, and of a gauge
	plain     slog.Value    // last value of a plain metric; a string is in text
	text      []byte        // last error of a scope
	sketch    sketch.Sketch // nanoseconds of a scope, values of a histogram; maybe not of all
	restCount tally.Total   // of those that are not in the sketch
	restSum   tally.Sum     // of the values of a histogram that are not in the sketch
}

func (s *sums) empty() bool { return s.count == tally.Total{} }

func (s *sums) addTiming(e *event.Sample, weight float64) {
	if e.Error != "" {
		s.text = series.AppendCut(s.text[:0], e.Error)
	}
	if e.InSummary {
		return
	}
	d := max(0, e.Duration)
	s.at(e.Depth)
	s.between(float64(d), float64(d))
	s.count.AddInt(1, weight)
	s.total.AddInt(int64(d), weight)
	s.sketch.AddWeighted(float64(d), weight)
	if e.Error != "" {
		s.errors.AddInt(1, weight)
	}
}

func (s *sums) addCount(v slog.Value, weight float64) {
	s.count.AddInt(1, weight)
	series.AddValue(&s.total, v, weight)
}

func (s *sums) addValue(v, weight float64) {
	s.between(v, v)
	s.count.AddInt(1, weight)
	s.sketch.AddWeighted(v, weight)
}

func (s *sums) addGauge(v, weight float64) {
	s.between(v, v)
	s.count.AddInt(1, weight)
	s.last = v
}

func (s *sums) addPlain(v series.Value, weight float64) {
	s.count.AddInt(1, weight)
	s.plain = v.Num
	s.text = series.AppendCut(s.text[:0], v.Text)
}

// merge adds what is in from, which is of timings, a counter or a histogram, and empties it.
func (s *sums) merge(from *sums) {
	if from.empty() {
		return
	}
	s.at(from.depth)
	s.between(from.min, from.max)
	s.count.Merge(from.count)
	s.total.Merge(from.total)
	s.sketch.Merge(&from.sketch)
	*from = sums{}
}

// at notes the depth of an event. It is called before the event is counted, as between is.
func (s *sums) at(depth int) {
	if s.empty() {
		s.depth = depth
	}
	s.depth = min(s.depth, depth)
}

// between notes the least and the greatest of some values.
func (s *sums) between(least, most float64) {
	if s.empty() {
		s.min, s.max = least, most
	}
	s.min, s.max = min(s.min, least), max(s.max, most)
}

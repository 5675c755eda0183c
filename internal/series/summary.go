package series

import (
	"log/slog"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
)

// unitOf is what one in a summary is in the sketch: nanoseconds of a second for timings.
func unitOf(typ event.MetricType) float64 {
	if typ == event.TypeTiming {
		return float64(time.Second)
	}
	return 1
}

// SketchOf returns the sketch of s, and nil where there is none that is of its values.
func SketchOf(s *event.Summary) *sketch.Sketch {
	if s.Sketch == "" {
		return nil
	}
	d, err := sketch.Parse(s.Sketch)
	if err != nil || tally.Whole(d.Count()) != s.Count {
		return nil
	}
	return d
}

// eventsOf returns how many events s is of; d is its sketch, if it has one.
func eventsOf(s *event.Summary, d *sketch.Sketch) float64 {
	if d != nil {
		return d.Count()
	}
	return tally.Events(s.Count, s.Sum, s.Mean)
}

// AddCount counts the events of a summary, exactly if their number is whole.
func AddCount(to *tally.Total, s *event.Summary, d *sketch.Sketch) {
	if n := eventsOf(s, d); n != math.Trunc(n) {
		to.Add(n, 1)
		return
	}
	to.AddInt(s.Count, 1)
}

// Finite returns the finite number nearest to f.
func Finite(f float64) float64 { return min(max(f, -math.MaxFloat64), math.MaxFloat64) }

// Weight returns how many events e stands for. It is 1, and not ok, if the sample rate is not
// possible.
func Weight(e *event.Sample) (weight float64, ok bool) {
	if e.BadRate {
		return 1, false
	}
	return tally.Weight(e.SampleRate)
}

// Whole returns the total as a whole number, the nearest that an int64 holds.
func Whole(t *tally.Total) int64 {
	n, _ := t.Int()
	return n
}

// AddValue adds the value of a counter, which is an int or a finite float.
func AddValue(to *tally.Total, v slog.Value, weight float64) {
	if v.Kind() == slog.KindFloat64 {
		to.Add(v.Float64(), weight)
		return
	}
	to.AddInt(v.Int64(), weight)
}

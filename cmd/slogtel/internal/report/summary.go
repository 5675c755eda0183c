package report

import (
	"math"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// maxSketched is the most values that a sketch counts exactly.
const maxSketched = 1 << 53

// addTotals adds a summary.
func (s *series) addTotals(e *events.Event) {
	t := e.Totals
	if t.Count < 1 {
		return
	}
	scale := 1.0
	if e.Type == slogtel.TypeTiming {
		scale = 1e9
	}
	if s.count == 0 {
		s.min, s.max = t.Min, t.Max
	}
	s.min, s.max = min(s.min, t.Min), max(s.max, t.Max)
	s.addCount(t.Count)
	s.errors = addInt(s.errors, min(max(0, t.Errors), t.Count))
	switch e.Type {
	case slogtel.TypeGauge:
		s.addLast(e, t.Last)
	case slogtel.TypeCounter:
		s.addValue(t.Sum, 1)
	default:
		d := t.Sketch
		if d != nil && d.Count() == t.Count && s.dist().Count() <= maxSketched-d.Count() {
			s.dist().Merge(d)
			s.addFloat(d.Sum() / scale)
			return
		}
		s.addFloat(t.Sum)
		s.approximate = true
		s.addQuantiles(t, scale)
	}
}

// addQuantiles stands in for the distribution of a summary that has no sketch: as many
// values at each of its quantiles as lie between them.
func (s *series) addQuantiles(t *events.Totals, scale float64) {
	n := min(t.Count, maxSketched/1024)
	rest := n
	put := func(v float64, share float64) {
		k := min(rest, int64(math.Round(float64(n)*share)))
		rest -= k
		if k > 0 {
			s.dist().AddCount(v*scale, k)
		}
	}
	if n > 1 {
		put(t.Max, 1/float64(n))
		put(t.Min, 1/float64(n))
	}
	put(t.P99, 0.01)
	put(t.P95, 0.04)
	put(t.P90, 0.05)
	put(t.P50, 0.4)
	put((t.Min+t.P50)/2, 0.25)
	if rest > 0 {
		s.dist().AddCount(t.P50*scale, rest)
	}
}

func quantile(d *sketch.Sketch, q float64) float64 {
	if d == nil {
		return 0
	}
	return d.Quantile(q)
}

package report

import (
	"math"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

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

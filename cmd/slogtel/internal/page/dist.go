package page

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
)

// A dist is the distribution of values that each stand for a number of events.
type dist struct {
	events   tally.Total // how many there are
	summed   tally.Total // of these, how many the sum is of
	sum      tally.Sum
	min, max float64
	sketch   sketch.Sketch
	rough    bool // some values are known by a few quantiles only
}

func (d *dist) empty() bool    { return d.events == tally.Total{} }
func (d *dist) count() float64 { return d.events.Value() }

// add adds v, which must be finite, as weight events.
func (d *dist) add(v, weight float64) {
	d.widen(v, v)
	d.events.AddInt(1, weight)
	d.summed.AddInt(1, weight)
	d.sum.AddTimes(v, weight)
	d.sketch.AddWeighted(v, weight)
}

// widen notes the least and the greatest of some values, before they are counted.
func (d *dist) widen(low, high float64) {
	if d.empty() {
		d.min, d.max = low, high
		return
	}
	d.min, d.max = min(d.min, low), max(d.max, high)
}

// merge adds the values of a summary.
func (d *dist) merge(t *events.Totals) {
	if t.Count <= 0 {
		return
	}
	low, high := finite(t.Min), finite(t.Max)
	d.widen(low, max(low, high))
	n := t.Events()
	d.events.Add(n, 1)
	if !t.NoSum {
		d.summed.Add(n, 1)
		d.sum.Add(finite(t.Sum))
	}
	if t.Sketch != nil {
		d.sketch.Merge(t.Sketch)
		return
	}
	d.rough = true
	for _, p := range pieces(t) {
		d.sketch.AddWeighted(p.value, p.count)
	}
}

func (d *dist) quantile(q float64) float64 {
	if d.empty() {
		return 0
	}
	return min(max(d.sketch.Quantile(q), d.min), d.max)
}

// mean is that of the values whose sum is known. It is false where there are none.
func (d *dist) mean() (float64, bool) {
	if n := d.summed.Value(); n > 0 {
		return d.sum.Value() / n, true
	}
	return 0, false
}

// A piece of a distribution is a value and how many events have it, about.
type piece struct{ value, count float64 }

// steps are the shares of events that a piece stands for, up to each quantile.
var steps = []struct{ to, share float64 }{{0.9, 0.02}, {0.99, 0.005}, {1, 0.002}}

// pieces returns a distribution like that of the summary.
func pieces(t *events.Totals) []piece {
	at := func(q float64) float64 { return interpolate(t, q) }
	if t.Sketch != nil {
		at = t.Sketch.Quantile
	}
	list := make([]piece, 0, 70)
	q := 0.0
	for _, s := range steps {
		for ; q < s.to-s.share/2; q += s.share {
			list = append(list, piece{at(q + s.share/2), s.share * t.Events()})
		}
	}
	return list
}

// interpolate returns a quantile from the few that a summary carries.
func interpolate(t *events.Totals, q float64) float64 {
	knots := [...][2]float64{{0, t.Min}, {0.5, t.P50}, {0.9, t.P90}, {0.95, t.P95}, {0.99, t.P99}, {1, t.Max}}
	for i := 1; i < len(knots); i++ {
		if low, high := knots[i-1], knots[i]; q <= high[0] {
			share := (q - low[0]) / (high[0] - low[0])
			return finite(finite(low[1])*(1-share) + finite(high[1])*share)
		}
	}
	return finite(t.Max)
}

// finite returns v, and 0 for what is not a finite number.
func finite(v float64) float64 {
	if v-v != 0 {
		return 0
	}
	return v
}

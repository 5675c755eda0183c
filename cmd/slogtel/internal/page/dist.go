package page

import (
	"math"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
)

// A dist is the distribution of values that each stand for a number of events. Count
// and sum are of all events; the sketch holds whole numbers of them, which differ
// from the count by less than one.
type dist struct {
	count, sum float64
	min, max   float64
	sketch     sketch.Sketch
	carry      float64 // of the count, not in the sketch yet
	rough      bool    // some values are known by a few quantiles only
}

// add adds v, which must be finite, as weight events.
func (d *dist) add(v, weight float64) {
	d.widen(v, v)
	d.count += weight
	d.sum += v * weight
	d.addSketch(v, weight)
}

func (d *dist) widen(low, high float64) {
	if d.count == 0 {
		d.min, d.max = low, high
		return
	}
	d.min, d.max = min(d.min, low), max(d.max, high)
}

// maxWeight is the most events that one may stand for in a sketch.
const maxWeight = 1e12

func (d *dist) addSketch(v, weight float64) {
	if weight == 1 {
		d.sketch.Add(v)
		return
	}
	d.carry += min(weight, maxWeight)
	whole := math.Floor(d.carry + 1e-9)
	d.carry = max(0, d.carry-whole)
	addTimes(&d.sketch, v, uint64(whole))
}

// addTimes adds v to s n times, in about log n steps.
func addTimes(s *sketch.Sketch, v float64, n uint64) {
	if n <= 8 {
		for range n {
			s.Add(v)
		}
		return
	}
	var power sketch.Sketch // v, as many times as the bit looked at says
	power.Add(v)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			s.Merge(&power)
		}
		if n > 1 {
			power.Merge(power.Clone())
		}
	}
}

// merge adds the values of a summary.
func (d *dist) merge(t *events.Totals) {
	if t.Count <= 0 {
		return
	}
	low, high := finite(t.Min), finite(t.Max)
	d.widen(low, max(low, high))
	d.count += float64(t.Count)
	d.sum += finite(t.Sum)
	if t.Sketch != nil && t.Sketch.Count() > 0 {
		d.sketch.Merge(t.Sketch)
		return
	}
	d.rough = true
	for _, p := range pieces(t) {
		d.addSketch(p.value, p.count)
	}
}

func (d *dist) quantile(q float64) float64 {
	if d.count == 0 {
		return 0
	}
	return min(max(d.sketch.Quantile(q), d.min), d.max)
}

func (d *dist) mean() float64 {
	if d.count == 0 {
		return 0
	}
	return d.sum / d.count
}

// A piece of a distribution is a value and how many events have it, about.
type piece struct{ value, count float64 }

// steps are the shares of events that a piece stands for, up to each quantile.
var steps = []struct{ to, share float64 }{{0.9, 0.02}, {0.99, 0.005}, {1, 0.002}}

// pieces returns a distribution like that of the summary.
func pieces(t *events.Totals) []piece {
	at := func(q float64) float64 { return interpolate(t, q) }
	if t.Sketch != nil && t.Sketch.Count() > 0 {
		at = t.Sketch.Quantile
	}
	list := make([]piece, 0, 70)
	q := 0.0
	for _, s := range steps {
		for ; q < s.to-s.share/2; q += s.share {
			list = append(list, piece{at(q + s.share/2), s.share * float64(t.Count)})
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

// weightOf is how many events e stands for.
func weightOf(e *events.Event) float64 {
	if e.SampleRate > 0 && e.SampleRate < 1 {
		return min(1/e.SampleRate, maxWeight)
	}
	return 1
}

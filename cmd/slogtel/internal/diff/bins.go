package diff

import (
	"maps"
	"math"
	"slices"

	"github.com/slogtel/telemetry/internal/sketch"
)

// ratio is how much wider each bin reaches than the one before: values in a bin are within
// 1 % of its middle.
const ratio = 1.02

const (
	leastMagnitude = 1e-12 // what is closer to zero counts as zero
	mostMagnitude  = 1e19  // what is beyond counts as this
)

var (
	logRatio = math.Log(ratio)
	shift    = 1 - int(math.Floor(math.Log(leastMagnitude)/logRatio)) // makes the numbers of bins positive
)

// binOf returns the number of the bin of v. Greater values never have lower numbers.
func binOf(v float64) int {
	m := math.Abs(v)
	if m < leastMagnitude {
		return 0
	}
	n := int(math.Floor(math.Log(min(m, mostMagnitude))/logRatio)) + shift
	if v < 0 {
		return -n
	}
	return n
}

// middle is the geometric middle of a bin.
func middle(bin int) float64 {
	switch {
	case bin == 0:
		return 0
	case bin < 0:
		return -middle(-bin)
	}
	return math.Exp((float64(bin-shift) + 0.5) * logRatio)
}

// A dist is the distribution of values, in bounded memory. Each value has a weight: how
// many it stands for.
type dist struct {
	bins     map[int]float64
	weight   float64 // of all
	squares  float64 // of the weights
	min, max float64
}

func (d *dist) add(v, weight float64) { d.put(binOf(v), v, v, weight, weight*weight) }

func (d *dist) put(bin int, low, high, weight, squares float64) {
	if d.bins == nil {
		d.bins = make(map[int]float64)
		d.min, d.max = low, high
	}
	d.bins[bin] += weight
	d.weight += weight
	d.squares += squares
	d.min, d.max = min(d.min, low), max(d.max, high)
}

// addSketch adds the values of s.
func (d *dist) addSketch(s *sketch.Sketch) {
	for v, n := range s.Bins() {
		d.put(binOf(v), s.Min(), s.Max(), n, n)
	}
}

func (d *dist) merge(o *dist) {
	if o.bins == nil {
		return
	}
	for bin, weight := range o.bins {
		d.put(bin, o.min, o.max, weight, 0)
	}
	d.squares += o.squares
}

// effective is how many values of equal weight would tell as much: Kish's effective
// sample size (Kish, "Survey Sampling", 1965). It is the number of values where all have
// the same weight.
func effective(weight, squares float64) float64 {
	if squares <= 0 {
		return 0
	}
	return weight * weight / squares
}

// A sample is a dist with its bins in order, and weights that add up to size.
type sample struct {
	bins    []int
	weights []float64
	size    float64
}

func (d *dist) sample() sample {
	s := sample{bins: slices.Sorted(maps.Keys(d.bins)), size: effective(d.weight, d.squares)}
	for _, bin := range s.bins {
		s.weights = append(s.weights, d.bins[bin]/d.weight*s.size)
	}
	return s
}

// positive reports whether all values are above zero.
func (s sample) positive() bool { return len(s.bins) > 0 && s.bins[0] > 0 }

// quantile returns the value at rank q, within 1 %; the bounds are exact.
func (d *dist) quantile(q float64) float64 {
	if d.weight <= 0 {
		return 0
	}
	left := q * d.weight * (1 - 0x1p-40)
	bins := slices.Sorted(maps.Keys(d.bins))
	for _, bin := range bins {
		if left -= d.bins[bin]; left < 0 {
			return min(max(middle(bin), d.min), d.max)
		}
	}
	return d.max
}

package sketch

import (
	"iter"
	"slices"

	"github.com/slogtel/telemetry/internal/tally"
)

// RelativeError bounds the error of [Sketch.Quantile]; the package documentation has the details.
const RelativeError = 0.01

// A Sketch is the distribution of the numbers added to it, each with a weight: how many it
// stands for. The zero Sketch is empty and ready for use. It must not be copied, see
// [Sketch.Clone], and is not safe for concurrent use.
type Sketch struct {
	count              tally.Total
	zeros              float64
	sum                tally.Sum
	min, max           float64 // valid when something was added
	positive, negative *bins   // of magnitudes; nil until one is needed
}

// Add adds v and reports whether it did: NaN and the infinities are left out. It allocates only when
// v widens the range of values seen.
func (s *Sketch) Add(v float64) bool { return s.AddWeighted(v, 1) }

// AddWeighted adds v as often as the weight says, which need not be whole. A weight that is
// not above zero, or not finite, adds nothing.
func (s *Sketch) AddWeighted(v, weight float64) bool {
	switch {
	case v-v != 0 || !(weight > 0) || weight-weight != 0: // NaN and Inf minus themselves are NaN
		return false
	case v >= smallest:
		if s.positive == nil {
			s.positive = new(bins)
		}
		s.positive.add(binIndex(v), weight)
	case v <= -smallest:
		if s.negative == nil {
			s.negative = new(bins)
		}
		s.negative.add(binIndex(-v), weight)
	default:
		s.zeros += weight
	}
	s.widen(v, v)
	s.count.AddInt(1, weight)
	s.sum.AddTimes(v, weight)
	return true
}

// widen notes the least and the greatest of some values, before they are counted.
func (s *Sketch) widen(least, most float64) {
	if s.empty() {
		s.min, s.max = least, most
		return
	}
	s.min, s.max = min(s.min, least), max(s.max, most)
}

func (s *Sketch) empty() bool { return s.count == tally.Total{} }

// Merge adds all that is in o, which it leaves as it is. The result is the same as if every value
// had been added to s. A nil o is empty; o must not be s.
func (s *Sketch) Merge(o *Sketch) {
	if o == nil || o.empty() {
		return
	}
	s.positive = merge(s.positive, o.positive)
	s.negative = merge(s.negative, o.negative)
	s.zeros += o.zeros
	s.widen(o.min, o.max)
	s.count.Merge(o.count)
	s.sum.Merge(o.sum)
}

func merge(into, from *bins) *bins {
	if from == nil {
		return into
	}
	if into == nil {
		into = new(bins)
	}
	into.merge(from)
	return into
}

// Quantile returns the least of the values that at least the share q of all weight does not
// exceed (their nearest rank, so that the 0.99 of a few values is the greatest), within the package's
// error bound and never outside of [Min, Max]. Quantiles 0 and 1 are exact; what is below 0 or NaN
// counts as 0, what is above 1 as 1. An empty Sketch returns 0.
func (s *Sketch) Quantile(q float64) float64 {
	switch {
	case s.empty():
		return 0
	case !(q > 0):
		return s.min
	case q >= 1:
		return s.max
	}
	// The factor lets 0.07 of 100 be 7, not 7.000000000000001, and makes up for the rounding of
	// weights in the bins: the bin is the first whose end is above rank.
	rank := q * s.Count() * (1 - 0x1p-40)
	var v float64
	if below := total(s.negative); rank < below {
		v = -binValue(s.negative.atRank(below - rank))
	} else if rank -= below; rank >= s.zeros && s.positive != nil {
		v = binValue(s.positive.atRank(rank - s.zeros))
	}
	return s.within(v)
}

// Bins returns the values that stand for those in a bin each, from the least to the
// greatest, and the weight of the bin.
func (s *Sketch) Bins() iter.Seq2[float64, float64] {
	return func(yield func(value, weight float64) bool) {
		type bin struct{ value, weight float64 }
		var list []bin
		for index, weight := range s.negative.all {
			list = append(list, bin{-binValue(index), weight})
		}
		slices.Reverse(list)
		if s.zeros > 0 {
			list = append(list, bin{0, s.zeros})
		}
		for index, weight := range s.positive.all {
			list = append(list, bin{binValue(index), weight})
		}
		for _, b := range list {
			if !yield(s.within(b.value), b.weight) {
				return
			}
		}
	}
}

func (s *Sketch) within(v float64) float64 { return min(max(v, s.min), s.max) }

func total(s *bins) float64 {
	if s == nil {
		return 0
	}
	return s.total
}

// Count returns how many values were added: the sum of their weights.
func (s *Sketch) Count() float64 { return s.count.Value() }

// Total is Count, exactly.
func (s *Sketch) Total() tally.Total { return s.count }

// Sum returns the sum of the values times their weights, with what rounding loses made up for; one
// that is too large for a float64 is the largest there is. An empty Sketch returns 0.
func (s *Sketch) Sum() float64 { return s.sum.Value() }

// Mean returns Sum divided by Count, and 0 for an empty Sketch.
func (s *Sketch) Mean() float64 {
	if s.empty() {
		return 0
	}
	return s.Sum() / s.Count()
}

// Min returns the least value, exactly, and 0 for an empty Sketch.
func (s *Sketch) Min() float64 { return s.min }

// Max returns the greatest value, exactly, and 0 for an empty Sketch.
func (s *Sketch) Max() float64 { return s.max }

// Clone returns a copy that shares nothing with s.
func (s *Sketch) Clone() *Sketch {
	c := *s
	if s.positive != nil {
		c.positive = s.positive.clone()
	}
	if s.negative != nil {
		c.negative = s.negative.clone()
	}
	return &c
}

// Reset makes s empty. It keeps the memory of the bins for values to come.
func (s *Sketch) Reset() {
	p, n := s.positive, s.negative
	if p != nil {
		p.reset()
	}
	if n != nil {
		n.reset()
	}
	*s = Sketch{positive: p, negative: n}
}

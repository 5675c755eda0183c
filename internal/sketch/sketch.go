package sketch

import "math"

// RelativeError bounds the error of [Sketch.Quantile]; the package documentation has the details.
const RelativeError = 0.01

// A Sketch is the distribution of the numbers added to it. The zero Sketch is empty and ready for
// use. It must not be copied, see [Sketch.Clone], and is not safe for concurrent use.
type Sketch struct {
	count              int64
	zeros              int64
	sum, low           float64 // the sum is sum+low: low gathers what rounding lost
	min, max           float64 // valid when count > 0
	positive, negative *bins   // of magnitudes; nil until one is needed
}

// Add adds v and reports whether it did: NaN and the infinities are left out. It allocates only when
// v widens the range of values seen.
func (s *Sketch) Add(v float64) bool { return s.AddCount(v, 1) }

// AddCount adds v as often as n says, see [Weight]. An n below 1 adds nothing.
func (s *Sketch) AddCount(v float64, n int64) bool {
	switch {
	case v-v != 0 || n < 1: // NaN and Inf minus themselves are NaN
		return false
	case v >= smallest:
		if s.positive == nil {
			s.positive = new(bins)
		}
		s.positive.add(binIndex(v), float64(n))
	case v <= -smallest:
		if s.negative == nil {
			s.negative = new(bins)
		}
		s.negative.add(binIndex(-v), float64(n))
	default:
		s.zeros += n
	}
	if s.count == 0 {
		s.min, s.max = v, v
	} else {
		s.min, s.max = min(s.min, v), max(s.max, v)
	}
	s.count += n
	if n == 1 {
		s.addSum(v)
	} else {
		s.addProduct(v, float64(n))
	}
	return true
}

// addProduct adds v times n to the sum.
func (s *Sketch) addProduct(v, n float64) {
	p := v * n
	if math.IsInf(p, 0) {
		s.addSum(math.Copysign(math.MaxFloat64, p))
		return
	}
	s.addSum(p)
	s.addSum(math.FMA(v, n, -p)) // what rounding took from p
}

// addSum is Neumaier's compensated summation. A sum that leaves the range of float64 stays at its
// end.
func (s *Sketch) addSum(v float64) {
	sum := s.sum + v
	switch {
	case math.IsInf(sum, 0):
		s.sum, s.low = math.Copysign(math.MaxFloat64, sum), 0
		return
	case math.Abs(s.sum) >= math.Abs(v):
		s.low += s.sum - sum + v
	default:
		s.low += v - sum + s.sum
	}
	s.sum = sum
}

// Merge adds all that is in o, which it leaves as it is. The result is the same as if every value
// had been added to s. A nil o is empty; o must not be s.
func (s *Sketch) Merge(o *Sketch) {
	if o == nil || o.count == 0 {
		return
	}
	s.positive = merge(s.positive, o.positive)
	s.negative = merge(s.negative, o.negative)
	s.zeros += o.zeros
	if s.count == 0 {
		s.min, s.max = o.min, o.max
	} else {
		s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	}
	s.count += o.count
	s.addSum(o.sum)
	s.addSum(o.low)
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

// Quantile returns the least of the values that at least the share q of them do not exceed (their
// nearest rank, so that the 0.99 of a few values is the greatest), within the package's error bound
// and never outside of [Min, Max]. Quantiles 0 and 1 are exact; what is below 0 or NaN counts as 0,
// what is above 1 as 1. An empty Sketch returns 0.
func (s *Sketch) Quantile(q float64) float64 {
	switch {
	case s.count == 0:
		return 0
	case !(q > 0):
		return s.min
	case q >= 1:
		return s.max
	}
	rank := math.Ceil(q*float64(s.count)*(1-0x1p-52)) - 1 // the factor lets 0.07 of 100 be 7, not 7.000000000000001
	var v float64
	if below := total(s.negative); rank < below {
		v = -binValue(s.negative.atRank(below - 1 - rank))
	} else if rank -= below; rank >= float64(s.zeros) && s.positive != nil {
		v = binValue(s.positive.atRank(rank - float64(s.zeros)))
	}
	return min(max(v, s.min), s.max)
}

func total(b *bins) float64 {
	if b == nil {
		return 0
	}
	return b.total
}

// Count returns how many values were added.
func (s *Sketch) Count() int64 { return s.count }

// Sum returns the sum of the values, with what rounding loses made up for; one that is too large for
// a float64 is the largest there is. An empty Sketch returns 0.
func (s *Sketch) Sum() float64 {
	return min(max(s.sum+s.low, -math.MaxFloat64), math.MaxFloat64)
}

// Mean returns Sum divided by Count, and 0 for an empty Sketch.
func (s *Sketch) Mean() float64 {
	if s.count == 0 {
		return 0
	}
	return s.Sum() / float64(s.count)
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

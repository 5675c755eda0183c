package sketch

import "math"

// Magnitudes are mapped to bins by a cubic in place of the logarithm, which is faster and needs 1 %
// more bins. Go may fuse a product and a sum, and then rounds another way, on some processors; a
// conversion to float64 forbids it, so that all have the same bins.

// smallest is the least magnitude that has a bin.
const smallest = 0x1p-1022 * (1 + RelativeError) / (1 - RelativeError)

// binsPerDoubling is how many indexes there are from a magnitude to twice of it: 1/log₂ γ of the
// package documentation, which is 7 / (10 ln(1.01/0.99)), with the series of the area tangent.
const binsPerDoubling = 7 / (20 * (RelativeError + e3/3 + e3*e2/5 + e3*e2*e2/7 + e3*e3*e3/9))

const (
	e2 = RelativeError * RelativeError
	e3 = e2 * RelativeError
)

const (
	cubic3 = 6.0 / 35
	cubic2 = -3.0 / 5
	cubic1 = 10.0 / 7
)

// binIndex returns the bin of a magnitude, which is at least smallest.
func binIndex(v float64) int {
	bits := math.Float64bits(v)
	e := float64(int(bits>>52) - 1023)
	s := math.Float64frombits(bits&(1<<52-1)|1023<<52) - 1
	log := float64(float64(float64(cubic3*s)+cubic2)*s) + cubic1
	log = float64(log*s) + e
	return int(math.Floor(float64(log * binsPerDoubling)))
}

// binValue returns the magnitude that stands for those in a bin. A bin beyond the last one, that
// only a text can have, counts as the last one.
func binValue(index int) float64 {
	log := float64(index) / binsPerDoubling
	e := math.Floor(log)
	if e > 1023 {
		return math.MaxFloat64
	}
	log -= e
	s := log
	for range 5 { // Newton's method: the cubic rises by 0.7 to 1.5 everywhere
		s -= (((cubic3*s+cubic2)*s+cubic1)*s - log) / ((3*cubic3*s+2*cubic2)*s + cubic1)
	}
	return min(math.Ldexp(1+s, int(e))*(1+RelativeError), math.MaxFloat64)
}

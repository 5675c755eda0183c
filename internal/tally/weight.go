// Package tally adds up events, each of which may stand for several: it has been sampled.
//
// An event that was kept with the probability rate stands for 1/rate events. That is a
// floating point number, and stays one: a whole number is made of a sum only where it is
// shown. Sums are therefore exact in expectation, and do not depend on the order of events.
package tally

import (
	"math"
	"math/rand/v2"
)

// MinRate is the least sample rate that is believed: an event stands for a million at the
// most. A single line that says less would outweigh all others.
const MinRate = 1e-6

// slack is what products of rates may lack to MinRate or to 1 because of rounding.
const slack = 1e-9

// Weight returns for how many events one stands that was kept at a rate. The rate 0 is
// that of an event that was not sampled. It reports false, and the weight 1, for a rate that
// cannot be: one that is NaN, negative, below MinRate or above 1.
func Weight(rate float64) (weight float64, ok bool) {
	switch {
	case rate == 1 || rate == 0:
		return 1, true
	case !(rate >= MinRate*(1-slack) && rate <= 1+slack): // NaN too
		return 1, false
	}
	weight = max(1, 1/rate)
	if whole := math.Round(weight); math.Abs(weight-whole) <= slack*whole {
		return whole, true // 1/(1-0.9) is to be 10, not 10.000000000000002
	}
	return weight, true
}

// Events returns the number of events that a summary is of. Its count is whole, but where
// events were sampled the number is not, and is the sum divided by the mean. A mean that
// does not fit the count is not taken for one.
func Events(count int64, sum, mean float64) float64 {
	n := float64(count)
	if exact := sum / mean; math.Abs(exact-n) <= 0.5+slack*n && math.Abs(exact-n) > slack*n {
		return exact
	}
	return n
}

// Plus adds two counts. One too large for an int64 stays at its end.
func Plus(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

// Whole returns the whole number that a sum of weights is shown as: the nearest int64.
func Whole(v float64) int64 {
	switch v = math.Round(v); {
	case v != v:
		return 0
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return int64(v)
}

// MaxTimes is the largest weight of a value that [Times] is to be asked for: it takes its time.
const MaxTimes = 1e4

// Times returns how often a value of a weight is observed by something that counts each
// observation as one. Of a weight that is no whole number it is the next lower or the next
// higher one, by chance, so that it is right on average whatever the order of events is.
func Times(weight float64) int {
	whole, part := math.Modf(weight)
	if part > 0 && rand.Float64() < part {
		whole++
	}
	return int(whole)
}

package sketch

import "math"

// binsPerDoubling is how many indexes there are from a magnitude to twice of it.
var binsPerDoubling = func() float64 {
	e := float64(RelativeError)
	return 1 / math.Log2(math.Pow((1+e)/(1-e), 10*math.Ln2/7))
}()

// binValue returns the magnitude that stands for those in a bin: what bins.Value returns, and also
// where int has 32 bits, in which that loses the exponent. A bin beyond the last one, that only a
// text can have, counts as the last one.
func binValue(index int) float64 {
	exponent := int64(math.Floor(float64(index) / binsPerDoubling))
	if exponent > 1023 {
		return math.MaxFloat64
	}
	significand := math.Float64bits(bins.LowerBound(index)) & (1<<52 - 1)
	lower := math.Float64frombits(uint64(exponent+1023)<<52 | significand)
	return lower * (1 + bins.RelativeAccuracy())
}

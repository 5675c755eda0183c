package tally

import (
	"math"
	"math/bits"
)

// A Total is a sum of numbers, each times a weight. Whole numbers of whole weights are
// added exactly, also where their sum has no float64 or no int64. It is a count, too, if the
// numbers are ones. The zero Total is ready for use.
type Total struct {
	high int64 // with low a whole number of 128 bits, in two's complement
	low  uint64
	rest Sum // what is not whole
}

// AddInt adds v, weight times.
func (t *Total) AddInt(v int64, weight float64) {
	if weight == 1 {
		t.addWhole(v>>63, uint64(v))
		return
	}
	if n := int64(weight); 0 < n && n <= 1<<53 && float64(n) == weight {
		high, low := bits.Mul64(magnitude(v), uint64(n))
		if v < 0 {
			var borrow uint64
			low, borrow = bits.Sub64(0, low, 0)
			high, _ = bits.Sub64(0, high, borrow)
		}
		t.addWhole(int64(high), low)
		return
	}
	high, low := halves(v)
	t.rest.AddTimes(high, weight)
	t.rest.AddTimes(low, weight)
}

// Add adds v, which must be finite, weight times.
func (t *Total) Add(v, weight float64) {
	if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
		t.AddInt(int64(v), weight)
		return
	}
	t.rest.AddTimes(v, weight)
}

func (t *Total) addWhole(high int64, low uint64) {
	var carry uint64
	t.low, carry = bits.Add64(t.low, low, 0)
	t.high += high + int64(carry)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// halves returns two floats whose sum is v, exactly.
func halves(v int64) (high, low float64) {
	lower := v & (1<<32 - 1)
	return float64(v - lower), float64(lower)
}

// Merge adds what is in o.
func (t *Total) Merge(o Total) {
	t.addWhole(o.high, o.low)
	t.rest.Merge(o.rest)
}

// Value returns the total as a float.
func (t *Total) Value() float64 {
	if n, ok := t.Exact(); ok {
		return float64(n)
	}
	all := t.rest
	high, low := halves(t.high)
	all.AddTimes(high, 0x1p64)
	all.AddTimes(low, 0x1p64)
	all.Add(float64(t.low &^ (1<<32 - 1)))
	all.Add(float64(t.low & (1<<32 - 1)))
	return all.Value()
}

// Exact returns the total where it is whole and has an int64.
func (t *Total) Exact() (n int64, ok bool) {
	return int64(t.low), t.rest == Sum{} && t.high == int64(t.low)>>63
}

// Int returns the total as a whole number, the nearest there is. It reports false where the
// total is beyond what an int64 holds, and the result is the end of that range.
func (t *Total) Int() (n int64, ok bool) {
	if math.Abs(t.rest.high) < 1<<62 && math.Abs(t.rest.low) < 1<<62 {
		whole := *t
		whole.rest = Sum{}
		floor := math.Floor(t.rest.high)
		whole.AddInt(int64(floor), 1)
		whole.AddInt(int64(math.Round(t.rest.high-floor+t.rest.low)), 1)
		if n, ok = whole.Exact(); ok {
			return n, true
		}
	}
	v := t.Value()
	return Whole(v), v < math.MaxInt64 && v > math.MinInt64
}

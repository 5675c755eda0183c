package tally

import "math"

// A Total is a sum of numbers, each times a weight. Whole numbers of whole weights are
// added exactly, also where their sum has no float64 or no int64. It counts, too, if the
// numbers are ones. The zero Total is ready for use.
type Total struct {
	whole int64
	rest  Sum // what is not whole, and what whole has no room for
}

// AddInt adds v, weight times.
func (t *Total) AddInt(v int64, weight float64) {
	if weight == 1 {
		t.addWhole(v)
		return
	}
	if n := int64(weight); float64(n) == weight && weight <= 1<<53 {
		if product := v * n; v == 0 || product/v == n && product%v == 0 && product != math.MinInt64 {
			t.addWhole(product)
			return
		}
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

func (t *Total) addWhole(v int64) {
	sum := t.whole + v
	if (t.whole^sum)&(v^sum) < 0 { // it has another sign than both
		t.spill()
		sum = v
	}
	t.whole = sum
}

// spill moves the whole part to the rest.
func (t *Total) spill() {
	high, low := halves(t.whole)
	t.rest.Add(high)
	t.rest.Add(low)
	t.whole = 0
}

// halves returns two floats whose sum is v, exactly.
func halves(v int64) (high, low float64) {
	lower := v & (1<<32 - 1)
	return float64(v - lower), float64(lower)
}

// Merge adds what is in o.
func (t *Total) Merge(o Total) {
	t.addWhole(o.whole)
	t.rest.Merge(o.rest)
}

// Value returns the total as a float.
func (t *Total) Value() float64 {
	all := t.rest
	high, low := halves(t.whole)
	all.Add(high)
	all.Add(low)
	return all.Value()
}

// Int returns the total as a whole number, the nearest there is. It reports false where the
// total is beyond what an int64 holds, and the result is the end of that range.
func (t *Total) Int() (n int64, ok bool) {
	if t.rest == (Sum{}) {
		return t.whole, true
	}
	v := t.Value()
	if v >= math.MaxInt64 || v <= math.MinInt64 {
		return Whole(v), false
	}
	rest := math.Floor(t.rest.high)
	if math.Abs(rest) < 1<<62 && math.Abs(float64(t.whole)) < 1<<62 { // no sum below leaves the range
		return t.whole + int64(rest) + int64(math.Round(t.rest.high-rest+t.rest.low)), true
	}
	return Whole(v), true
}

// Exact returns the total where it is whole and has an int64.
func (t *Total) Exact() (n int64, ok bool) { return t.whole, t.rest == (Sum{}) }

package tally

import "math"

// A Sum is a sum of finite floats, to which what rounding loses is added at the end: it is
// Neumaier's compensated summation. A sum that leaves the range of float64 stays at its end.
// The zero Sum is ready for use.
type Sum struct{ high, low float64 }

// SumOf returns the Sum of two numbers as [Sum.Parts] returned them.
func SumOf(high, low float64) Sum { return Sum{high, low} }

// Parts returns the two numbers whose sum s is.
func (s *Sum) Parts() (high, low float64) { return s.high, s.low }

// Add adds v.
func (s *Sum) Add(v float64) {
	sum := s.high + v
	switch {
	case math.IsInf(sum, 0):
		s.high, s.low = math.Copysign(math.MaxFloat64, sum), 0
		return
	case math.Abs(s.high) >= math.Abs(v):
		s.low += s.high - sum + v
	default:
		s.low += v - sum + s.high
	}
	s.high = sum
}

// AddTimes adds v times n.
func (s *Sum) AddTimes(v, n float64) {
	if n == 1 {
		s.Add(v)
		return
	}
	product := v * n
	if math.IsInf(product, 0) {
		s.Add(math.Copysign(math.MaxFloat64, product))
		return
	}
	s.Add(product)
	s.Add(math.FMA(v, n, -product)) // what rounding took from the product
}

// Merge adds what is in o.
func (s *Sum) Merge(o Sum) {
	s.Add(o.high)
	s.Add(o.low)
}

// Value returns the sum, within the range of float64.
func (s *Sum) Value() float64 {
	return min(max(s.high+s.low, -math.MaxFloat64), math.MaxFloat64)
}

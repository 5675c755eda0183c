package statsd

import (
	"math"
	"strconv"
)

// maxValue is the length of the longest number that is common. Longer ones occur:
// without an exponent 1e300 has 301 digits.
const maxValue = 24

// appendMillis appends nanoseconds as milliseconds: all digits, no exponent.
func appendMillis(dst []byte, ns int64) []byte {
	if ns < 0 { // daemons reject a negative time
		ns = 0
	}
	const nsInMs = 1_000_000
	whole, part := uint64(ns)/nsInMs, uint32(uint64(ns)%nsInMs)
	dst = strconv.AppendUint(dst, whole, 10)
	if part == 0 {
		return dst
	}
	a, b, c := part/10_000, part/100%100, part%100
	dst = append(dst, '.', tens[a], ones[a], tens[b], ones[b], tens[c], ones[c])
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// tens and ones are the digits of the numbers below 100.
var tens, ones = func() (t, o [100]byte) {
	for i := range t {
		t[i], o[i] = byte('0'+i/10), byte('0'+i%10)
	}
	return t, o
}()

// appendNumber appends the shortest decimal that reads back as f, without an
// exponent, which not all daemons read. f must be finite.
func appendNumber(dst []byte, f float64) []byte {
	const exact = 1 << 53
	if -exact <= f && f <= exact {
		if i := int64(f); float64(i) == f {
			return strconv.AppendInt(dst, i, 10) // also turns -0 into 0
		}
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// nanos turns a record's seconds into the nanoseconds that they were made of.
func nanos(s float64) int64 {
	if s >= math.MaxInt64/1e9 {
		return math.MaxInt64
	}
	return int64(math.Round(s * 1e9))
}

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

package jsonenc

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// AppendFloat appends f as encoding/json does: the fewest digits that read back as f, in exponent
// form below 1e-6 and from 1e21 on. NaN and the infinities have no JSON; in their place stands the
// error string that slog writes.
//
// Below a million, a whole number of billionths, such as nanoseconds in seconds, has 15 digits at
// most. Two decimals of 15 digits never read as one float, so that these are the fewest, and integer
// arithmetic writes them. From 1e-6 to 2^53, the range of Unix times in seconds, shortest finds the digits.
// With strconv alone, the line of a timing takes about 30 % longer (BenchmarkJSON of package
// jsonlines). All other floats are left to strconv.
func AppendFloat(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	if abs < 1e6 {
		if n := uint64(int64(abs*1e9 + 0.5)); n >= 1000 && float64(int64(n))/1e9 == abs {
			if f < 0 {
				dst = append(dst, '-')
			}
			return appendBillionths(dst, n)
		}
	}
	n, scale, ok := shortest(abs)
	if !ok || abs < 1e-6 {
		return appendOtherFloat(dst, f)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	return appendDecimal(dst, abs, n, scale)
}

// appendOtherFloat appends any float as encoding/json does, by way of strconv.
func appendOtherFloat(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case abs == 0 && !math.Signbit(f):
		return append(dst, '0')
	case !(abs <= math.MaxFloat64):
		return AppendAny(dst, f) // encoding/json has its own words for this
	case abs == 0 || 1e-6 <= abs && abs < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// strconv writes at least two digits of exponent; JSON's e-09 is e-9. There is no e+09 here.
	if n := len(dst); dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// appendBillionths appends n / 10^9, less than a million, without trailing zeros.
func appendBillionths(dst []byte, n uint64) []byte {
	const most = 32
	start := len(dst)
	dst = slices.Grow(dst, most)
	b := (*[most]byte)(dst[start : start+most])
	whole := n / 1e9
	n -= whole * 1e9
	i := 1
	if b[0] = '0' + byte(whole); whole >= 10 {
		i = countDigits(whole)
		putDigits(b[:], whole, i)
	}
	if n == 0 {
		return dst[:start+i]
	}
	return dst[:start+i+putFraction(b[i:], n)]
}

// putFraction writes a point and the nine digits of nanos, which is not 0, without the zeros at the
// end. It needs ten bytes of space and returns how many it used.
func putFraction(b []byte, nanos uint64) int {
	first := nanos / 1e8
	rest := eightDigits(nanos - first*1e8)
	_ = b[9]
	b[0], b[1] = '.', '0'+byte(first)
	binary.LittleEndian.PutUint64(b[2:], rest)
	return 10 - bits.LeadingZeros64(rest^'0'*ones)/8
}

// appendDecimal appends n / 10^scale, which f reads as, without an exponent.
func appendDecimal(dst []byte, f float64, n uint64, scale int) []byte {
	const most = 48
	start := len(dst)
	dst = slices.Grow(dst, most)
	b := dst[start : start+most]
	if f >= 1 {
		// The whole part of f is that of the decimal, for no whole number lies between the two.
		whole := uint64(int64(f))
		digits := countDigits(whole)
		putDigits(b, whole, digits)
		if scale == 0 {
			return dst[:start+digits]
		}
		b[digits] = '.'
		putDigits(b[digits+1:], n-whole*powersOf10[scale], scale)
		return dst[:start+digits+1+scale]
	}
	digits := countDigits(n)
	copy(b, "0.000000") // more zeros than there are down to 1e-6
	putDigits(b[2+scale-digits:], n, digits)
	return dst[:start+2+scale]
}

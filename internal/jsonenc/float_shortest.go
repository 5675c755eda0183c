package jsonenc

import (
	"math"
	"math/bits"
)

// shortest finds the shortest decimal that reads back as f, and of several the nearest: f is
// n / 10^scale, n without trailing zeros unless scale is 0. It does so for f from about a microsecond
// to 2^53, but for 2^-20, and says no to the rest.
//
// Why the answer is right. Let f = m / 2^k with m of 53 bits, so that the floats next to f lie
// 1 / 2^k away, and every decimal nearer to f than half of that reads back as f, and none farther.
// Let D be the least number of decimal places whose unit, 10^-D, is not above that distance. Then
//
//   - with D places there is always a decimal near enough, for the nearest is at most half a unit
//     away;
//   - with D-1 places there is at most one, for the unit is above the width of the interval. If there
//     is one it is the answer, less its trailing zeros: a shorter decimal would have D-1 places too,
//     and so be the same number;
//   - else the nearest with D places is the answer, and does not end in a zero.
//
// All of it is exact: f·10^D = m·5^D / 2^(k-D), and m·5^D fits 128 bits.
func shortest(f float64) (n uint64, scale int, ok bool) {
	const mantissaBits = 52
	b := math.Float64bits(f)
	i := b>>mantissaBits - (1023 + minExponent)
	if i >= uint64(len(scalings)) {
		return 0, 0, false
	}
	m := b&(1<<mantissaBits-1) | 1<<mantissaBits
	c := &scalings[i]

	if t := uint(bits.TrailingZeros64(m)); t >= uint(c.k) {
		return m >> (c.k & 63), 0, true // f is whole
	} else if t == mantissaBits {
		// A power of two, 1/2^j, whose lower neighbour is nearer than the upper one. It is exactly
		// 5^j / 10^j, and no other decimal of up to 15 digits reads as the same float.
		j := int(c.k - mantissaBits)
		if j >= len(powersOf10) {
			return 0, 0, false
		}
		return powersOf10[j] >> j, j, true
	}

	// f·10^D = whole + part/2^shift.
	hi, lo := bits.Mul64(m, c.pow5)
	shift := c.shift & 63
	whole := hi<<(64-shift) | lo>>shift
	part := lo & (1<<shift - 1)

	// Twice the distances to the multiples of ten on both sides, in units of 2^-shift, in which the
	// distance between two floats is 5^D. The former are even and the latter is odd: no decimal lies
	// just on the border.
	tens := whole / 10
	below := ((whole-tens*10)<<shift + part) * 2
	above := 20<<shift - below
	if below < c.pow5 || above < c.pow5 {
		if above < c.pow5 {
			tens++
		}
		n, zeros := trimZeros(tens)
		return n, c.places - 1 - zeros, true
	}
	// Round to the nearest, from just between two to the even one, as strconv does.
	if one := uint64(1) << shift; 2*part > one || 2*part == one && whole%2 != 0 {
		whole++
	}
	return whole, c.places, true
}

// scaling is what shortest needs to know of the floats in [2^e, 2^(e+1)).
type scaling struct {
	pow5   uint64 // 5^places
	k      uint8  // the floats are multiples of 1 / 2^k; 0 when they are all whole
	shift  uint8  // k - places, below 60 so that ten times the part of a word fits a word
	places int    // D: the least with 10^-D <= 1 / 2^k
}

const (
	minExponent = -20 // 2^-20 is just below a microsecond
	maxExponent = 52
)

var scalings = func() (t [maxExponent - minExponent + 1]scaling) {
	for i := range t {
		k := maxExponent - minExponent - i
		places, pow5 := 0, uint64(1)
		for k-places >= 64 || pow5 < 1<<(k-places) { // 10^places < 2^k
			places++
			pow5 *= 5
		}
		t[i] = scaling{pow5: pow5, k: uint8(k), shift: uint8(k - places), places: places}
	}
	return t
}()

// trimZeros divides n, not 0, by ten as often as it goes.
func trimZeros(n uint64) (trimmed uint64, zeros int) {
	for n%10 == 0 {
		n /= 10
		zeros++
	}
	return n, zeros
}

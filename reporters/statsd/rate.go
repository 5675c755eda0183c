package statsd

import (
	"bytes"
	"strconv"
)

// minRate is the least share of events that a line can tell of: a daemon may repeat
// a timing as often as the rate says, and more than a million times would stop it.
const minRate = 1e-6

// longestRate is as long as a rate can be.
const longestRate = "0.00000123456789"

// appendRate appends the product of two sample rates, where 0 is none, as it stands in
// a line: nothing where all events are sent, and else a decimal of at most nine
// significant digits with no exponent, which not all daemons read.
func appendRate(dst []byte, own, before float64) []byte {
	rate := own
	if before != 0 {
		rate *= before
	}
	const digits = 9
	if !(rate < 1-0.5e-9) { // it rounds to 1
		return dst
	}
	places := digits
	for r := rate; r < 0.1; r *= 10 {
		places++
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, rate, 'f', places, 64)
	return dst[:start+len(bytes.TrimRight(dst[start:], "0"))]
}

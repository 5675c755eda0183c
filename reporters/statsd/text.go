package statsd

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"
)

// A charset says of each byte whether it may stay.
type charset [256]bool

// Every byte allowed here is one that no daemon gives a meaning to in that place.
var (
	nameBytes  = charsetOf("_-.")
	valueBytes = charsetOf("_-./@+%")
	dogBytes   = charsetOf("_-./@+%:")
)

// charsetOf returns the ASCII letters and digits and the bytes of more.
func charsetOf(more string) *charset {
	var set charset
	for c := byte('0'); c <= 'z'; c++ {
		set[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c
	}
	for i := range len(more) {
		set[more[i]] = true
	}
	return &set
}

// appendClean appends at most limit bytes of text, with an underscore for each
// character that is not in set, and reports whether it cut text off. It looks at
// no more of text than it appends.
func appendClean(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	n := min(len(text), limit)
	for i := range n {
		if !set[text[i]] {
			return appendReplaced(append(dst, text[:i]...), text[i:], set, limit-i)
		}
	}
	return append(dst, text[:n]...), n < len(text)
}

func appendReplaced(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	for i := 0; i < len(text); limit-- {
		if limit == 0 {
			return dst, true
		}
		c := text[i]
		switch {
		case set[c]:
			dst = append(dst, c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, '_')
			i++
		default:
			dst = append(dst, '_')
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
		}
	}
	return dst, false
}

// clean returns text with an underscore for each character that is not in set.
func clean(text string, set *charset, limit int) string {
	b, _ := appendClean(nil, text, set, limit)
	return string(b)
}

// maxValue is the length of the longest number that is common. Longer ones occur:
// without an exponent 1e300 has 301 digits.
const maxValue = 24

// appendMillis appends nanoseconds as milliseconds: all digits, no exponent.
func appendMillis(dst []byte, ns int64) []byte {
	const nsInMs = 1_000_000
	ns = max(ns, 0) // daemons reject a negative time
	dst = strconv.AppendInt(dst, ns/nsInMs, 10)
	part := ns % nsInMs
	if part == 0 {
		return dst
	}
	point := len(dst)
	dst = strconv.AppendInt(dst, nsInMs+part, 10)
	dst[point] = '.' // in place of the 1
	return bytes.TrimRight(dst, "0")
}

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

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

// minRate is the least share of events that a line can tell of: a daemon may repeat
// a timing as often as the rate says, and more than a million times would stop it.
const minRate = 1e-6

// longestRate is as long as a rate can be.
const longestRate = "0.00000123456789"

// isWhole reports whether a weight is a whole number but for rounding.
func isWhole(weight float64) bool {
	return math.Abs(weight-math.Round(weight)) <= 1e-9*weight
}

// wholeWeight returns the rate before, where 0 is none, for one event out of 1/(own·before)
// in a form whose weight is whole: the next lower or the next higher number, so that it is
// right on average. DataDog's agent, telegraf and statsd_exporter take the whole part of the
// weight of a timing or a histogram's value, and would make one of 1.67.
func wholeWeight(own, before, random float64) float64 {
	rate := own
	if before != 0 {
		rate *= before
	}
	weight := 1 / rate
	if isWhole(weight) {
		return before
	}
	n := math.Floor(weight)
	if random < weight-n {
		n++
	}
	return 1 / n / own
}

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
	if n := math.Round(1 / rate); isWhole(1 / rate) {
		// A daemon that takes the whole part of 1/rate must not find one less.
		if written, _ := strconv.ParseFloat(string(dst[start:]), 64); math.Floor(1/written) < n {
			dst = strconv.AppendFloat(dst[:start], rate-math.Pow10(-places), 'f', places, 64)
		}
	}
	return dst[:start+len(bytes.TrimRight(dst[start:], "0"))]
}

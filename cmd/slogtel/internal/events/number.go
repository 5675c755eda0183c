package events

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A number is a JSON number taken apart.
type number struct {
	text     []byte
	mantissa uint64 // of all digits, when there are at most 19
	exp      int    // of ten
	short    bool   // mantissa and exp are valid
	negative bool
	integer  bool // without a point or an exponent
}

// scanNumber reads the JSON number at b[i:] and returns where it ends, or -1.
func scanNumber(b []byte, i int, n *number) int {
	start := i
	*n = number{short: true, integer: true}
	if i < len(b) && b[i] == '-' {
		n.negative = true
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		n.mantissa = n.mantissa*10 + uint64(b[i]-'0')
		i++
	}
	digits := i - first
	if digits == 0 || digits > 1 && b[first] == '0' {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		n.integer = false
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			n.mantissa = n.mantissa*10 + uint64(b[i]-'0')
			i++
		}
		if i == point {
			return -1
		}
		n.exp = point - i
		digits += i - point
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		n.integer = false
		i++
		minus := false
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			minus = b[i] == '-'
			i++
		}
		from, e := i, 0
		for i < len(b) && b[i]-'0' <= 9 {
			e = min(e*10+int(b[i]-'0'), 1e6)
			i++
		}
		if i == from {
			return -1
		}
		if minus {
			e = -e
		}
		n.exp += e
	}
	n.short = digits <= 19
	n.text = b[start:i]
	return i
}

var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// float returns the nearest float64, and false when that is infinite.
func (n *number) float() (float64, bool) {
	// Both are exact, so that one operation rounds once (Clinger, "How to read
	// floating point numbers accurately", 1990).
	if n.short && n.mantissa <= 1<<53 && -22 <= n.exp && n.exp <= 22 {
		f := float64(n.mantissa)
		if n.exp < 0 {
			f /= tens[-n.exp]
		} else {
			f *= tens[n.exp]
		}
		if n.negative {
			f = -f
		}
		return f, true
	}
	f, err := strconv.ParseFloat(view(n.text), 64)
	return f, err == nil
}

// whole returns the number if it is written as a whole one, maybe with .0, as the ECS schema has
// it, and has an int64.
func (n *number) whole() (int64, bool) {
	switch {
	case !n.integer || !n.short:
		text, ok := strings.CutSuffix(view(n.text), ".0")
		if !ok && !n.integer {
			return 0, false
		}
		v, err := strconv.ParseInt(text, 10, 64)
		return v, err == nil
	case n.negative:
		return -int64(n.mantissa), n.mantissa <= 1<<63
	}
	return int64(n.mantissa), n.mantissa < 1<<63
}

// int returns the number if it is a whole one that an int64 holds.
func (n *number) int() (int64, bool) {
	if i, ok := n.whole(); ok {
		return i, true
	}
	f, ok := n.float()
	if !ok || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// seconds returns the number of seconds in whole nanoseconds, as package slogtel does.
func (n *number) seconds() (time.Duration, bool) {
	f, ok := n.float()
	return inRange(f * 1e9), ok
}

// Package humanize writes numbers for the eye, rounded to three digits. Each function
// appends to a byte slice and returns it, keeps no state, and is safe for concurrent use.
package humanize

import (
	"math"
	"strconv"
	"time"
)

// AppendDuration appends d rounded to three digits, or, from a minute on, to its two
// largest units: 850ns, 1.24ms, 12s, 1m23s, 2h5m, 3d4h.
func AppendDuration(dst []byte, d time.Duration) []byte {
	ns := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		ns = -ns
	}
	const (
		s = uint64(time.Second)
		m = 60 * s
		h = 60 * m
	)
	switch f := float64(ns); {
	case ns == 0:
		return append(dst, "0s"...)
	case ns < 1000:
		return append(strconv.AppendUint(dst, ns, 10), "ns"...)
	case f < 999.5e3:
		return append(appendThreeDigits(dst, f/1e3), "µs"...)
	case f < 999.5e6:
		return append(appendThreeDigits(dst, f/1e6), "ms"...)
	case f < 59.95e9:
		return append(appendThreeDigits(dst, f/1e9), 's')
	case ns+s/2 < h:
		return appendTwoUnits(dst, (ns+s/2)/s, 60, "m", "s")
	case ns+m/2 < 24*h:
		return appendTwoUnits(dst, (ns+m/2)/m, 60, "h", "m")
	}
	return appendTwoUnits(dst, (ns+h/2)/h, 24, "d", "h")
}

// AppendSeconds is AppendDuration of a number of seconds. It also writes what a Duration
// cannot hold: parts of a nanosecond, more than 292 years, NaN and the infinities.
func AppendSeconds(dst []byte, s float64) []byte {
	switch a := math.Abs(s); {
	case a == 0:
		return append(dst, "0s"...)
	case a < 999.5e-9:
		return append(AppendFloat(dst, s*1e9), "ns"...)
	case a < math.MaxInt64/1e9:
		return AppendDuration(dst, time.Duration(math.Round(s*1e9)))
	}
	return append(AppendFloat(dst, s), 's')
}

// AppendInt appends n, exactly up to four digits, else as AppendFloat.
func AppendInt(dst []byte, n int64) []byte {
	if -10000 < n && n < 10000 {
		return strconv.AppendInt(dst, n, 10)
	}
	return AppendFloat(dst, float64(n))
}

// AppendFloat appends v rounded to three digits, with a prefix from ten thousand on:
// 0.82, 1234, 12.3k, 5M. Prefixes are decimal: k, M, G, T, P.
func AppendFloat(dst []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case a == 0:
		return append(dst, '0')
	case a < 999.5 || a >= 999.5e15 || a != a:
		return strconv.AppendFloat(dst, v, 'g', 3, 64)
	case a < 9999.5:
		return strconv.AppendFloat(dst, v, 'f', 0, 64)
	}
	prefix := 0
	for a /= 1e3; a >= 999.5; a /= 1e3 {
		prefix++
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	return append(appendThreeDigits(dst, a), "kMGTP"[prefix])
}

// appendTwoUnits appends n small units, per of which make a large one.
func appendTwoUnits(dst []byte, n, per uint64, large, small string) []byte {
	dst = append(strconv.AppendUint(dst, n/per, 10), large...)
	if n%per != 0 {
		dst = append(strconv.AppendUint(dst, n%per, 10), small...)
	}
	return dst
}

// appendThreeDigits appends x, from 0.9995 to below 999.5, without trailing zeros.
func appendThreeDigits(dst []byte, x float64) []byte {
	places := 0
	switch {
	case x < 9.995:
		places = 2
	case x < 99.95:
		places = 1
	}
	dst = strconv.AppendFloat(dst, x, 'f', places, 64)
	if places == 0 {
		return dst
	}
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if dst[len(dst)-1] == '.' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

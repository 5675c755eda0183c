package text

import (
	"math"
	"strconv"
	"time"
)

// Seconds rounds a number of seconds to three digits with a unit, or, from a minute on,
// to its two largest units: 850ns, 1.24ms, 12s, 1m23s, 2h5m, 3d4h.
func Seconds(s float64) string {
	if s < 0 {
		return "-" + Seconds(-s)
	}
	switch {
	case s == 0:
		return "0s"
	case s < 999.5e-9:
		return three(s*1e9) + "ns"
	case s < 999.5e-6:
		return three(s*1e6) + "µs"
	case s < 999.5e-3:
		return three(s*1e3) + "ms"
	case s < 59.95:
		return three(s) + "s"
	case s < 3599.5:
		return two(s, 60, "m", 1, "s")
	case s < 24*3600-30:
		return two(s, 3600, "h", 60, "m")
	case s < math.MaxInt64/1e9:
		return two(s, 24*3600, "d", 3600, "h")
	}
	return Number(s) + "s"
}

// Duration is Seconds of d.
func Duration(d time.Duration) string { return Seconds(d.Seconds()) }

func two(s, large float64, largeUnit string, small float64, smallUnit string) string {
	n := int64(math.Round(s / small))
	per := int64(large / small)
	out := strconv.FormatInt(n/per, 10) + largeUnit
	if n%per != 0 {
		out += strconv.FormatInt(n%per, 10) + smallUnit
	}
	return out
}

// Number rounds v to three digits, with a decimal prefix from ten thousand on: 0.82,
// 1234, 12.3k, 5M.
func Number(v float64) string {
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0"
	case a < 999.5 || a >= 999.5e15 || math.IsNaN(a):
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a < 9999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	prefix := 0
	for a /= 1e3; a >= 999.5; a /= 1e3 {
		prefix++
	}
	return strconv.FormatFloat(math.Copysign(round3(a), v), 'f', -1, 64) + string("kMGTP"[prefix])
}

// three writes x, from 0.9995 to below 999.5, with three digits and no zeros at the end.
func three(x float64) string { return strconv.FormatFloat(round3(x), 'f', -1, 64) }

func round3(x float64) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return f
}

// Int writes n in full.
func Int(n int64) string { return strconv.FormatInt(n, 10) }

// Percent writes a share.
func Percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1%"
	}
	return Number(100*share) + "%"
}

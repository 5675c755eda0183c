package report

import (
	"math"
	"strconv"

	"github.com/slogtel/telemetry/internal/sketch"
)

const sparkWidth = 12

var sparkBlocks = []rune(" ▁▂▃▄▅▆▇█")

// spark draws a distribution: how many values lie in each of as many parts of the way
// from the least to the greatest, equal in ratio where both are positive, in difference
// elsewhere.
func spark(d *sketch.Sketch) string {
	if d == nil || d.Count() == 0 {
		return ""
	}
	scale := func(v float64) float64 { return v }
	if d.Min() > 0 {
		scale = math.Log
	}
	low, high := scale(d.Min()), scale(d.Max())
	const samples = 512
	var bins [sparkWidth]int
	most := 0
	for i := range samples {
		v := scale(d.Quantile((float64(i) + 0.5) / samples))
		bin := 0
		if high > low {
			bin = min(sparkWidth-1, max(0, int((v-low)/(high-low)*sparkWidth)))
		} else {
			bin = sparkWidth / 2
		}
		bins[bin]++
		most = max(most, bins[bin])
	}
	if high > low { // both ends are there, however few they are
		bins[0], bins[sparkWidth-1] = max(1, bins[0]), max(1, bins[sparkWidth-1])
	}
	out := make([]rune, sparkWidth)
	for i, n := range bins {
		level := 0
		if n > 0 {
			level = 1 + n*7/most
		}
		out[i] = sparkBlocks[level]
	}
	return string(out)
}

// formatFloat writes all digits, and no exponent where it is easy to do without.
func formatFloat(v float64) string {
	if a := math.Abs(v); a == 0 || 1e-6 <= a && a < 1e16 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

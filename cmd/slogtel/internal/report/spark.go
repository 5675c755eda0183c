package report

import (
	"math"
	"slices"
	"strconv"

	"github.com/slogtel/telemetry/internal/sketch"
)

const sparkWidth = 12

// sparkStep is the least ratio of two bars next to each other, as a logarithm: a sketch
// does not tell apart what is closer.
const sparkStep = 2 * sketch.RelativeError

var sparkBlocks = []rune(" ▁▂▃▄▅▆▇█")

// spark draws a distribution: how many values lie in each of as many parts of the way
// from the least to the greatest, equal in ratio where both are positive, in difference
// elsewhere. What is closer together than a sketch can tell is in the middle.
func spark(d *sketch.Sketch) string {
	if d == nil || d.Count() == 0 {
		return ""
	}
	scale, least := func(v float64) float64 { return v }, 0.0
	if d.Min() > 0 {
		scale, least = math.Log, sparkWidth*sparkStep
	}
	low, high := scale(d.Min()), scale(d.Max())
	width := high - low
	if width < least {
		low, width = (low+high)/2-least*(sparkWidth+1)/(2*sparkWidth), least // the middle of a bar
	}
	bin := func(v float64) int {
		if width == 0 {
			return sparkWidth / 2
		}
		return min(sparkWidth-1, max(0, int((scale(v)-low)/width*sparkWidth)))
	}
	const samples = 512
	var bins [sparkWidth]int
	for i := range samples {
		bins[bin(d.Quantile((float64(i)+0.5)/samples))]++
	}
	if high-low >= least && width > 0 { // both ends are there, however few they are
		bins[0], bins[sparkWidth-1] = max(1, bins[0]), max(1, bins[sparkWidth-1])
	}
	most := slices.Max(bins[:])
	out := make([]rune, sparkWidth)
	for i, n := range bins {
		level := 0
		if n > 0 {
			level = 1 + (n*7+most/2)/most
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

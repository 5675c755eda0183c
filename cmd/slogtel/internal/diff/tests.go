package diff

import (
	"math"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
)

// The methods of tests.
const (
	withinName = "Welch's t-test of one run a side, by batch means"
	runsName   = "Student's t-test of runs"
	fewName    = "Fisher's exact test"
	amountName = "z-test of events that come by chance"
)

// The least number of calls of a side that have a quantile.
const (
	leastP95 = 20
	leastP99 = 100
)

// A Test compares a figure of A with that of B.
type Test struct {
	Method      string   `json:"test"`
	A           float64  `json:"a"`
	B           float64  `json:"b"`
	P           float64  `json:"p"`
	Adjusted    float64  `json:"p_adjusted"`
	Significant bool     `json:"significant"`
	Change      *float64 `json:"change"`      // relative: 0.1 is 10 % more; null where A is not above zero
	Low         *float64 `json:"change_low"`  // confidence interval at 1 - alpha; null: no bound
	High        *float64 `json:"change_high"` // the same
}

// more and less report whether B is significantly above, or below, A.
func (t *Test) more() bool { return t != nil && t.Significant && t.B > t.A }
func (t *Test) less() bool { return t != nil && t.Significant && t.B < t.A }

func relative(a, b float64) *float64 {
	if !(a > 0) || b < 0 {
		return nil
	}
	c := collect.Finite(b/a) - 1
	return &c
}

// difference returns the two-sided p-value of b - a, the standard error of that and its degrees of freedom
// (Welch, "The generalization of 'Student's' problem", Biometrika 34, 1947).
func difference(a, b estimate) (p, deviation, df float64) {
	variance := a.variance + b.variance
	if !(variance > 0) {
		if a.value == b.value {
			return 1, 0, 1
		}
		return 0, 0, 1
	}
	df = variance * variance / (a.variance*a.variance/a.df + b.variance*b.variance/b.df)
	deviation = math.Sqrt(variance)
	return twoSided((b.value-a.value)/deviation, df), deviation, df
}

// ofRuns estimates the mean of one number a run on both sides, with one variance for all runs, which a
// single run on one of the sides has too. least is a variance that runs have at the least.
func ofRuns(a, b []float64, least float64) (estimate, estimate, bool) {
	df := float64(len(a) + len(b) - 2)
	if len(a) == 0 || len(b) == 0 || df < 1 {
		return estimate{}, estimate{}, false
	}
	squares := 0.0
	mean := func(values []float64) float64 {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		m := sum / float64(len(values))
		for _, v := range values {
			squares += (v - m) * (v - m)
		}
		return m
	}
	ea, eb := estimate{value: mean(a)}, estimate{value: mean(b)}
	variance := max(squares/df, least)
	if scale := 1e-9 * max(math.Abs(ea.value), math.Abs(eb.value)); math.Abs(ea.value-eb.value) <= scale {
		eb.value = ea.value // rounding is no difference
	}
	// Welch's formula gives df again for variances in proportion to 1/n, and these parts of df.
	ea.variance, eb.variance = variance/float64(len(a)), variance/float64(len(b))
	share := ea.variance + eb.variance
	if share > 0 {
		ea.df, eb.df = df*ea.variance/share, df*eb.variance/share
	}
	return ea, eb, true
}

// pick takes a number of each run that has it.
func pick(points []point, of func(*point) (float64, bool)) []float64 {
	var list []float64
	for i := range points {
		if v, ok := of(&points[i]); ok && v-v == 0 {
			list = append(list, v)
		}
	}
	return list
}

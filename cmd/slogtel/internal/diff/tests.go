package diff

import (
	"math"
	"slices"

	"github.com/slogtel/telemetry/internal/sketch"
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
	above       float64  // one-sided p-value: that B is above A
}

func (t *Test) set(c chances) { t.P, t.above = c.two, c.above }

// more and less report whether B is significantly above, or below, A.
func (t *Test) more() bool { return t != nil && t.Significant && t.B > t.A }
func (t *Test) less() bool { return t != nil && t.Significant && t.B < t.A }

func relative(a, b float64) *float64 {
	if !(a > 0) || b < 0 {
		return nil
	}
	c := finite(b/a) - 1
	return &c
}

func finite(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// difference returns the p-values of b - a, the standard error of that and its degrees of freedom
// (Welch, "The generalization of 'Student's' problem", Biometrika 34, 1947).
func difference(a, b estimate) (p chances, deviation, df float64) {
	variance := a.variance + b.variance
	if !(variance > 0) {
		switch {
		case a.value == b.value:
			return chances{1, 1}, 0, 1
		case b.value < a.value:
			return chances{0, 1}, 0, 1
		}
		return chances{}, 0, 1
	}
	df = variance * variance / (a.variance*a.variance/a.df + b.variance*b.variance/b.df)
	deviation = math.Sqrt(variance)
	return chancesOf((b.value-a.value)/deviation, df), deviation, df
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

// A pair is a series on both sides.
type pair struct {
	a, b         *pooled
	runsA, runsB int
	alpha        float64
}

func (p *pair) single() bool { return p.runsA == 1 && p.runsB == 1 }

// typical compares the geometric means of the values, or their means where some are not above zero.
func (p *pair) typical(unit float64) *Test {
	if !p.distributed() {
		return nil
	}
	of, number := logs, func(q *point) (float64, bool) { return q.log, true }
	positive := p.all(func(q *point) bool { return q.positive })
	if !positive {
		of, number = raws, func(q *point) (float64, bool) { return q.mean, true }
	}
	method := withinName
	a, okA := p.a.blocks.mean(of)
	b, okB := p.b.blocks.mean(of)
	ok := okA && okB
	if !p.single() {
		method = runsName
		a, b, ok = ofRuns(pick(p.a.points, number), pick(p.b.points, number), 0)
	}
	if !ok {
		return nil
	}
	t := &Test{Method: method}
	chance, deviation, df := difference(a, b)
	t.set(chance)
	if !positive {
		t.A, t.B = a.value/unit, b.value/unit
		return t
	}
	t.A, t.B = math.Exp(a.value)/unit, math.Exp(b.value)/unit
	t.Change = change(b.value - a.value)
	margin := critical(p.alpha, df) * deviation
	if margin < 700 {
		t.Low, t.High = change(b.value-a.value-margin), change(b.value-a.value+margin)
	}
	return t
}

// change is the relative change that a difference of logarithms is.
func change(log float64) *float64 {
	c := finite(math.Exp(log)) - 1
	return &c
}

// distributed reports whether the values themselves are known.
func (p *pair) distributed() bool { return p.all(func(q *point) bool { return q.whole }) }

// all reports whether something holds of all runs.
func (p *pair) all(holds func(*point) bool) bool {
	fails := func(q point) bool { return !holds(&q) }
	return !slices.ContainsFunc(p.a.points, fails) && !slices.ContainsFunc(p.b.points, fails)
}

// mean compares the means, which a few values that are very large move.
func (p *pair) mean(unit float64) *Test {
	if p.single() {
		a, okA := p.a.blocks.mean(raws)
		b, okB := p.b.blocks.mean(raws)
		if !okA || !okB {
			return nil
		}
		t := &Test{Method: withinName, A: a.value / unit, B: b.value / unit, Change: relative(a.value, b.value)}
		chance, _, _ := difference(a, b)
		t.set(chance)
		return t
	}
	return p.logarithms(unit, 0, func(q *point) float64 { return q.mean })
}

// logarithms compares the logarithms of a number of each run.
func (p *pair) logarithms(unit, least float64, of func(*point) float64) *Test {
	number := func(q *point) (float64, bool) { v := of(q); return math.Log(v), v > 0 }
	a, b, ok := ofRuns(pick(p.a.points, number), pick(p.b.points, number), least)
	if !ok {
		return nil
	}
	t := &Test{Method: runsName, A: math.Exp(a.value) / unit, B: math.Exp(b.value) / unit, Change: change(b.value - a.value)}
	chance, deviation, df := difference(a, b)
	t.set(chance)
	if margin := critical(p.alpha, df) * deviation; margin < 700 {
		t.Low, t.High = change(b.value-a.value-margin), change(b.value-a.value+margin)
	}
	return t
}

// rounding is the variance of the logarithm of a quantile, which is known within 1 %.
const rounding = 0.02 * 0.02 / 12

// quantile compares a quantile: that of runs or, with one run a side, how many values on each
// side are above that of both together.
func (p *pair) quantile(q, unit float64, of func(*point) float64) *Test {
	if !p.distributed() {
		return nil
	}
	if !p.single() {
		return p.logarithms(unit, rounding, of)
	}
	a, b := p.a.Sketch, p.b.Sketch
	both := a.Clone()
	both.Merge(b)
	limit := tail(both, 1-q)
	above := func(s *pooled) share {
		over := 0.0
		for v, weight := range s.Sketch.Bins() {
			if v >= limit {
				over += weight
			}
		}
		excess, df := s.blocks.fewer(logs)
		if more, known := s.blocks.fewer(raws); more > excess {
			excess, df = more, known
		}
		n := s.blocks.calls() / excess
		return share{calls: n, failed: over / s.Sketch.Count() * n, df: df}
	}
	t := &Test{Method: fewName, A: a.Quantile(q) / unit, B: b.Quantile(q) / unit}
	t.Change = relative(t.A, t.B)
	t.set(differ(above(p.a), above(p.b)))
	return t
}

// tail returns the value from which on about this share of all is.
func tail(s *sketch.Sketch, share float64) float64 {
	left, before, nearest, limit := s.Count(), s.Min(), math.Inf(1), s.Max()
	for v, weight := range s.Bins() {
		if off := math.Abs(left/s.Count() - share); left < s.Count() && off < nearest {
			nearest, limit = off, before+(v-before)/2
		}
		left, before = left-weight, v
	}
	return limit
}

// errors compares the shares of calls that failed.
func (p *pair) errors() *Test {
	a, b := total(p.a.points), total(p.b.points)
	if a.failed+b.failed == 0 {
		return nil
	}
	t := &Test{Method: fewName, A: min(1, a.failed/a.calls), B: min(1, b.failed/b.calls)}
	t.Change = relative(t.A, t.B)
	if p.single() {
		clustered := func(s *pooled, all share) share {
			excess, df := s.blocks.fewer(failures)
			all.df = df
			return all.by(excess)
		}
		t.set(differ(clustered(p.a, a), clustered(p.b, b)))
		return t
	}
	// Runs differ at least as much as chance makes them differ.
	number := func(q *point) (float64, bool) {
		return share{calls: q.calls, failed: q.failed}.angle(), q.calls > 0
	}
	least, n := 0.0, 0.0
	for _, points := range [][]point{p.a.points, p.b.points} {
		for i := range points {
			least += share{calls: points[i].calls}.variance()
			n++
		}
	}
	least /= n
	x, y, ok := ofRuns(pick(p.a.points, number), pick(p.b.points, number), least)
	if !ok {
		return nil
	}
	excess := max(1, x.variance*float64(len(p.a.points))/least)
	t.Method = runsName
	chance, _, _ := difference(x, y)
	t.set(chance.most(exact(a.by(excess), b.by(excess))))
	return t
}

func total(points []point) (s share) {
	for i := range points {
		s.calls += points[i].calls
		s.failed += points[i].failed
	}
	return s
}

// amount compares how many calls there were, or what a counter adds up to. Of one run a side only chance
// can be told, as if each event came by itself: not how much work there was.
func (p *pair) amount() *Test {
	amounts := func(s *pooled, runs int) (list []float64, variance float64) {
		for i := range s.points {
			list = append(list, s.points[i].amount)
			variance += s.points[i].amountVariance
		}
		for range runs - len(s.points) { // those that do not have it
			list = append(list, 0)
		}
		return list, variance / float64(len(s.points))
	}
	x, varianceA := amounts(p.a, p.runsA)
	y, varianceB := amounts(p.b, p.runsB)
	sum := func(list []float64) (sum float64) {
		for _, v := range list {
			sum += v
		}
		return finite(sum)
	}
	t := &Test{Method: amountName, A: sum(x) / float64(len(x)), B: sum(y) / float64(len(y))}
	t.Change = relative(t.A, t.B)
	if t.A <= 0 || t.B <= 0 {
		return nil
	}
	if p.single() {
		a := estimate{math.Log(t.A), varianceA, math.Inf(1)}
		b := estimate{math.Log(t.B), varianceB, math.Inf(1)}
		chance, _, _ := difference(a, b)
		t.set(chance)
		return t
	}
	t.Method = runsName
	scale := (t.A + t.B) / 2
	for _, list := range [][]float64{x, y} {
		for i := range list {
			list[i] /= scale
		}
	}
	a, b, ok := ofRuns(x, y, max(varianceA, varianceB))
	if !ok {
		return nil
	}
	chance, _, _ := difference(a, b)
	t.set(chance)
	return t
}

package diff

import (
	"math"
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
)

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
	if positive {
		return p.ofLogarithms(method, unit, a, b)
	}
	t := &Test{Method: method, A: a.value / unit, B: b.value / unit}
	t.P, _, _ = difference(a, b)
	return t
}

// ofLogarithms compares estimates of logarithms.
func (p *pair) ofLogarithms(method string, unit float64, a, b estimate) *Test {
	t := &Test{Method: method, A: math.Exp(a.value) / unit, B: math.Exp(b.value) / unit, Change: change(b.value - a.value)}
	chance, deviation, df := difference(a, b)
	t.P = chance
	if margin := critical(p.alpha, df) * deviation; margin < 700 {
		t.Low, t.High = change(b.value-a.value-margin), change(b.value-a.value+margin)
	}
	return t
}

// change is the relative change that a difference of logarithms is.
func change(log float64) *float64 {
	c := collect.Finite(math.Exp(log)) - 1
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
		t.P, _, _ = difference(a, b)
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
	return p.ofLogarithms(runsName, unit, a, b)
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
	if !p.a.celled || !p.b.celled {
		return nil
	}
	limit, ok := tail(1-q, p.a.blocks.list, p.b.blocks.list)
	if !ok {
		return nil
	}
	above := measure{func(b *block) float64 { return b.from(limit) }, nil}
	above.squares = func(s *blocks) float64 { return s.sum(above.of) }
	t := &Test{Method: fewName, A: p.a.Sketch.Quantile(q) / unit, B: p.b.Sketch.Quantile(q) / unit}
	t.Change = relative(t.A, t.B)
	t.P = min(p.shares(above), max(p.far(t.A, t.B), exact(p.a.share(above), p.b.share(above))))
	return t
}

// shares compares how many of the calls are above a limit, or failed. What the calls of one side depend on each other, those
// of the other are taken to do too, although there it may not show.
func (p *pair) shares(m measure) float64 {
	a, b := p.a.share(m), p.b.share(m)
	excess, df := p.a.blocks.fewer(m)
	if more, known := p.b.blocks.fewer(m); more > excess {
		excess, df = more, known
	}
	a.df, b.df = df, df
	return differ(a.by(excess), b.by(excess))
}

// far tests whether a quantile of one side is further from that of the other than the calls of the better side are
// from each other: as if each side was one value. It finds what happened once only, but by far.
func (p *pair) far(a, b float64) float64 {
	if !(a > 0 && b > 0) {
		return 1
	}
	better := p.a
	if b < a {
		better = p.b
	}
	e := estimate{value: better.blocks.sum(logs.of) / better.blocks.weights}
	spread := better.blocks.variance(logs, e)
	const df = 1 // of each: calls that depend on each other say little of how far values get
	chance, _, _ := difference(estimate{math.Log(a), spread + rounding, df}, estimate{math.Log(b), spread + rounding, df})
	return chance
}

// tail returns the bin from which on about this share of all values are. It is false where all are in one.
func tail(share float64, sides ...[]block) (limit int16, ok bool) {
	var cells []cell
	total := 0.0
	for _, list := range sides {
		for i := range list {
			for _, c := range list[i].cells {
				cells = put(cells, c)
				total += float64(c.n)
			}
		}
	}
	above, nearest := 0.0, math.Inf(1)
	for i := len(cells) - 1; i > 0; i-- {
		above += float64(cells[i].n)
		if off := math.Abs(above/total - share); off < nearest {
			nearest, limit, ok = off, cells[i].bin, true
		}
	}
	return limit, ok
}

// share is how many of the calls are above a limit, or failed.
func (s *pooled) share(m measure) share {
	calls := s.blocks.calls()
	return share{calls: calls, failed: s.blocks.sum(m.of) / s.blocks.weights * calls}
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
		t.P = p.shares(failures)
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
	t.P = max(chance, exact(a.by(excess), b.by(excess)))
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
		return collect.Finite(sum)
	}
	t := &Test{Method: amountName, A: sum(x) / float64(len(x)), B: sum(y) / float64(len(y))}
	t.Change = relative(t.A, t.B)
	if t.A <= 0 || t.B <= 0 {
		return nil
	}
	if p.single() {
		a := estimate{math.Log(t.A), varianceA, math.Inf(1)}
		b := estimate{math.Log(t.B), varianceB, math.Inf(1)}
		t.P, _, _ = difference(a, b)
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
	t.P, _, _ = difference(a, b)
	return t
}

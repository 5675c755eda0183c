package diff

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/slogtel"
)

// settings are what a comparison is made with.
type settings struct {
	alpha      float64
	minCalls   int
	correction string
	gate       gate
}

// defaults are those of the command.
var defaults = settings{alpha: 0.05, minCalls: 5, correction: holmName}

// Compare compares what was read of A and of B, with the defaults of the command.
func Compare(a, b *Side) *Comparison { return compare(a, b, defaults) }

// compare makes the comparison. a and b must be complete.
func compare(a, b *Side, s settings) *Comparison {
	c := &Comparison{
		RunsA: a.runs, RunsB: b.runs, Alpha: s.alpha, MinCalls: s.minCalls, Correction: s.correction,
		LeftOut: a.overflow + b.overflow, InSummary: a.inSummary + b.inSummary, Scopes: []Row{}, Metrics: []Row{}, Regressions: []Regression{},
	}
	if a.runs == 1 && b.runs == 1 {
		c.Note = oneRun
	}
	var all []Row
	for _, k := range keys(a, b) {
		r := compareOne(k, a, b, s)
		r.unsure = r.A == nil && a.overflow > 0 || r.B == nil && b.overflow > 0
		all = append(all, r)
	}
	c.Tests = adjustAll(all, s)
	for i := range all {
		all[i].judge(s)
		if all[i].Type == string(slogtel.TypeTiming) {
			c.Scopes = append(c.Scopes, all[i])
		} else {
			c.Metrics = append(c.Metrics, all[i])
		}
	}
	slices.SortStableFunc(c.Scopes, func(x, y Row) int {
		return cmp.Or(cmp.Compare(x.class(), y.class()), cmp.Compare(math.Abs(y.Impact), math.Abs(x.Impact)))
	})
	slices.SortStableFunc(c.Metrics, func(x, y Row) int { return cmp.Compare(x.class(), y.class()) })
	if list := s.gate.check(c, s); list != nil {
		c.Regressions = list
	}
	return c
}

// oneRun is what one run a side cannot say.
const oneRun = "one run a side: how much one run differs from the next (machine, load, data) cannot be known. " +
	"A verdict says that these two differ by more than each does within itself. Compare several: slogtel diff a1 a2 a3 -- b1 b2 b3"

func compareOne(k key, a, b *Side, s settings) Row {
	p := pair{a.series[k], b.series[k], a.runs, b.runs, s.alpha}
	r := Row{Scope: k.scope, Type: typeName(k.typ), A: figures(k, p.a), B: figures(k, p.b)}
	if k.typ == slogtel.TypeTiming {
		r.Impact = impact(r.A, r.B)
	}
	if p.a == nil || p.b == nil {
		r.always = p.a != nil && len(p.a.points) == a.runs || p.b != nil && len(p.b.points) == b.runs
		return r
	}
	if k.typ != slogtel.TypeTiming && k.typ != slogtel.TypeHistogram && k.typ != slogtel.TypeCounter {
		return r
	}
	enough := min(total(p.a.points).calls, total(p.b.points).calls)
	if enough < float64(s.minCalls) {
		return r
	}
	r.Amount = p.amount()
	if k.typ == slogtel.TypeCounter {
		return r
	}
	unit := unitOf(k.typ)
	r.Values, r.Mean = p.typical(unit), p.mean(unit)
	if enough >= leastP95 {
		r.P95 = p.quantile(0.95, unit, func(q *point) float64 { return q.p95 })
	}
	if enough >= leastP99 {
		r.P99 = p.quantile(0.99, unit, func(q *point) float64 { return q.p99 })
	}
	r.ErrorRates = p.errors()
	return r
}

func typeName(t slogtel.MetricType) string {
	if t == slogtel.TypePlain {
		return "plain"
	}
	return string(t)
}

func figures(k key, p *pooled) *Figures {
	if p == nil {
		return nil
	}
	unit := unitOf(k.typ)
	f := &Figures{
		Runs: len(p.points), Count: p.Count.Value(), Errors: p.Errors.Value(),
		P50: p.Quantile(0.5) / unit, P95: p.Quantile(0.95) / unit, Max: p.Quantile(1) / unit,
	}
	if mean, ok := p.Mean(); ok {
		mean /= unit
		sum := p.Total.Value() / unit
		if p.Summed != p.Count { // that of all, as far as can be told
			sum = collect.Finite(mean * f.Count)
		}
		f.Sum, f.Mean = &sum, &mean
	}
	return f
}

// knownOr0 is a figure that may not be known.
func knownOr0(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// unitOf is how much of a series' unit is one of a Figures'.
func unitOf(typ slogtel.MetricType) float64 {
	if typ == slogtel.TypeTiming {
		return float64(time.Second)
	}
	return 1
}

// impact is in seconds.
func impact(a, b *Figures) float64 {
	switch {
	case a == nil:
		return knownOr0(b.Sum)
	case b == nil:
		return -knownOr0(a.Sum)
	}
	return collect.Finite((knownOr0(b.Mean) - knownOr0(a.Mean)) * b.Count)
}

// adjustAll corrects the p-values of all tests for their number, which it returns.
func adjustAll(rows []Row, s settings) int {
	var all []*Test
	var p []float64
	for i := range rows {
		all = append(all, rows[i].tests()...)
	}
	for _, t := range all {
		p = append(p, t.P)
	}
	for i, adjusted := range adjust(p, s.correction) {
		all[i].Adjusted, all[i].Significant = adjusted, adjusted <= s.alpha
	}
	return len(all)
}

// judge sets the verdicts, the gravest first.
func (r *Row) judge(s settings) {
	up, tailUp, down, tailDown := Slower, SlowTail, Faster, FastTail
	if r.Type != string(slogtel.TypeTiming) {
		up, tailUp, down, tailDown = Higher, HighTail, Lower, LowTail
	}
	add := func(v Verdict, holds bool) bool {
		if holds {
			r.Verdicts = append(r.Verdicts, v)
		}
		return holds
	}
	_ = add(FailsMore, r.ErrorRates.more()) || add(FailsLess, r.ErrorRates.less())
	_ = add(up, r.Values.more() || r.Mean.more()) || add(tailUp, r.P95.more() || r.P99.more())
	_ = add(down, r.Values.less() || r.Mean.less()) || add(tailDown, r.P95.less() || r.P99.less())
	_ = add(More, r.Amount.more()) || add(Fewer, r.Amount.less())
	switch {
	case len(r.Verdicts) > 0:
	case r.unsure:
		r.Verdicts = []Verdict{LeftOut}
	case r.A == nil:
		r.Verdicts = []Verdict{New}
	case r.B == nil:
		r.Verdicts = []Verdict{Gone}
	case len(r.tests()) > 0:
		r.Verdicts = []Verdict{Same}
	case r.Type != string(slogtel.TypeGauge) && r.Type != "plain" && min(r.A.Count, r.B.Count) < float64(s.minCalls):
		r.Verdicts = []Verdict{TooFew}
	default:
		r.Verdicts = []Verdict{Untested}
	}
}

// class is the place of a row before its impact decides: what differs, then what is new or
// gone, then the rest.
func (r *Row) class() int {
	switch r.Verdicts[0] {
	case New, Gone:
		return 1
	case More, Fewer:
		return 2
	case Same, TooFew, Untested, LeftOut:
		return 3
	}
	return 0
}

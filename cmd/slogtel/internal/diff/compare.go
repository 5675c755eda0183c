package diff

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// rankName is that of the test of values.
const rankName = "Mann–Whitney U test"

// settings are what a comparison is made with.
type settings struct {
	alpha      float64
	minCalls   int
	correction string
	failOver   float64 // negative: no limit
}

// compare makes the comparison. a and b must be complete.
func compare(a, b *side, s settings) *Comparison {
	c := &Comparison{Alpha: s.alpha, MinCalls: s.minCalls, Correction: s.correction, LeftOut: a.overflow + b.overflow, InSummary: a.inSummary + b.inSummary, Scopes: []Row{}, Metrics: []Row{}}
	var all []Row
	for _, k := range keys(a, b) {
		r := compareOne(k, a.series[k], b.series[k], s)
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
	for i := range c.Scopes {
		if c.Scopes[i].regressed(s.failOver) {
			c.Regressions = append(c.Regressions, i)
		}
	}
	return c
}

func compareOne(k key, a, b *series, s settings) Row {
	r := Row{Scope: k.scope, Type: typeName(k.typ), A: figures(k, a), B: figures(k, b)}
	if k.typ == slogtel.TypeTiming {
		r.Impact = impact(r.A, r.B)
	}
	if a == nil || b == nil {
		return r
	}
	if x, y := a.values.sample(), b.values.sample(); min(x.size, y.size) >= float64(s.minCalls) {
		r.Values = compareValues(x, y, s.alpha)
	}
	sizeA, sizeB := effective(a.weights.Value(), a.squares.Value()), effective(b.weights.Value(), b.squares.Value())
	if min(sizeA, sizeB) >= float64(s.minCalls) && r.A.Errors+r.B.Errors > 0 {
		t := &ShareTest{A: min(1, r.A.Errors/a.weights.Value()), B: min(1, r.B.Errors/b.weights.Value())}
		t.P, t.Test = sameShare(calls(sizeA*t.A), calls(sizeA), calls(sizeB*t.B), calls(sizeB))
		r.ErrorRates = t
	}
	return r
}

func typeName(t slogtel.MetricType) string {
	if t == slogtel.TypePlain {
		return "plain"
	}
	return string(t)
}

// calls is a number of calls that two of can be added.
func calls(v float64) int64 { return int64(math.Round(min(v, 1e15))) }

func figures(k key, f *series) *Figures {
	if f == nil {
		return nil
	}
	unit := unitOf(k.typ)
	figures := &Figures{
		Count: f.count.Value(), Errors: f.errors.Value(),
		P50: f.values.quantile(0.5) / unit, P95: f.values.quantile(0.95) / unit, Max: f.values.max / unit,
	}
	if mean, ok := f.mean(); ok {
		mean /= unit
		sum := f.sum.Value() / unit
		if f.summed != f.count { // that of all, as far as can be told
			sum = within(mean * figures.Count)
		}
		figures.Sum, figures.Mean = &sum, &mean
	}
	return figures
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
	return within((knownOr0(b.Mean) - knownOr0(a.Mean)) * b.Count)
}

func compareValues(a, b sample, alpha float64) *ValueTest {
	ranks := mannWhitney(a, b)
	t := &ValueTest{Test: rankName, P: ranks.p, Share: ranks.share}
	if !a.positive() || !b.positive() {
		return t
	}
	f := typicalFactor(a, b, ranks, alpha)
	t.Change = change(f.estimate)
	if f.low > 0 {
		t.Low = change(f.low)
	}
	if !math.IsInf(f.high, 1) {
		t.High = change(f.high)
	}
	return t
}

func change(factor float64) *float64 {
	c := within(factor) - 1
	return &c
}

// adjustAll corrects the p-values of all tests for their number, which it returns.
func adjustAll(rows []Row, s settings) int {
	var p []float64
	for _, r := range rows {
		if r.Values != nil {
			p = append(p, r.Values.P)
		}
		if r.ErrorRates != nil {
			p = append(p, r.ErrorRates.P)
		}
	}
	adjusted := adjust(p, s.correction)
	for _, r := range rows {
		if v := r.Values; v != nil {
			v.Adjusted, adjusted = adjusted[0], adjusted[1:]
			v.Significant = v.Adjusted <= s.alpha
		}
		if e := r.ErrorRates; e != nil {
			e.Adjusted, adjusted = adjusted[0], adjusted[1:]
			e.Significant = e.Adjusted <= s.alpha
		}
	}
	return len(p)
}

// judge sets the verdicts, the gravest first.
func (r *Row) judge(s settings) {
	if e := r.ErrorRates; e != nil && e.Significant {
		r.Verdicts = append(r.Verdicts, pick(e.B > e.A, FailsMore, FailsLess))
	}
	if v := r.Values; v != nil && v.Significant {
		more, less := Slower, Faster
		if r.Type != string(slogtel.TypeTiming) {
			more, less = Higher, Lower
		}
		r.Verdicts = append(r.Verdicts, pick(v.Share > 0.5, more, less))
	}
	switch {
	case len(r.Verdicts) > 0:
	case r.unsure:
		r.Verdicts = []Verdict{LeftOut}
	case r.A == nil:
		r.Verdicts = []Verdict{New}
	case r.B == nil:
		r.Verdicts = []Verdict{Gone}
	case r.Values != nil || r.ErrorRates != nil:
		r.Verdicts = []Verdict{Same}
	case r.tested() && min(r.A.Count, r.B.Count) < float64(s.minCalls):
		r.Verdicts = []Verdict{TooFew}
	default:
		r.Verdicts = []Verdict{Untested}
	}
}

// tested reports whether there is a test for what r is.
func (r *Row) tested() bool {
	return r.Type == string(slogtel.TypeTiming) || r.Type == string(slogtel.TypeHistogram)
}

func pick(first bool, a, b Verdict) Verdict {
	if first {
		return a
	}
	return b
}

// class is the place of a row before its impact decides: what differs, then what is new or
// gone, then the rest.
func (r *Row) class() int {
	switch r.Verdicts[0] {
	case New, Gone:
		return 1
	case Same, TooFew, Untested, LeftOut:
		return 2
	}
	return 0
}

// regressed reports whether r became significantly slower, or fails significantly more
// often, by more than limit.
func (r *Row) regressed(limit float64) bool {
	if limit < 0 {
		return false
	}
	slower := slices.Contains(r.Verdicts, Slower) && r.Values.Change != nil && *r.Values.Change > limit
	failing := slices.Contains(r.Verdicts, FailsMore) && r.ErrorRates.B > r.ErrorRates.A*(1+limit)
	return slower || failing
}

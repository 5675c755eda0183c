package diff

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// a process draws the calls of a run.
type process struct {
	calls   int
	rho     float64 // correlation of the logarithm of a duration with that of the next
	spread  float64 // standard deviation of the logarithm inside of a run
	between float64 // and of the runs
	failing float64
	bursts  bool // failures come together
}

func (p process) run(r *rand.Rand, scopes int, change func(*events.Event, int)) *run {
	run := newRun(100)
	for s := range scopes {
		offset := p.between * r.NormFloat64()
		x := r.NormFloat64()
		bad := r.Float64() < p.failing
		for i := range p.calls {
			if i > 0 {
				x = p.rho*x + math.Sqrt(1-p.rho*p.rho)*r.NormFloat64()
			}
			e := &events.Event{Kind: events.Timing, Scope: fmt.Sprint("s", s), SampleRate: 1, Duration: time.Duration(1e7 * math.Exp(offset+p.spread*x))}
			switch {
			case !p.bursts:
				bad = r.Float64() < p.failing
			case bad:
				bad = r.Float64() > 0.05*(1-p.failing)
			default:
				bad = r.Float64() < 0.05*p.failing
			}
			if bad {
				e.Error = "boom"
			}
			if change != nil {
				change(e, i)
			}
			run.Event(e)
		}
	}
	return run
}

// trials is how often a simulation draws; the margins that it allows follow from that.
func trials(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n
}

// allowed is the most alarms in n trials of a chance alpha each: four standard errors more, which
// 3 in 100,000 seeds would pass. The seeds are fixed.
func allowed(n int, alpha float64) int {
	return int(alpha*float64(n) + 4*math.Sqrt(float64(n)*alpha*(1-alpha)))
}

func sides(runs int, draw func(side int) *run) (a, b *Side) {
	a, b = newSide(), newSide()
	for range runs {
		a.add(draw(0))
		b.add(draw(1))
	}
	return a, b
}

const fullGate = "slower=10%,p95=20%,p99=20%,errors=1%,gone,new,few"

func failing(t *testing.T, condition string, n, runs int, draw func(r *rand.Rand, side int) *run) (failed int) {
	t.Helper()
	g, err := parseGate(condition)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(7, uint64(runs)))
	for range n {
		a, b := sides(runs, func(side int) *run { return draw(r, side) })
		if c := compare(a, b, settings{alpha: 0.05, minCalls: 5, correction: holmName, gate: g}); len(c.Regressions) > 0 {
			failed++
		}
	}
	return failed
}

// Of equal pairs at most 5 % fail a gate, however much the calls of a run depend on each other, and the
// runs differ among themselves. Of one run a side that holds as long as runs do not differ.
func TestEqualPairsPass(t *testing.T) {
	for name, test := range map[string]struct {
		process
		runs []int
	}{
		"independent":        {process{calls: 200, spread: 0.5, failing: 0.02}, []int{1, 2, 3, 5}},
		"heavy":              {process{calls: 200, spread: 1.5, failing: 0.02}, []int{1, 3}},
		"a few":              {process{calls: 8, spread: 0.5, failing: 0.02}, []int{1, 3}},
		"dependent":          {process{calls: 200, rho: 0.9, spread: 0.5, failing: 0.05, bursts: true}, []int{1, 2, 3, 5}},
		"strongly dependent": {process{calls: 200, rho: 0.99, spread: 0.5}, []int{1, 3, 5}},
		"nearly constant":    {process{calls: 200, rho: 0.999, spread: 0.5}, []int{3, 5}},
		"runs differ":        {process{calls: 200, rho: 0.9, spread: 0.3, between: 0.3, failing: 0.02}, []int{2, 3, 5}},
	} {
		for _, runs := range test.runs {
			t.Run(fmt.Sprint(name, runs), func(t *testing.T) {
				n := trials(200)
				failed := failing(t, fullGate, n, runs, func(r *rand.Rand, _ int) *run { return test.run(r, 2, nil) })
				assert.LessOrEqual(t, failed, allowed(n, 0.05))
			})
		}
	}
}

// What is much worse fails nearly always, in runs that differ by a little.
func TestDisastersFail(t *testing.T) {
	for name, test := range map[string]struct {
		calls  int
		gate   string
		change func(r *rand.Rand, e *events.Event, i int)
	}{
		"100 times slower in 9 calls": {9, "slower=10%", func(_ *rand.Rand, e *events.Event, _ int) { e.Duration *= 100 }},
		"a quarter slower":            {600, "slower=10%", func(_ *rand.Rand, e *events.Event, _ int) { e.Duration = e.Duration * 5 / 4 }},
		"a p95 of 1 s": {600, "p95=20%", func(r *rand.Rand, e *events.Event, _ int) {
			if r.Float64() < 0.1 {
				e.Duration = time.Second
			}
		}},
		"2 % take 10 s": {1200, "p99=20%", func(r *rand.Rand, e *events.Event, _ int) {
			if r.Float64() < 0.02 {
				e.Duration = 10 * time.Second
			}
		}},
		"the mean of these": {1200, "slower=10%", func(_ *rand.Rand, e *events.Event, i int) {
			if i%50 == 0 {
				e.Duration = 10 * time.Second
			}
		}},
		"5 % fail": {600, "errors=1%", func(r *rand.Rand, e *events.Event, _ int) {
			if r.Float64() < 0.05 {
				e.Error = "boom"
			}
		}},
	} {
		for _, runs := range []int{1, 3, 5} {
			for _, condition := range []string{test.gate, fullGate} {
				t.Run(fmt.Sprint(name, runs, condition), func(t *testing.T) {
					p := process{calls: test.calls, rho: 0.3, spread: 0.3, between: 0.02, failing: 0.002}
					n := trials(40)
					failed := failing(t, condition, n, runs, func(r *rand.Rand, side int) *run {
						return p.run(r, 2, func(e *events.Event, i int) {
							if side == 1 && e.Scope == "s1" {
								test.change(r, e, i)
							}
						})
					})
					assert.GreaterOrEqual(t, failed, n*4/5)
				})
			}
		}
	}
}

// Runs that differ by more than a change do not show it, and that of one run a side says so.
func TestRunsNotCallsAreCompared(t *testing.T) {
	p := process{calls: 500, spread: 0.1}
	r := rand.New(rand.NewPCG(5, 5))
	scaled := func(factor float64) *run {
		return p.run(r, 1, func(e *events.Event, _ int) { e.Duration = time.Duration(float64(e.Duration) * factor) })
	}
	s := settings{alpha: 0.05, minCalls: 5, correction: holmName}
	wide := compare(sideOf(scaled(1), scaled(1.4), scaled(0.8)), sideOf(scaled(1.2), scaled(1.5), scaled(0.9)), s)
	assert.Equal(t, []Verdict{Same}, wide.Scopes[0].Verdicts, "although all calls of each differ")
	assert.Empty(t, wide.Note)
	narrow := compare(sideOf(scaled(1), scaled(1.01), scaled(0.99)), sideOf(scaled(1.2), scaled(1.21), scaled(1.19)), s)
	assert.Equal(t, []Verdict{Slower}, narrow.Scopes[0].Verdicts)
	assert.InDelta(t, 0.2, *narrow.Scopes[0].Values.Change, 0.02)
	assert.Less(t, *narrow.Scopes[0].Values.Low, 0.2)
	assert.Greater(t, *narrow.Scopes[0].Values.High, 0.2)
	oneOfB := compare(sideOf(scaled(1), scaled(1.01), scaled(0.99)), sideOf(scaled(1.5)), s)
	assert.Equal(t, []Verdict{Slower}, oneOfB.Scopes[0].Verdicts, "the spread of A's runs is B's too")
	single := compare(sideOf(scaled(1)), sideOf(scaled(1.4)), s)
	assert.Contains(t, single.Note, "cannot be known")
}

// The interval of the change holds it as often as it says.
func TestIntervalsHold(t *testing.T) {
	for _, runs := range []int{1, 4} {
		p := process{calls: 300, rho: 0.5, spread: 0.4, between: float64(runs-1) * 0.02}
		r := rand.New(rand.NewPCG(13, uint64(runs)))
		n, held := trials(300), 0
		for range n {
			a, b := sides(runs, func(side int) *run {
				return p.run(r, 1, func(e *events.Event, _ int) { e.Duration += time.Duration(side) * e.Duration / 5 })
			})
			v := compare(a, b, settings{alpha: 0.05, minCalls: 5, correction: holmName}).Scopes[0].Values
			require.Less(t, *v.Low, *v.High)
			if *v.Low <= 0.2 && 0.2 <= *v.High {
				held++
			}
		}
		assert.LessOrEqual(t, n-held, allowed(n, 0.05), runs)
	}
}

// Student's distribution has closed forms for one and two degrees of freedom, and is the normal
// one for many.
func TestStudent(t *testing.T) {
	for _, x := range []float64{0, 0.1, 0.7, 1, 2, 5, 30, 1e4} {
		assert.InDelta(t, 1-2/math.Pi*math.Atan(x), twoSided(x, 1), 1e-10, x)
		assert.InDelta(t, 1-x/math.Sqrt(2+x*x), twoSided(-x, 2), 1e-10, x)
		assert.InDelta(t, math.Erfc(x/math.Sqrt2), twoSided(x, 1e7), 1e-6, x)
		assert.InDelta(t, math.Erfc(x/math.Sqrt2), twoSided(x, math.Inf(1)), 1e-12, x)
	}
	for _, df := range []float64{1, 2.5, 4, 30, 1e6, math.Inf(1)} {
		for _, alpha := range []float64{0.5, 0.05, 0.001} {
			assert.InEpsilon(t, alpha, twoSided(critical(alpha, df), df), 1e-6, "%v %v", alpha, df)
		}
	}
	assert.InDelta(t, 2.776, critical(0.05, 4), 0.001, "as tables have it")
	assert.Equal(t, 1.0, twoSided(math.NaN(), 3))
}

// However many calls there are, blocks hold them all, and are few.
func TestBlocks(t *testing.T) {
	for _, n := range []int{1, 2, 63, 64, 65, 128, 129, 1000, 4097} {
		var b blocks
		for i := range n {
			v := float64(i % 10)
			b.add(block{n: 1, log: v, raw: 2 * v, failed: 1}, 1, v*v, 4*v*v)
		}
		assert.LessOrEqual(t, len(b.list), maxBlocks)
		assert.GreaterOrEqual(t, len(b.list), min(n, maxBlocks/2))
		sum := 0.0
		for i := range n {
			sum += float64(i % 10)
		}
		assert.InDelta(t, sum, b.sum(func(b *block) float64 { return b.log }), 1e-9)
		assert.EqualValues(t, n, b.sum(failedOf))
		assert.InDelta(t, float64(n), b.calls(), 1e-9)
		if e, ok := b.mean(raws); n > 1 {
			require.True(t, ok)
			assert.InDelta(t, 2*sum/float64(n), e.value, 1e-9)
			assert.GreaterOrEqual(t, e.df, 1.0)
		} else {
			assert.False(t, ok)
		}
	}
}

// The variance of the mean of calls that depend on each other is that of many such means, or more.
func TestVarianceOfDependentCalls(t *testing.T) {
	for _, rho := range []float64{0, 0.5, 0.9} {
		p := process{calls: 1000, rho: rho, spread: 0.5}
		r := rand.New(rand.NewPCG(3, 4))
		means, squares, estimated := 0.0, 0.0, 0.0
		n := trials(200)
		for range n {
			for _, s := range p.run(r, 1, nil).series {
				e, ok := s.blocks.mean(logs)
				require.True(t, ok)
				means += e.value
				squares += e.value * e.value
				estimated += e.variance
			}
		}
		k := float64(n)
		variance := (squares - means*means/k) / (k - 1)
		// The variance of n values is known within its share of √(2/n), at one standard error.
		assert.Greater(t, estimated/k/variance, 1-4*math.Sqrt(2/k), rho)
		assert.Less(t, estimated/k/variance, 2.5+4*math.Sqrt(2/k), rho)
	}
}

// exactFisher is in whole numbers.
func exactFisher(failedA, allA, failedB, allB int64) float64 {
	weight := func(k int64) *big.Int {
		return new(big.Int).Mul(new(big.Int).Binomial(allA, k), new(big.Int).Binomial(allB, failedA+failedB-k))
	}
	seen, sum := weight(failedA), new(big.Int)
	for k := int64(0); k <= failedA+failedB; k++ {
		if w := weight(k); w.Cmp(seen) <= 0 {
			sum.Add(sum, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Binomial(allA+allB, failedA+failedB)).Float64()
	return p
}

func TestFisherIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 0))
	for range 300 {
		allA, allB := 1+r.Int64N(200), 1+r.Int64N(500)
		failedA, failedB := r.Int64N(allA+1), r.Int64N(min(allB, 40)+1)
		want, got := exactFisher(failedA, allA, failedB, allB), fisher(failedA, allA, failedB, allB)
		if want < 1e-280 { // nearly all that a float64 holds
			assert.Less(t, got, 1e-279)
			continue
		}
		assert.InEpsilon(t, want, got, 1e-6, "%d of %d, %d of %d", failedA, allA, failedB, allB)
	}
	// The lady tasting tea: 3 of 4 right.
	assert.InDelta(t, 34.0/70, fisher(3, 4, 1, 4), 1e-12)
}

// The worked example of Benjamini and Hochberg (1995, section 3.2): 15 p-values.
func TestCorrections(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0}
	rejected := func(correction string) (n int) {
		for _, q := range adjust(p, correction) {
			if q <= 0.05 {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 9, rejected(noneName))
	assert.Equal(t, 4, rejected(bhName))
	assert.Equal(t, 3, rejected(holmName))
	assert.Equal(t, []float64{0.04, 0.03, 0.04}, adjust([]float64{0.02, 0.01, 0.04}, holmName))
	assert.Equal(t, []float64{0.03, 0.03, 0.04}, adjust([]float64{0.02, 0.01, 0.04}, bhName))
	assert.Equal(t, 0.0001, p[0], "left as it was")
	assert.Empty(t, adjust(nil, holmName))
}

func TestZTestIsCloseToFisher(t *testing.T) {
	for _, failedB := range []int64{300, 320, 340, 380} {
		p := sameShare(300, 2000, failedB, 2100)
		assert.InDelta(t, fisher(300, 2000, failedB, 2100), p, 0.03)
	}
}

func TestShareOfHugeOrNoCounts(t *testing.T) {
	for _, c := range [][4]int64{{0, 0, 0, 0}, {0, 10, 0, 10}, {10, 10, 10, 10}, {0, 0, 3, 10}} {
		assert.Equal(t, 1.0, sameShare(c[0], c[1], c[2], c[3]), c)
	}
	assert.Greater(t, sameShare(1e14, 1e15, 2, 20), 0.5)
	assert.Less(t, sameShare(5e7, 1e15, 5e6, 1e7), 0.01)
}

// Of samples from one distribution at most a share of alpha may be told apart, also where hardly any fail.
func TestErrorRateFalsePositives(t *testing.T) {
	const alpha = 0.05
	n := trials(3000)
	for _, test := range []struct {
		calls int
		rate  float64
	}{{50, 0.1}, {400, 0.005}, {400, 0.02}, {2000, 0.3}} {
		r := rand.New(rand.NewPCG(9, uint64(test.calls)))
		draw := func() share {
			s := share{calls: float64(test.calls), df: float64(test.calls - 1)}
			for range test.calls {
				if r.Float64() < test.rate {
					s.failed++
				}
			}
			return s
		}
		rejected := 0
		for range n {
			if differ(draw(), draw()) <= alpha {
				rejected++
			}
		}
		assert.LessOrEqual(t, rejected, allowed(n, alpha), "%+v", test)
	}
}

func TestTail(t *testing.T) {
	var list []block
	for i := range 800 {
		v := 1 + float64(i%7)
		if i%80 == 0 {
			v = 1000
		}
		list = append(list, block{n: 1, cells: []cell{{binOf(math.Log(v)), 1}}})
	}
	for _, share := range []float64{0.01, 0.012, 0.02} {
		limit, ok := tail(share, list[:300], list[300:])
		require.True(t, ok)
		sum := 0.0
		for i := range list {
			sum += list[i].from(limit)
		}
		assert.Equal(t, 10.0, sum, "all that are far out")
	}
	_, ok := tail(0.05, list[1:2])
	assert.False(t, ok, "all are in one bin")
}

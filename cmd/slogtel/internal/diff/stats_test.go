package diff

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
)

// trials is how often a simulation draws; the margins that it allows follow from that.
func trials(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func distOf(values ...float64) *dist {
	d := new(dist)
	for _, v := range values {
		d.add(v, 1)
	}
	return d
}

func sampleOf(values ...float64) sample { return distOf(values...).sample() }

// logNormal draws durations in nanoseconds around 1 ms.
func logNormal(r *rand.Rand, n int, factor, spread float64) sample {
	d := new(dist)
	for range n {
		d.add(1e6*factor*math.Exp(spread*r.NormFloat64()), 1)
	}
	return d.sample()
}

func TestBinsAreInOrderAndNarrow(t *testing.T) {
	last := math.MinInt
	for e := 25.0; e > -25; e -= 0.001 {
		n := binOf(-math.Pow(10, e))
		if n < last {
			t.Fatalf("the bin of -1e%v is %d, after %d", e, n, last)
		}
		last = n
	}
	require.LessOrEqual(t, last, 0)
	for e := -25.0; e < 25; e += 0.001 {
		v := math.Pow(10, e)
		n := binOf(v)
		if n < last {
			t.Fatalf("the bin of 1e%v is %d, after %d", e, n, last)
		}
		last = n
		if v >= leastMagnitude && v <= mostMagnitude && (math.Abs(v-middle(n)) > 0.0101*v || middle(-n) != -middle(n)) {
			t.Fatalf("the middle of the bin of 1e%v is %v", e, middle(n))
		}
	}
	assert.Zero(t, binOf(0))
	assert.Positive(t, binOf(leastMagnitude*1.01))
}

// exactU enumerates how the ranks can fall and returns the two-sided p-value. Values
// must be different.
func exactU(a, b []float64) float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	u := func(in uint) (u float64) { // in: which of all are in A
		below := 0.0
		for i := range all {
			if in>>i&1 == 1 {
				below++
			} else {
				u += below
			}
		}
		return u
	}
	var seen uint
	for i, v := range all {
		if slices.Contains(a, v) {
			seen |= 1 << i
		}
	}
	mean := float64(len(a)*len(b)) / 2
	extreme, total := 0.0, 0.0
	for in := uint(0); in < 1<<len(all); in++ {
		if bits.OnesCount(in) != len(a) {
			continue
		}
		total++
		if math.Abs(u(in)-mean) >= math.Abs(u(seen)-mean) {
			extreme++
		}
	}
	return extreme / total
}

func TestMannWhitneyIsCloseToExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		var a, b []float64
		for i, k := range r.Perm(40)[:18] { // no two in one bin
			v := math.Pow(1.05, float64(k))
			if i%2 == 0 {
				a = append(a, v)
			} else {
				b = append(b, v*math.Pow(1.05, float64(n/2)+0.5))
			}
		}
		assert.InDelta(t, exactU(a, b), mannWhitney(sampleOf(a...), sampleOf(b...)).p, 0.015, n)
	}
}

// The example of 4.1 with ties worked by hand: ranks 1, 2.5, 2.5, 4, 5.5, 5.5, 7.
func TestMannWhitneyWithTies(t *testing.T) {
	r := mannWhitney(sampleOf(10, 20, 30, 40), sampleOf(20, 40, 50))
	// U of B: 20 beats 1 and ties 1, 40 beats 3 and ties 1, 50 beats 4: 1.5 + 3.5 + 4 = 9.
	assert.InDelta(t, 9.0/12, r.share, 1e-12)
	variance := 12.0 / 12 * (8 - (6.0+6.0)/(7*6))
	assert.InDelta(t, math.Sqrt(variance)/12, r.sigma, 1e-12)
	assert.InDelta(t, math.Erfc((9-6-0.5)/math.Sqrt(variance)/math.Sqrt2), r.p, 1e-12)
}

func TestMannWhitneyOfWhatDoesNotDiffer(t *testing.T) {
	for name, samples := range map[string][2]sample{
		"nothing":      {},
		"one side":     {sampleOf(1, 2, 3), {}},
		"one value":    {sampleOf(5, 5, 5, 5), sampleOf(5, 5, 5, 5)},
		"single ones":  {sampleOf(5), sampleOf(5)},
		"same samples": {sampleOf(1, 2, 3), sampleOf(1, 2, 3)},
	} {
		r := mannWhitney(samples[0], samples[1])
		assert.Equal(t, 1.0, r.p, name)
		assert.InDelta(t, 0.5, r.share, 1e-12, name)
	}
}

// Of samples from one distribution at most a share of alpha may be told apart, for
// continuous values, for such that mostly are ties, and for sizes that differ.
func TestFalsePositives(t *testing.T) {
	const alpha = 0.05
	runs := trials(4000)
	margin := 4 * math.Sqrt(alpha*(1-alpha)/float64(runs)) // four standard errors: 6 in 100,000 seeds would fail
	draws := map[string]func(*rand.Rand, int) sample{
		"spread": func(r *rand.Rand, n int) sample { return logNormal(r, n, 1, 1) },
		"narrow": func(r *rand.Rand, n int) sample { return logNormal(r, n, 1, 0.005) },
		"two values": func(r *rand.Rand, n int) sample {
			d := new(dist)
			for range n {
				d.add(float64(1+r.IntN(2)), 1)
			}
			return d.sample()
		},
	}
	for name, draw := range draws {
		for _, sizes := range [][2]int{{10, 10}, {12, 300}, {200, 200}} {
			t.Run(fmt.Sprint(name, sizes), func(t *testing.T) {
				r := rand.New(rand.NewPCG(7, uint64(sizes[1])))
				rejected := 0
				for range runs {
					if mannWhitney(draw(r, sizes[0]), draw(r, sizes[1])).p <= alpha {
						rejected++
					}
				}
				share := float64(rejected) / float64(runs)
				assert.LessOrEqual(t, share, alpha+margin)
				if sizes[0] == 200 && name == "spread" {
					assert.GreaterOrEqual(t, share, alpha-margin, "no weaker than it says")
				}
			})
		}
	}
}

func TestErrorRateFalsePositives(t *testing.T) {
	const alpha = 0.05
	runs := trials(3000)
	margin := 4 * math.Sqrt(alpha*(1-alpha)/float64(runs))
	for _, test := range []struct {
		n     int
		share float64
		name  string
	}{{50, 0.1, fisherName}, {400, 0.02, fisherName}, {2000, 0.3, zName}} {
		r := rand.New(rand.NewPCG(9, uint64(test.n)))
		draw := func() (failed int64) {
			for range test.n {
				if r.Float64() < test.share {
					failed++
				}
			}
			return failed
		}
		rejected := 0
		for range runs {
			p, name := sameShare(draw(), int64(test.n), draw(), int64(test.n))
			require.Equal(t, test.name, name)
			if p <= alpha {
				rejected++
			}
		}
		assert.LessOrEqual(t, float64(rejected)/float64(runs), alpha+margin, "%+v", test)
	}
}

func TestHolmKeepsTheFamily(t *testing.T) {
	const alpha, scopes = 0.05, 20
	runs := trials(1500)
	r := rand.New(rand.NewPCG(11, 0))
	alarms := 0
	for range runs {
		p := make([]float64, scopes)
		for i := range p {
			p[i] = mannWhitney(logNormal(r, 30, 1, 1), logNormal(r, 30, 1, 1)).p
		}
		if slices.Min(adjust(p, holmName)) <= alpha {
			alarms++
		}
	}
	assert.LessOrEqual(t, float64(alarms)/float64(runs), alpha+4*math.Sqrt(alpha*(1-alpha)/float64(runs)))
}

// A shift of 20 % is found, its size is right, and the interval holds it as often as it says.
func TestShiftOf20PercentIsFound(t *testing.T) {
	const alpha = 0.05
	runs := trials(500)
	r := rand.New(rand.NewPCG(13, 0))
	found, held, sum := 0, 0, 0.0
	for range runs {
		a, b := logNormal(r, 200, 1, 0.4), logNormal(r, 200, 1.2, 0.4)
		ranks := mannWhitney(a, b)
		if ranks.p <= 0.001 && ranks.share > 0.5 { // as after a correction for 50 tests
			found++
		}
		f := typicalFactor(a, b, ranks, alpha)
		require.Less(t, f.low, f.estimate)
		require.Less(t, f.estimate, f.high)
		if f.low <= 1.2 && 1.2 <= f.high {
			held++
		}
		sum += math.Log(f.estimate)
	}
	assert.Greater(t, float64(found)/float64(runs), 0.85)
	assert.InDelta(t, 1-alpha, float64(held)/float64(runs), 4*math.Sqrt(alpha*(1-alpha)/float64(runs)))
	assert.InEpsilon(t, 1.2, math.Exp(sum/float64(runs)), 0.01)
}

func TestIntervalOfSmallSamplesIsOpen(t *testing.T) {
	a, b := sampleOf(1, 2), sampleOf(3, 4)
	f := typicalFactor(a, b, mannWhitney(a, b), 0.05)
	assert.Zero(t, f.low)
	assert.True(t, math.IsInf(f.high, 1))
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
		exact, p := exactFisher(failedA, allA, failedB, allB), fisher(failedA, allA, failedB, allB)
		if exact < 1e-290 { // nearly all that a float64 holds
			assert.Less(t, p, 1e-289)
			continue
		}
		assert.InEpsilon(t, exact, p, 1e-6, "%d of %d, %d of %d", failedA, allA, failedB, allB)
	}
	// The lady tasting tea: 3 of 4 right.
	assert.InDelta(t, 34.0/70, fisher(3, 4, 1, 4), 1e-12)
}

func TestZTestIsCloseToFisher(t *testing.T) {
	for _, failedB := range []int64{300, 320, 340, 380} {
		p, name := sameShare(300, 2000, failedB, 2100)
		assert.Equal(t, zName, name)
		assert.InDelta(t, fisher(300, 2000, failedB, 2100), p, 0.03)
	}
}

func TestShareOfHugeOrNoCounts(t *testing.T) {
	for _, c := range [][4]int64{{0, 0, 0, 0}, {0, 10, 0, 10}, {10, 10, 10, 10}, {0, 0, 3, 10}} {
		p, _ := sameShare(c[0], c[1], c[2], c[3])
		assert.Equal(t, 1.0, p, c)
	}
	p, name := sameShare(1e14, 1e15, 2, 20)
	assert.Equal(t, fisherName, name)
	assert.Greater(t, p, 0.5)
	_, name = sameShare(5e7, 1e15, 5e6, 1e7)
	assert.Equal(t, zName, name)
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

func TestEffectiveSize(t *testing.T) {
	d := new(dist)
	for range 100 {
		d.add(5, 4)
	}
	assert.InDelta(t, 100, d.sample().size, 1e-9, "equal weights are no weights")
	d.add(7, 1000)
	assert.Less(t, d.sample().size, 2.0, "one value that stands for most")
}

func TestSketchesAddTheirValues(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 0))
	var s sketch.Sketch
	direct, through := new(dist), new(dist)
	for range 20_000 {
		v := math.Exp(3 * r.NormFloat64())
		if r.IntN(5) == 0 {
			v = 0.25
		}
		s.Add(v * 1e9)
		direct.add(v*1e9, 1)
	}
	through.addSketch(&s)
	assert.EqualValues(t, 20_000, through.weight)
	assert.InEpsilon(t, direct.min, through.min, 0.02)
	assert.InEpsilon(t, direct.max, through.max, 0.02)
	for _, q := range []float64{0.01, 0.25, 0.5, 0.9, 0.999} {
		assert.InEpsilon(t, direct.quantile(q), through.quantile(q), 0.041, q)
	}
	assert.Greater(t, mannWhitney(direct.sample(), through.sample()).p, 0.5)
	new(dist).addSketch(new(sketch.Sketch))
}

package sketch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/testkit"
)

// slack is what the mapping's own floating-point arithmetic may add to the bound.
const slack = 1e-9

// quantiles, in ten-thousandths.
var quantiles = []int{0, 1, 10, 100, 700, 2500, 5000, 5500, 7500, 9000, 9500, 9900, 9990, 9999, 10_000}

// checkBound compares every quantile with the exact one.
func checkBound(t *testing.T, s *sketch.Sketch, values []float64) {
	t.Helper()
	require.EqualValues(t, len(values), s.Count())
	sorted := slices.Sorted(slices.Values(values))
	for _, q := range quantiles {
		want := sorted[max(0, (q*len(sorted)+9999)/10_000-1)]
		got := s.Quantile(float64(q) / 10_000)
		largest := sorted[len(sorted)-1]
		if want < 0 {
			largest = -sorted[0]
		}
		bound := max(math.Abs(want)*(sketch.RelativeError+slack), 1e-19*largest, 2.3e-308)
		if !(math.Abs(got/2-want/2) <= bound/2) {
			t.Errorf("quantile %v = %v, want %v ± %v", q, got, want, bound)
		}
		if got < sorted[0] || got > sorted[len(sorted)-1] {
			t.Errorf("quantile %v = %v is not in [%v, %v]", q, got, sorted[0], sorted[len(sorted)-1])
		}
	}
	assert.Equal(t, sorted[0], s.Min())
	assert.Equal(t, sorted[len(sorted)-1], s.Max())
}

// distributions are sources of values; those that are heavy in the tails are what a sketch is for.
var distributions = map[string]func(*rand.Rand) float64{
	"constant":         func(*rand.Rand) float64 { return 42 },
	"uniform":          func(r *rand.Rand) float64 { return r.Float64() },
	"normal":           func(r *rand.Rand) float64 { return r.NormFloat64() },
	"exponential":      func(r *rand.Rand) float64 { return 1e6 * r.ExpFloat64() },
	"log-normal":       func(r *rand.Rand) float64 { return math.Exp(3 * r.NormFloat64()) },
	"pareto 1":         func(r *rand.Rand) float64 { return 1 / (1 - r.Float64()) },
	"pareto 0.2":       func(r *rand.Rand) float64 { return math.Pow(1-r.Float64(), -5) },
	"cauchy":           func(r *rand.Rand) float64 { return math.Tan(math.Pi * (r.Float64() - 0.5)) },
	"two modes":        func(r *rand.Rand) float64 { return []float64{1e-6, 1e6}[r.IntN(2)] * (1 + r.Float64()) },
	"nanoseconds":      func(r *rand.Rand) float64 { return float64(r.Int64() >> r.IntN(63)) },
	"mostly zero":      func(r *rand.Rand) float64 { return max(0, r.NormFloat64()-2) },
	"small integers":   func(r *rand.Rand) float64 { return float64(r.IntN(5) - 2) },
	"negative":         func(r *rand.Rand) float64 { return -math.Exp(2 * r.NormFloat64()) },
	"any float":        anyFloat,
	"denormal":         func(r *rand.Rand) float64 { return math.Float64frombits(r.Uint64() >> 12) },
	"near the largest": func(r *rand.Rand) float64 { return math.MaxFloat64 * (0.5 + r.Float64()/2) },
}

func anyFloat(r *rand.Rand) float64 {
	for {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

func TestQuantileBound(t *testing.T) {
	for name, next := range distributions {
		for _, n := range []int{1, 2, 3, 10, 100, 1000, 50_000} {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(n)))
				var s sketch.Sketch
				values := make([]float64, n)
				for i := range values {
					values[i] = next(r)
					require.True(t, s.Add(values[i]))
				}
				checkBound(t, &s, values)
			})
		}
	}
}

func TestMerge(t *testing.T) {
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range distributions {
			if !yield(name) {
				return
			}
		}
	})
	r := rand.New(rand.NewPCG(2, 3))
	for round := range 200 {
		var merged, whole sketch.Sketch
		var values []float64
		for range 1 + r.IntN(6) {
			var part sketch.Sketch
			next := distributions[names[r.IntN(len(names))]]
			for range r.IntN(200) {
				v := next(r)
				values = append(values, v)
				part.Add(v)
				whole.Add(v)
			}
			before := part.Clone()
			merged.Merge(&part)
			assert.Equal(t, before, &part, "what is merged from is left as it is")
		}
		if len(values) == 0 {
			continue
		}
		checkBound(t, &merged, values)
		for _, q := range quantiles {
			q := float64(q) / 10_000
			require.Equal(t, whole.Quantile(q), merged.Quantile(q), "round %d, quantile %v", round, q)
		}
	}
}

func TestMergeOfNothing(t *testing.T) {
	var s sketch.Sketch
	s.Merge(nil)
	s.Merge(new(sketch.Sketch))
	assert.Equal(t, sketch.Sketch{}, s)
	s.Add(3)
	s.Merge(new(sketch.Sketch))
	assert.EqualValues(t, 1, s.Count())
	assert.Equal(t, 3.0, s.Min())
}

func TestEmpty(t *testing.T) {
	var s sketch.Sketch
	for _, f := range []float64{s.Quantile(0.5), s.Sum(), s.Mean(), s.Min(), s.Max()} {
		assert.Zero(t, f)
	}
	assert.Zero(t, s.Count())
	assert.Zero(t, s.Clone().Count())
	s.Reset()
	assert.Zero(t, s.Count())
}

func TestNotFiniteIsLeftOut(t *testing.T) {
	var s sketch.Sketch
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		assert.False(t, s.Add(v))
	}
	assert.Equal(t, sketch.Sketch{}, s)
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	for n := 1; n <= 200; n++ {
		var s sketch.Sketch
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Pow(1.05, float64(i)) // further apart than the bound
			s.Add(values[i])
		}
		checkBound(t, &s, values)
	}
}

func TestQuantileOutOfRange(t *testing.T) {
	var s sketch.Sketch
	for v := range 100 {
		s.Add(float64(v + 1))
	}
	assert.Equal(t, 1.0, s.Quantile(-1))
	assert.Equal(t, 1.0, s.Quantile(math.NaN()))
	assert.Equal(t, 1.0, s.Quantile(math.Inf(-1)))
	assert.Equal(t, 100.0, s.Quantile(1.5))
	assert.Equal(t, 100.0, s.Quantile(math.Inf(1)))
}

func TestSum(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   float64
	}{
		"small beside large": {[]float64{1e16, 1, 1, -1e16}, 2},
		"small after large":  {[]float64{3e16, 1, 1e16, 1, 1, -1e16, 1, -3e16}, 4},
		"tenths":             {slices.Repeat([]float64{0.1}, 1000), 100},
		"beyond the largest": {[]float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64},
		"below the least":    {[]float64{-math.MaxFloat64, -math.MaxFloat64}, -math.MaxFloat64},
		"denormals":          {[]float64{5e-324, 5e-324}, 1e-323},
		"nothing left":       {[]float64{-3, 3}, 0},
	} {
		var s, first, second sketch.Sketch
		for i, v := range test.values {
			s.Add(v)
			if i < len(test.values)/2 {
				first.Add(v)
			} else {
				second.Add(v)
			}
		}
		assert.Equal(t, test.want, s.Sum(), name)
		first.Merge(&second)
		assert.Equal(t, test.want, first.Sum(), "%s, merged", name)
		assert.Equal(t, test.want/float64(len(test.values)), s.Mean(), name)
	}
}

func TestCloneAndResetShareNothing(t *testing.T) {
	var s sketch.Sketch
	for _, v := range []float64{-5, 0, 5, 1e9} {
		s.Add(v)
	}
	s.Clone().Add(4)
	c := s.Clone()
	s.Reset()
	assert.Zero(t, s.Count())
	assert.Zero(t, s.Quantile(0.5))
	again := []float64{-3, 1e16, 1, 1}
	var fresh sketch.Sketch
	for _, v := range again {
		s.Add(v)
		fresh.Add(v)
	}
	checkBound(t, &s, again)
	assert.Equal(t, fresh.Sum(), s.Sum())
	checkBound(t, c, []float64{-5, 0, 5, 1e9})
	assert.Equal(t, 1e9, c.Sum())
}

// A hostile order of values makes the bins collapse and grow as often as they can.
func TestMemoryIsBounded(t *testing.T) {
	const n = 64
	live := make([]*sketch.Sketch, n)
	before := testkit.Heap()
	for i := range live {
		live[i] = new(sketch.Sketch)
		for e := -1000; e < 1000; e += 3 {
			live[i].Add(math.Ldexp(1, e))
			live[i].Add(-math.Ldexp(1, -e))
		}
	}
	each := (testkit.Heap() - before) / n
	assert.Less(t, each, int64(2*24<<10+1<<10))
	assert.EqualValues(t, 1334, live[n-1].Count())
	runtime.KeepAlive(live)
}

func TestAddDoesNotAllocate(t *testing.T) {
	var s sketch.Sketch
	for _, v := range []float64{-1e9, -1, 0, 1, 1e9} {
		s.Add(v)
	}
	v := 1.0
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		s.Add(v)
		s.Add(-v)
		v += 1e5
	}))
}

func FuzzSketch(f *testing.F) {
	f.Add(1.0, -2.0, 5e-324, math.MaxFloat64, 0.5)
	f.Add(0.0, math.Copysign(0, -1), -math.MaxFloat64, math.Inf(1), 0.99)
	f.Fuzz(func(t *testing.T, a, b, c, d, q float64) {
		var s sketch.Sketch
		var values []float64
		for _, v := range []float64{a, b, c, d} {
			if s.Add(v) {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return
		}
		checkBound(t, &s, values)
		if v := s.Quantile(q); !(v >= s.Min() && v <= s.Max()) {
			t.Errorf("quantile %v = %v is not in [%v, %v]", q, v, s.Min(), s.Max())
		}
		two := s.Clone()
		two.Merge(&s)
		checkBound(t, two, append(values, values...))
	})
}

func BenchmarkAdd(b *testing.B) {
	var s sketch.Sketch
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 4096)
	for i := range values {
		values[i] = math.Exp(10 + 2*r.NormFloat64())
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Add(values[i%len(values)])
		i++
	}
}

func BenchmarkQuantile(b *testing.B) {
	var s sketch.Sketch
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		s.Add(math.Exp(10 + 2*r.NormFloat64()))
	}
	for b.Loop() {
		s.Quantile(0.95)
	}
}

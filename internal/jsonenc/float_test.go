package jsonenc

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// stdFloat is encoding/json's text for a finite float.
func stdFloat(t testing.TB, f float64) string {
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFloatTable(t *testing.T) {
	for _, f := range []float64{
		0, 1, 1.5, 10, 100, 0.5, 0.25, 0.125, 0.1, 0.2, 0.3, 0.1 + 0.2, 1.0 / 3, 2.0 / 3, math.Pi, math.E, math.Sqrt2,
		0.001234567, 12.345678901, 12.346913468, 1763850000.1234567, 1763850000.1246912, 1763850000,
		1e-6, math.Nextafter(1e-6, 0), math.Nextafter(1e-6, 1), 1e-7, 5e-7, 1e-9, 1.5e-9, 123e-9, 999e-9, 1e-10, 1e-12, 1e-99, 1e-100,
		1e15, 1e16, 1e17, 1e20, 1e21, math.Nextafter(1e21, 0), 1e22, 1e99, 1e100, 123456789012345678,
		1 << 52, 1<<52 + 0.5, 1<<52 - 0.5, 1<<53 - 1, 1 << 53, 1<<53 + 2, 1 << 63, 1 << 64,
		0.1234567890123456789, 9007199254740991.0, 4503599627370495.5, 0.000001, 0.0000012345, 9.5367431640625e-07,
		math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308, 5e-324,
	} {
		for _, f := range []float64{f, -f, math.Copysign(0, -1)} {
			if got, want := string(AppendFloat(nil, f)), stdFloat(t, f); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := json.Marshal(f)
		want, _ := json.Marshal("!ERROR:" + err.Error())
		if got := AppendFloat(nil, f); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Every power of two and of ten with its neighbours: the places where the spacing of the floats or
// the form of the text changes.
func TestFloatBorders(t *testing.T) {
	check := func(f float64) {
		t.Helper()
		for f := range neighbours(f) {
			if math.IsInf(f, 0) || math.IsNaN(f) {
				continue
			}
			if got, want := string(AppendFloat(nil, f)), stdFloat(t, f); got != want {
				t.Errorf("%b: got %s, want %s", f, got, want)
			}
		}
	}
	for e := -1074; e < 1024; e++ {
		check(math.Ldexp(1, e))
		check(math.Ldexp(3, e))
		check(math.Ldexp(5, e))
	}
	for e := -323; e < 309; e++ {
		for _, m := range []float64{1, 2, 5, 9.5, 1.25, 9.99} {
			check(m * math.Pow10(e))
		}
	}
}

func neighbours(f float64) func(yield func(float64) bool) {
	return func(yield func(float64) bool) {
		b := math.Float64bits(f)
		for d := -3; d <= 3; d++ {
			if !yield(math.Float64frombits(b + uint64(d))) {
				return
			}
		}
	}
}

// kinds of random floats, those of telemetry first.
var floatKinds = map[string]func(r *rand.Rand) float64{
	"nanoseconds":    func(r *rand.Rand) float64 { return float64(r.Int64N(1<<r.UintN(54)+1)) / 1e9 },
	"Seconds":        func(r *rand.Rand) float64 { return time.Duration(r.Int64() >> r.UintN(63)).Seconds() },
	"microseconds":   func(r *rand.Rand) float64 { return float64(r.Int64N(1<<r.UintN(54)+1)) / 1e6 },
	"milliseconds":   func(r *rand.Rand) float64 { return float64(r.Int64N(1<<r.UintN(54)+1)) * 1e-3 },
	"Unix time":      func(r *rand.Rand) float64 { return 1.6e9 + float64(r.Int64N(1e18))/1e9 },
	"Unix and later": func(r *rand.Rand) float64 { return 1.7e9 + r.Float64()*1e8 + float64(r.Int64N(1e12))/1e9 },
	"ratio":          func(r *rand.Rand) float64 { return r.Float64() },
	"quotient":       func(r *rand.Rand) float64 { return float64(r.IntN(1000)) / float64(1+r.IntN(1000)) },
	"normal":         func(r *rand.Rand) float64 { return r.NormFloat64() * 1000 },
	"float32":        func(r *rand.Rand) float64 { return float64(r.Float32() * 100) },
	"few bits":       func(r *rand.Rand) float64 { return math.Ldexp(float64(r.IntN(1<<20)), r.IntN(100)-60) },
	"whole":          func(r *rand.Rand) float64 { return float64(r.Int64() >> r.UintN(63)) },
	"decimal": func(r *rand.Rand) float64 {
		return float64(r.Int64N(1e15)>>r.UintN(50)) / math.Pow10(r.IntN(23))
	},
	"near": func(r *rand.Rand) float64 { // within the range of the fast path and a little around it
		return math.Float64frombits(uint64(1023-35+r.IntN(95))<<52 | r.Uint64()>>12)
	},
	"bits": func(r *rand.Rand) float64 { return math.Float64frombits(r.Uint64()) },
}

func TestRandomFloats(t *testing.T) {
	n := 300_000
	if testing.Short() {
		n = 20_000
	}
	for name, random := range floatKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(rand.Uint64(), 1))
			var got, want []byte
			for range n {
				f := random(r)
				if math.IsNaN(f) || math.IsInf(f, 0) {
					continue
				}
				got, want = AppendFloat(got[:0], f), appendOtherFloat(want[:0], f)
				if string(got) != string(want) {
					t.Fatalf("%b: got %s, want %s", f, got, want)
				}
			}
		})
	}
}

// The fast path is for the floats of telemetry: it must take them all, not hand them on.
func TestFastFloats(t *testing.T) {
	r := rand.New(rand.NewPCG(rand.Uint64(), 2))
	for range 100_000 {
		for _, f := range []float64{
			float64(1000+r.Int64N(1<<53)) / 1e9,         // three months
			float64(1000+r.Int64N(1<<r.IntN(53))) / 1e9, // mostly short
			1.7e9 + float64(r.Int64N(1e17))/1e9,         // three years
		} {
			if _, _, ok := shortest(f); !ok {
				t.Errorf("%v is left to strconv", f)
			}
		}
	}
}

func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0.001234567, 1763850000.1234567, 1e-9, 0.5, 1e21, math.NaN()} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		for v := range neighbours(v) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			if got, want := string(AppendFloat(nil, v)), stdFloat(t, v); got != want {
				t.Fatalf("%b: got %s, want %s", v, got, want)
			}
		}
	})
}

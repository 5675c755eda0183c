package sketch_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
)

func text(t testing.TB, s *sketch.Sketch) string {
	t.Helper()
	b, err := s.AppendText([]byte("before "))
	require.NoError(t, err)
	rest, ok := strings.CutPrefix(string(b), "before ")
	require.True(t, ok)
	return rest
}

func parsed(t testing.TB, s *sketch.Sketch) *sketch.Sketch {
	t.Helper()
	back, err := sketch.Parse(text(t, s))
	require.NoError(t, err)
	return back
}

// same requires that two sketches cannot be told apart.
func same(t testing.TB, want, got *sketch.Sketch) {
	t.Helper()
	require.Equal(t, want.Count(), got.Count())
	for _, f := range []func(*sketch.Sketch) float64{(*sketch.Sketch).Sum, (*sketch.Sketch).Min, (*sketch.Sketch).Max, (*sketch.Sketch).Mean} {
		require.Equal(t, f(want), f(got))
	}
	for _, q := range quantiles {
		q := float64(q) / 10_000
		require.Equal(t, want.Quantile(q), got.Quantile(q), "quantile %v", q)
	}
	require.Equal(t, text(t, want), text(t, got))
}

func TestTextOfAll(t *testing.T) {
	for name, next := range distributions {
		for _, n := range []int{0, 1, 2, 30, 5000} {
			r := rand.New(rand.NewPCG(7, uint64(n)))
			var one, two sketch.Sketch
			for range n {
				one.AddWeighted(next(r), float64(1+r.IntN(3)))
				two.Add(next(r))
			}
			same(t, &one, parsed(t, &one))
			merged, again := one.Clone(), parsed(t, &two)
			merged.Merge(&two)
			again.Merge(parsed(t, &one)) // and the other way round
			require.Equal(t, merged.Count(), again.Count())
			for _, q := range quantiles {
				q := float64(q) / 10_000
				require.Equal(t, merged.Quantile(q), again.Quantile(q), "%s: quantile %v of %d", name, q, n)
			}
			same(t, merged, func() *sketch.Sketch { s := parsed(t, &one); s.Merge(parsed(t, &two)); return s }())
		}
	}
}

// What is in the world is to be read for ever.
func TestTextIsThisOne(t *testing.T) {
	assert.Equal(t, "1:AA", text(t, nil))
	assert.Equal(t, "1:AA", text(t, new(sketch.Sketch)))
	var s sketch.Sketch
	for _, v := range []float64{-2, 0, 1, 1, 1.01, 8, 0.25} {
		s.Add(v)
	}
	const want = "1:BwGF61G4HoUiQAAAAAAAALA8AAAAAAAAAMAAAAAAAAAgQAFEAQOLAQEARQMAZwE"
	got, err := sketch.Parse(want)
	require.NoError(t, err, text(t, &s))
	same(t, &s, got)
	assert.Equal(t, want, text(t, &s))
}

func TestTextIsShort(t *testing.T) {
	for spread, most := range map[float64]int{0.1: 200, 0.5: 600, 1: 1000} {
		r := rand.New(rand.NewPCG(1, 1))
		var s sketch.Sketch
		for range 100_000 {
			s.Add(5e6 * math.Exp(spread*r.NormFloat64()))
		}
		assert.Less(t, len(text(t, &s)), most)
	}
	var widest sketch.Sketch
	for e := range 4480 {
		for range 200 {
			widest.AddWeighted(math.Pow(1.02, float64(e)/2), 1e9)
			widest.AddWeighted(-math.Pow(1.02, float64(e)/2), 1e9)
		}
	}
	assert.Less(t, len(text(t, &widest)), 64<<10)
	same(t, &widest, parsed(t, &widest))
}

// Numbers of values that are not whole, or larger than those of float64 that all are, have
// a text, too.
func TestTextOfWeights(t *testing.T) {
	for name, weight := range map[string]func(*rand.Rand) float64{
		"one rate": func(*rand.Rand) float64 { return 1 / 0.37 },
		"mixed":    func(r *rand.Rand) float64 { return 1 / (1 - r.Float64()) },
		"large":    func(*rand.Rand) float64 { return 1 << 53 },
	} {
		r := rand.New(rand.NewPCG(5, 5))
		var one, two sketch.Sketch
		for range 1000 {
			one.AddWeighted(r.NormFloat64(), weight(r))
			two.AddWeighted(r.NormFloat64(), weight(r))
		}
		one.AddWeighted(0, 0.5)
		require.True(t, strings.HasPrefix(text(t, &one), "2:"), name)
		same(t, &one, parsed(t, &one))
		merged, again := one.Clone(), parsed(t, &two)
		merged.Merge(&two)
		again.Merge(parsed(t, &one))
		require.InEpsilon(t, merged.Count(), again.Count(), 1e-12, name)
		for _, q := range quantiles {
			require.Equal(t, merged.Quantile(float64(q)/10_000), again.Quantile(float64(q)/10_000), name)
		}
	}
	var s sketch.Sketch
	s.AddWeighted(3, 1<<53)
	require.True(t, strings.HasPrefix(text(t, &s), "1:"))
	s.AddWeighted(3, 2)
	require.True(t, strings.HasPrefix(text(t, &s), "2:"))
	same(t, &s, parsed(t, &s))
}

// encode makes a text of parts as the format has them: int and uint64 are a uvarint, int64 a varint.
func encode(parts ...any) string {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = binary.AppendUvarint(b, uint64(p))
		case uint64:
			b = binary.AppendUvarint(b, p)
		case int64:
			b = binary.AppendVarint(b, p)
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p))
		}
	}
	return "1:" + base64.RawURLEncoding.EncodeToString(b)
}

func TestParseRefuses(t *testing.T) {
	_, err := sketch.Parse(encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1))
	require.NoError(t, err, "so that the others differ from what is right in one thing")
	nan, inf := math.NaN(), math.Inf(1)
	for name, text := range map[string]string{
		"nothing":            "",
		"no version":         "AA",
		"version alone":      "1:",
		"another version":    "3:AA",
		"no base64":          "1:A*",
		"padding":            "1:AA==",
		"stray bits":         "1:AB",
		"a line break":       "1:A\nA",
		"too long":           "1:" + strings.Repeat("A", 1<<20),
		"something behind":   encode(0, 0),
		"cut":                encode(2, 0, 3.0, 0.0, 1.0),
		"no bins":            encode(1, 0, 1.0, 0.0, 1.0, 1.0, 0, 0),
		"negative missing":   encode(1, 0, 1.0, 0.0, 1.0, 1.0),
		"count too large":    encode(uint64(1<<53+1), 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"count too small":    encode(1, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"zeros wrong":        encode(2, 1, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"bin of none":        encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 0, 0, 34, 2),
		"gap of none":        encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 0, 1),
		"gap before a gap":   encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 17, 0, 17, 1),
		"too far apart":      encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 2240, 1),
		"too far away":       encode(1, 0, 1.0, 0.0, 1.0, 1.0, 0, 1, int64(1<<31), 1),
		"too low":            encode(1, 0, 1.0, 0.0, 1.0, 1.0, 0, 1, int64(-1<<62), 1),
		"gap beyond all":     encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, uint64(1<<53), 1),
		"too many bins":      encode(2, 0, 3.0, 0.0, 1.0, 2.0, 0, 2241, int64(0), 1, 0, 34, 1),
		"NaN":                encode(2, 0, nan, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"infinity":           encode(2, 0, 3.0, 0.0, 1.0, inf, 0, 2, int64(0), 1, 0, 34, 1),
		"sum too large":      encode(2, 0, 5.0, 0.0, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"sum too small":      encode(2, 0, 1.0, 0.5, 1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"min above max":      encode(2, 0, 3.0, 0.0, 2.0, 1.0, 0, 2, int64(0), 1, 0, 34, 1),
		"max beside its bin": encode(2, 0, 3.0, 0.0, 1.0, 4.0, 0, 2, int64(0), 1, 0, 34, 1),
		"min above its bin":  encode(2, 0, 3.0, 0.0, 1.5, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
		"min without bin":    encode(2, 0, 1.0, 0.0, -1.0, 2.0, 0, 2, int64(0), 1, 0, 34, 1),
	} {
		s, err := sketch.Parse(text)
		assert.Error(t, err, name)
		assert.Nil(t, s, name)
	}
}

// A text of a few bytes cannot ask for more than a Sketch may have.
func TestParseIsBounded(t *testing.T) {
	hostile := encode(2, 0, 0.0, 0.0, -1.0, 1.0, 1, int64(0), 1, 2240, int64(-2239), 1, 0, 2238, 1)
	got := testing.AllocsPerRun(100, func() { _, _ = sketch.Parse(hostile) })
	assert.Less(t, got, 100.0)
}

func FuzzParse(f *testing.F) {
	var s sketch.Sketch
	for _, v := range []float64{1, 2, -3, 0, 1e300, -1e-300} {
		s.AddWeighted(v, 3)
		f.Add([]byte(text(f, &s)), 0.5)
	}
	s.AddWeighted(2, 1.5)
	f.Add([]byte(text(f, &s)), 0.5)
	f.Add([]byte("1:AA"), math.NaN())
	f.Fuzz(func(t *testing.T, data []byte, v float64) {
		body := base64.RawURLEncoding.EncodeToString(bytes.TrimPrefix(data, []byte("1:")))
		for _, in := range []string{string(data), "1:" + body, "2:" + body} {
			s, err := sketch.Parse(in)
			if err != nil {
				require.Nil(t, s)
				continue
			}
			same(t, s, parsed(t, s))
			for _, q := range quantiles {
				got := s.Quantile(float64(q) / 10_000)
				require.True(t, got >= s.Min() && got <= s.Max(), fmt.Sprint(got))
			}
			// What is added and merged afterwards is there.
			count := s.Count()
			if s.Add(v) {
				count++
			}
			two := s.Clone()
			two.Merge(s)
			require.Equal(t, 2*count, two.Count())
			_ = two.Quantile(0.5)
		}
	})
}

func BenchmarkText(b *testing.B) {
	var s sketch.Sketch
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		s.Add(math.Exp(10 + 0.5*r.NormFloat64()))
	}
	text, err := s.AppendText(nil)
	require.NoError(b, err)
	b.Run("AppendText", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			text, _ = s.AppendText(text[:0])
		}
		b.ReportMetric(float64(len(text)), "bytes")
	})
	b.Run("Parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = sketch.Parse(string(text))
		}
	})
}

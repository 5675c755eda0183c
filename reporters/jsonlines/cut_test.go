package jsonlines_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// cutLine handles r with a limit and returns the line that was written, which must be
// whole, and count as cut if it had to be.
func cutLine(t testing.TB, r slog.Record, o jsonlines.Options) map[string]any {
	t.Helper()
	var whole, out slogteltest.Buffer
	limit := o.MaxLine
	o.MaxLine = -1
	require.NoError(t, jsonlines.New(&whole, &o).Handle(bg, r))
	o.MaxLine = limit
	h := jsonlines.New(&out, &o)
	require.NoError(t, h.Handle(bg, r))
	line := out.String()
	require.LessOrEqual(t, len(line), limit)
	require.True(t, utf8.ValidString(line))
	require.Equal(t, 1, strings.Count(line, "\n"))
	m := oneLine(t, &out)
	stats := h.Stats()
	if len(whole.String()) <= limit {
		require.Equal(t, whole.String(), line)
		require.Zero(t, stats.Truncated)
		return m
	}
	require.Equal(t, true, m["truncated"])
	require.Equal(t, int64(1), stats.Truncated)
	return m
}

func TestCutAtTheLimit(t *testing.T) {
	base := len(`{"time":"2026-02-03T04:05:06.12+02:00","level":"INFO","msg":"m","a":""}` + "\n")
	const limit = 2000
	for n := limit - base - 2; n < limit-base+50; n++ {
		m := cutLine(t, logRecord("m", slog.String("a", strings.Repeat("x", n))), jsonlines.Options{MaxLine: limit})
		assert.Equal(t, n > limit-base, m["truncated"] == true, n)
	}
}

// Whatever stands at the place of the cut, no escape and no character is cut in two, and
// nearly all of the room is used.
func TestCutInsideValues(t *testing.T) {
	for _, unit := range []string{"x", "é", "€", "😀", "\n", `"`, "\\", "\x01", "\u2028", "\xff", "a\\n", `\u00e9`} {
		for shift := range 13 {
			text := strings.Repeat("x", shift) + strings.Repeat(unit, 3000)
			for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
				o := jsonlines.Options{MaxLine: 2048, Schema: schema}
				for name, r := range map[string]slog.Record{
					"attribute": timingRecord(slog.String("a", text)),
					"message":   logRecord(text),
					"error":     timingRecord(slog.String("error", text)),
					"value":     metricRecord("", slog.StringValue(text)),
					"any":       logRecord("m", slog.Any("a", map[string]string{"b": text})),
					"raw":       logRecord("m", slog.Any("a", json.RawMessage(`["`+strings.Repeat("x", shift)+strings.Repeat(`\ud83d\ude00`, 300)+`"]`))),
				} {
					cut := longestString(cutLine(t, r, o))
					require.True(t, strings.HasSuffix(cut, "…"), "%s: %q", name, cut)
					kept := strings.TrimSuffix(cut, "…")
					if name != "any" && name != "raw" {
						valid := strings.ToValidUTF8(strings.ReplaceAll(text, "\xff", "\ufffd"), "\ufffd")
						require.True(t, strings.HasPrefix(valid, kept), "%s %q: %q", name, unit, kept)
					}
					require.Greater(t, len(kept), 100)
					require.True(t, unit == "\xff" || !strings.Contains(kept, "\ufffd"), "half a character: %q", kept)
				}
			}
		}
	}
}

func longestString(v any) (longest string) {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		for _, e := range v {
			longest = max2(longest, longestString(e))
		}
	case map[string]any:
		for _, e := range v {
			longest = max2(longest, longestString(e))
		}
	}
	return longest
}

func max2(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

func TestCutTakesTheLongestFirst(t *testing.T) {
	long, middle, short := strings.Repeat("l", 9000), strings.Repeat("m", 900), strings.Repeat("s", 90)
	attrs := []slog.Attr{slog.String("short", short), slog.String("long", long), slog.String("middle", middle), slog.String("twin", long)}
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		m := cutLine(t, timingRecord(attrs...), jsonlines.Options{MaxLine: 5000, Schema: schema})
		if schema == jsonlines.ECS {
			assert.Equal(t, "pipeline.plan", m["slogtel"].(map[string]any)["scope"])
			assert.Equal(t, 1234567.0, m["event.duration"])
			m = m["labels"].(map[string]any)
		} else {
			assert.Equal(t, 0.001234567, m["duration_s"])
		}
		assert.Equal(t, short, m["short"])
		assert.Equal(t, middle, m["middle"])
		assert.Less(t, len(m["long"].(string)), 2000)
		assert.Greater(t, len(m["long"].(string)), 1000)
		assert.Equal(t, len(m["long"].(string)), len(m["twin"].(string)))
	}
}

// A telemetry record keeps what it is, whatever its attributes are.
func TestCutKeepsTheEvent(t *testing.T) {
	huge := strings.Repeat("x", 100<<10)
	var numbers []int
	many := map[string]int{}
	for i := range 10000 {
		numbers = append(numbers, i)
		many[fmt.Sprint("k", i)] = i
	}
	var attrs, group []slog.Attr
	for i := range 5000 {
		attrs = append(attrs, slog.Int(fmt.Sprint("k", i), i))
		group = append(group, slog.Attr{Key: fmt.Sprint("g", i), Value: slog.GroupValue(slog.Int("n", i))})
	}
	deep := json.RawMessage(strings.Repeat("[", 5000) + strings.Repeat("]", 5000))
	for name, r := range map[string]slog.Record{
		"a huge text":         timingRecord(slog.String("a", huge)),
		"ten":                 timingRecord(slog.String("a", huge), slog.Any("b", many), slog.Any("c", numbers), slog.String("d", huge), slog.Group("e", slog.String("f", huge), slog.Int("g", 1))),
		"numbers":             timingRecord(slog.Any("a", numbers)),
		"a map":               timingRecord(slog.Any("a", many)),
		"many attributes":     timingRecord(attrs...),
		"many groups":         timingRecord(group...),
		"a huge key":          timingRecord(slog.Int(huge, 1), slog.String("a"+huge, strings.Repeat("y", 100))),
		"a huge group key":    timingRecord(slog.Group(huge, slog.Int("a", 1))),
		"a huge number":       timingRecord(slog.Any("a", json.Number(strings.Repeat("1", 50000)))),
		"deep":                timingRecord(slog.Any("a", deep), slog.Any("b", deep)),
		"a huge error":        timingRecord(slog.String("error", huge)),
		"huge preview":        timingRecord(slog.Group("raw_preview", slog.String("model", huge), slog.Any("batch", []map[string]string{{"text": huge}}))),
		"preview of numbers":  timingRecord(slog.Group("raw_preview", slog.Any("batch", many), slog.Any("more", numbers))),
		"a flag of its own":   timingRecord(slog.String("truncated", "mine"), slog.String("a", huge)),
		"a huge metric":       metricRecord("", slog.AnyValue(numbers)),
		"a huge map metric":   metricRecord("", slog.AnyValue(many)),
		"a huge text metric":  metricRecord("", slog.StringValue(huge)),
		"a huge group metric": metricRecord("", slog.GroupValue(attrs...)),
	} {
		for _, limit := range []int{1024, 5000} {
			for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
				m := cutLine(t, r, jsonlines.Options{MaxLine: limit, Schema: schema})
				what := fmt.Sprint(name, " ", limit, " ", schema)
				require.NotContains(t, m, "line", what)
				if schema == jsonlines.ECS {
					require.Contains(t, m["slogtel"].(map[string]any)["scope"], "pipeline.plan", what)
					continue
				}
				require.Contains(t, m["scope"], "pipeline.plan", what)
				require.Equal(t, 1.0, m["depth"], what)
				if r.Message == slogtel.MessageTiming {
					require.Equal(t, 0.001234567, m["duration_s"], what)
					require.Equal(t, 7.0, m["call_count"], what)
				}
			}
		}
	}
}

func TestCutKeepsKeys(t *testing.T) {
	many := map[string]int{}
	for i := range 1000 {
		many[fmt.Sprint("k", i)] = i
	}
	m := cutLine(t, logRecord("m", slog.Any("list", make([]int, 5000)), slog.Int("n", 1), slog.String("text", "short"),
		slog.Group("g", slog.Any("deep", make([]int, 5000)), slog.Int("n", 2))), jsonlines.Options{MaxLine: 1500})
	assert.Equal(t, map[string]any{"deep": nil, "n": 2.0}, m["g"])
	assert.Contains(t, m, "list")
	assert.Nil(t, m["list"], "null has the type of any field")
	assert.Equal(t, 1.0, m["n"])
	assert.Equal(t, "short", m["text"])

	// Of many small members as many stay as there is room for.
	m = cutLine(t, logRecord("m", slog.Any("a", many)), jsonlines.Options{MaxLine: 4000})
	assert.Greater(t, len(m["a"].(map[string]any)), 250)
}

// Even a line that has nothing to cut but what is ours is cut to the limit.
func TestCutOfHugeNames(t *testing.T) {
	huge := strings.Repeat("a.", 1<<19) + "a"
	tel := func(out *slogteltest.Buffer, o jsonlines.Options) *slogtel.Telemetry {
		return slogtel.New(&slogtel.Options{Mode: slogtel.On}, jsonlines.New(out, &o))
	}
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		var out slogteltest.Buffer
		tl := tel(&out, jsonlines.Options{MaxLine: 1024, Schema: schema, Service: huge})
		ctx := context.Background()
		for range 5 {
			ctx, _ = tl.Start(ctx, huge[:1001])
		}
		tl.Count(ctx, "n", 1)
		line := out.String()
		require.LessOrEqual(t, len(line), 1024)
		assert.Equal(t, true, oneLine(t, &out)["truncated"])
	}
}

// What slog's own handler writes is not always JSON; cut, it is.
func TestCutOfABrokenLine(t *testing.T) {
	var out slogteltest.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{MaxLine: 1024})
	empty := slog.Group("outer", slog.Group("inner", slog.Attr{}))
	for _, r := range []slog.Record{
		logRecord("m", empty, slog.String("a", strings.Repeat("\n", 5000))),
		logRecord("m", slog.Time("at", when.AddDate(20000, 0, 0)), slog.String("a", strings.Repeat("é", 5000))),
	} {
		require.NoError(t, h.Handle(bg, r))
		require.LessOrEqual(t, len(out.String()), 1024)
		m := oneLine(t, &out)
		assert.Equal(t, true, m["truncated"])
	}
}

func TestMaxLineDefaults(t *testing.T) {
	huge := strings.Repeat("x", 10<<20)
	for limit, want := range map[int]int{0: 256 << 10, 1: 1024, 1 << 20: 1 << 20} {
		var out bytes.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{MaxLine: limit})
		require.NoError(t, h.Handle(bg, logRecord("m", slog.String("a", huge))))
		assert.Equal(t, want, out.Len())
	}
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{MaxLine: -1})
	require.NoError(t, h.Handle(bg, logRecord("m", slog.String("a", huge))))
	assert.Greater(t, out.Len(), len(huge))
	assert.Equal(t, 256<<10, jsonlines.DefaultMaxLine)
}

// FuzzCut makes records of JSON that the fuzzer invents, and cuts their lines.
func FuzzCut(f *testing.F) {
	f.Add([]byte(`{"a":"b","c":[1,2,{"d":"\u00e9\ud83d\ude00"}],"e":{"f":{"g":null}}}`), "text", uint16(1), uint64(0))
	f.Add([]byte(`[]`), strings.Repeat("\\\"\n\u2028😀\xff", 99), uint16(300), uint64(1))
	f.Add([]byte(`"\ud800\udc00\ud800x"`), "", uint16(2000), uint64(2))
	f.Add([]byte(`{"":{"":""},"truncated":1}`), "truncated", uint16(500), uint64(3))
	f.Fuzz(func(t *testing.T, raw []byte, text string, limit uint16, seed uint64) {
		if len(raw)+len(text) > 200 { // repeated many times below
			t.Skip()
		}
		checkCut(t, raw, text, int(limit), seed)
	})
}

func TestCutOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 80 {
		text := randomText(rng)
		checkCut(t, appendRandomJSON(nil, rng, 4), text, rng.IntN(3000), rng.Uint64())
	}
}

func randomText(rng *rand.Rand) string {
	units := []string{"x", "é", "😀", "\n", `"`, "\\", "\x01", "\u2028", "\xff", ",", "{", "}", "[", ":"}
	var b strings.Builder
	for range rng.IntN(20) {
		b.WriteString(units[rng.IntN(len(units))])
	}
	return b.String()
}

func appendRandomJSON(dst []byte, rng *rand.Rand, depth int) []byte {
	text, _ := json.Marshal(randomText(rng))
	switch n := rng.IntN(8); {
	case depth > 0 && n < 2:
		dst = append(dst, '[')
		for i := range rng.IntN(10) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendRandomJSON(dst, rng, depth-1)
		}
		return append(dst, ']')
	case depth > 0 && n < 5:
		dst = append(dst, '{')
		for i := range rng.IntN(10) {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, _ := json.Marshal(randomText(rng))
			dst = appendRandomJSON(append(append(dst, key...), ':'), rng, depth-1)
		}
		return append(dst, '}')
	case n == 5:
		return append(dst, []string{"true", "null", "-1.5e+9", `"\ud83d\ude00\u00e9\\"`}[rng.IntN(4)]...)
	}
	return append(dst, text...)
}

func checkCut(t *testing.T, raw []byte, text string, limit int, seed uint64) {
	t.Helper()
	var v any = json.RawMessage(raw)
	if !json.Valid(raw) {
		v = string(raw)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	attr := func() slog.Attr {
		a := slog.Any([]string{text, "a", "b", "error", "truncated", "raw_preview"}[rng.IntN(6)], v)
		switch rng.IntN(4) {
		case 0:
			a.Value = slog.StringValue(strings.Repeat(text, rng.IntN(200)))
		case 1:
			a.Value = slog.GroupValue(slog.String(text, text), a, a)
		case 2:
			a.Value = slog.AnyValue([]any{v, text, strings.Repeat(text, rng.IntN(200)), seed})
		}
		return a
	}
	r := []slog.Record{timingRecord(), logRecord(text), logRecord("telemetry.timing"), metricRecord("", slog.AnyValue(v))}[rng.IntN(4)]
	for range rng.IntN(40) {
		r.AddAttrs(attr())
	}
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		limit := 1024 + limit
		var out bytes.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{Schema: schema, MaxLine: limit})
		if err := h.Handle(bg, r); err != nil {
			t.Fatal(err)
		}
		line := out.Bytes()
		if len(line) > limit || !json.Valid(line) || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("limit %d, %d bytes: %s", limit, len(line), line)
		}
		cut := h.Stats().Truncated == 1
		if cut && !bytes.HasSuffix(line, []byte(`"truncated":true}`+"\n")) {
			t.Fatalf("not marked: %s", line)
		}
		if cut && bytes.Contains(line, []byte(`{"line":`)) {
			t.Fatalf("not understood: %s", line)
		}
	}
}

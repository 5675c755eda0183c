package jsonlines_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

var bg = context.Background()

// withMore applies one chain of derivations to a handler.
func withMore(h slog.Handler) slog.Handler {
	return h.WithAttrs([]slog.Attr{slog.Int("root", 1)}).WithGroup("g").
		WithAttrs([]slog.Attr{slog.Int("in", 2)}).WithGroup("h")
}

func TestFlatIsHandlersJSON(t *testing.T) {
	upper := func(groups []string, a slog.Attr) slog.Attr {
		a.Key = strings.Join(append(groups, strings.ToUpper(a.Key)), "/")
		return a
	}
	for name, r := range allRecords() {
		for _, o := range []slog.HandlerOptions{{}, {AddSource: true}, {ReplaceAttr: upper}} {
			var got, want bytes.Buffer
			h := jsonlines.New(&got, &jsonlines.Options{AddSource: o.AddSource, ReplaceAttr: o.ReplaceAttr})
			std := slogjson.New(&want, &o)
			require.NoError(t, h.Handle(bg, r))
			require.NoError(t, std.Handle(bg, r))
			if !slogtel.IsTelemetry(r) {
				require.NoError(t, withMore(h).Handle(bg, r))
				require.NoError(t, withMore(std).Handle(bg, r))
			}
			assert.Equal(t, want.String(), got.String(), name)
		}
	}
}

func TestFlatTelemetryStaysAtTheRoot(t *testing.T) {
	for name, r := range allRecords() {
		if !slogtel.IsTelemetry(r) {
			continue
		}
		var out slogteltest.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{Service: "svc"})
		require.NoError(t, h.Handle(bg, r))
		want := oneLine(t, &out)
		want["root"], want["g"] = 1.0, map[string]any{"in": 2.0}

		require.NoError(t, withMore(h).Handle(bg, r))
		assert.Equal(t, want, oneLine(t, &out), name)

		// What middleware has put into groups comes out of them.
		inside := slog.NewRecord(r.Time, r.Level, r.Message, 0)
		r.Attrs(func(a slog.Attr) bool { inside.AddAttrs(a); return true })
		wrapped := slog.NewRecord(r.Time, r.Level, r.Message, 0)
		wrapped.AddAttrs(slog.Int("beside", 3), slog.Group("outer",
			slog.Int("value", 4), slog.Attr{Key: "inner", Value: slog.GroupValue(testkit.Attrs(inside)...)}))
		require.NoError(t, withMore(h).Handle(bg, wrapped))
		want["beside"], want["user_value"] = 3.0, 4.0
		assert.Equal(t, want, oneLine(t, &out), name)
	}
}

func TestFlatTelemetryKeysAreItsOwn(t *testing.T) {
	var out slogteltest.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Service: "svc"}).WithAttrs([]slog.Attr{
		slog.String("scope", "mine"), slog.String("msg", "mine"), slog.String("service", "mine"),
		slog.Group("", slog.String("value", "mine")), slog.Group("g", slog.String("scope", "mine")),
		slog.Int("free", 1),
	})
	require.NoError(t, h.Handle(bg, timingRecord()))
	assert.Equal(t, 1, strings.Count(out.String(), `"service":`))
	m := oneLine(t, &out)
	assert.Equal(t, "pipeline.plan", m["scope"])
	assert.Equal(t, slogtel.MessageTiming, m["msg"])
	assert.Equal(t, "svc", m["service"])
	for _, key := range []string{"user_scope", "user_msg", "user_service", "user_value"} {
		assert.Equal(t, "mine", m[key], key)
	}
	assert.Equal(t, map[string]any{"scope": "mine"}, m["g"])
	assert.Equal(t, 1.0, m["free"])
	_, decodes := slogtel.DecodeTiming(timingRecord())
	assert.True(t, decodes)

	// An ordinary record, even one with our message, is written as slog does.
	require.NoError(t, h.Handle(bg, logRecord(slogtel.MessageTiming)))
	m = oneLine(t, &out)
	assert.Equal(t, "mine", m["scope"])
}

// What sampling and aggregation say of an event is in its line, once, as the kind that
// it has, and not among the attributes that are the caller's.
func TestSampledAndInSummary(t *testing.T) {
	weight := []slog.Attr{slog.Float64(slogtel.KeySampleRate, 0.1), slog.Bool(slogtel.KeyInSummary, true), slog.String("model", "m")}
	for name, r := range map[string]slog.Record{
		"timing":  timingRecord(append(weight, slog.String(slogtel.KeyError, "refused"))...),
		"counter": metricRecord(slogtel.TypeCounter, slog.Int64Value(3), weight...),
		"plain":   metricRecord(slogtel.TypePlain, slog.StringValue("text"), weight...),
	} {
		var out slogteltest.Buffer
		require.NoError(t, jsonlines.New(&out, nil).Handle(bg, r))
		assert.Equal(t, 1, strings.Count(out.String(), `"sample_rate":0.1`), "%s: %s", name, out.String())
		assert.Equal(t, 1, strings.Count(out.String(), `"in_summary":true`), "%s: %s", name, out.String())
		m := oneLine(t, &out)
		assert.Equal(t, 0.1, m["sample_rate"], name)
		assert.Equal(t, true, m["in_summary"], name)

		m = ecsHandle(t, r, nil)
		inner, _ := m["slogtel"].(map[string]any)
		assert.Equal(t, 0.1, inner["sample_rate"], name)
		assert.Equal(t, true, inner["in_summary"], name)
		assert.Equal(t, map[string]any{"model": "m"}, m["labels"], name)
	}
	for name, r := range allRecords() {
		inner, _ := ecsHandle(t, r, nil)["slogtel"].(map[string]any)
		assert.NotContains(t, inner, "sample_rate", name)
		assert.NotContains(t, inner, "in_summary", name)
	}
}

func TestFlatNamesTheProgram(t *testing.T) {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Service: "s", Environment: "e", Version: "v"})
	require.NoError(t, h.WithGroup("g").Handle(bg, logRecord("m", slog.Int("a", 1))))
	assert.Equal(t, `{"time":"2026-02-03T04:05:06.12+02:00","level":"INFO","msg":"m",`+
		`"service":"s","environment":"e","version":"v","g":{"a":1}}`+"\n", out.String())
}

func TestFixedTime(t *testing.T) {
	for in, want := range map[time.Time]string{
		when:                    "2026-02-03T02:05:06.120000000Z",
		time.Unix(0, 0):         "1970-01-01T00:00:00.000000000Z",
		time.Unix(1, 123456789): "1970-01-01T00:00:01.123456789Z",
		time.Date(9999, 12, 31, 0, 0, 0, 1, time.UTC): "9999-12-31T00:00:00.000000001Z",
		time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC):     "",
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC):  "",
		{}: "",
		time.Date(0, 1, 1, 0, 0, 0, 10, time.UTC):      "0000-01-01T00:00:00.000000010Z",
		time.Date(2026, 1, 1, 0, 0, 0, 1e8, time.UTC):  "2026-01-01T00:00:00.100000000Z",
		time.Date(2026, 1, 1, 0, 0, 0, 12e7, time.UTC): "2026-01-01T00:00:00.120000000Z",
	} {
		var out bytes.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{FixedTime: true})
		r := timingRecord(slog.Time("at", when))
		r.Time = in
		require.NoError(t, h.Handle(bg, r))
		if want == "" {
			continue // as slog writes it
		}
		assert.Equal(t, want, testkit.JSONLines(t, out.String())[0]["time"])
		assert.Contains(t, out.String(), `"at":"2026-02-03T04:05:06.12+02:00"`, "other times stay")
		assert.True(t, strings.HasSuffix(out.String(), "}\n"))
	}
	// What ReplaceAttr has made of the time is no time of ours to change.
	for _, text := range []string{"", "Z", "2026-02-03T02:05:06", "2026-02-03T02:05:06.", "2026-02-03T02:05:06.1234567890Z", strings.Repeat("1", 40)} {
		var out bytes.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{FixedTime: true, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			return slog.String(a.Key, text)
		}})
		require.NoError(t, h.Handle(bg, logRecord("")))
		assert.Equal(t, text, testkit.JSONLines(t, out.String())[0]["time"])
	}
}

func TestFixedTimeSorts(t *testing.T) {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{FixedTime: true})
	r := logRecord("m")
	for _, step := range []time.Duration{0, 1, 10, 999, 1e6, 1e9, 1e9 + 1e8} {
		r.Time = when.Add(step)
		require.NoError(t, h.Handle(bg, r))
	}
	lines := strings.SplitAfter(out.String(), "\n")
	lines = lines[:len(lines)-1]
	for i := 1; i < len(lines); i++ {
		assert.Less(t, lines[i-1], lines[i])
		assert.Len(t, lines[i], len(lines[0]))
	}
}

func TestLevel(t *testing.T) {
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		var h slog.Handler = jsonlines.New(io.Discard, &jsonlines.Options{Schema: schema})
		assert.True(t, h.Enabled(bg, slog.LevelInfo))
		assert.False(t, h.Enabled(bg, slog.LevelDebug))
		var level slog.LevelVar
		h = withMore(jsonlines.New(io.Discard, &jsonlines.Options{Schema: schema, Level: &level}))
		level.Set(slog.LevelWarn)
		assert.False(t, h.Enabled(bg, slog.LevelInfo))
		assert.True(t, h.Enabled(bg, slog.LevelWarn))
	}
}

// failing takes n bytes of each write and then fails, or says nothing.
type failing struct {
	n   int
	err error
}

func (f failing) Write(p []byte) (int, error) { return min(f.n, len(p)), f.err }

func TestCountsWhatTheWriterRefuses(t *testing.T) {
	full := errors.New("full")
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		for _, w := range []failing{{0, full}, {10, full}, {10, nil}} {
			want := w.err
			if want == nil {
				want = io.ErrShortWrite
			}
			h := jsonlines.New(w, &jsonlines.Options{Schema: schema, FixedTime: true})
			for _, h := range []slog.Handler{h, withMore(h)} {
				require.ErrorIs(t, h.Handle(bg, logRecord("m")), want)
				require.ErrorIs(t, h.Handle(bg, timingRecord()), want)
			}
			stats := withMore(h).(interface{ Stats() jsonlines.Stats }).Stats()
			assert.Equal(t, jsonlines.Stats{Dropped: 4, LastError: want}, stats)
		}
	}
}

func TestDefaults(t *testing.T) {
	h := jsonlines.New(nil, nil)
	require.NoError(t, h.Handle(bg, timingRecord()))
	var out slogteltest.Buffer
	h = jsonlines.New(&out, &jsonlines.Options{Schema: 99})
	require.NoError(t, h.Handle(bg, timingRecord()))
	assert.Equal(t, "pipeline.plan", oneLine(t, &out)["scope"], "an unknown schema is Flat")
}

func TestOptionsAreCopied(t *testing.T) {
	var out slogteltest.Buffer
	opts := &jsonlines.Options{Service: "before"}
	h := jsonlines.New(&out, opts)
	opts.Service, opts.MaxLine, opts.Level = "after", 1, slog.Level(math.MaxInt)
	require.NoError(t, h.Handle(bg, logRecord("m")))
	assert.Equal(t, "before", oneLine(t, &out)["service"])
	assert.True(t, h.Enabled(bg, slog.LevelInfo))
}

// What a Telemetry emits reads back from the lines, whatever groups are open.
func TestFromTelemetry(t *testing.T) {
	var out slogteltest.Buffer
	h := withMore(jsonlines.New(&out, nil))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, span := tel.Start(bg, "a", slog.Int("n", 1))
	tel.Count(ctx, "c", 2)
	span.Fail(errors.New("boom"))
	span.End()
	lines := testkit.JSONLines(t, out.String())
	require.Len(t, lines, 2)
	assert.Equal(t, "a.c", lines[0]["scope"])
	assert.Equal(t, 2.0, lines[0]["value"])
	assert.Equal(t, "a", lines[1]["scope"])
	assert.Equal(t, "boom", lines[1]["error"])
	assert.Equal(t, 1.0, lines[1]["n"])
	assert.Equal(t, map[string]any{"in": 2.0}, lines[1]["g"])
	assert.Equal(t, lines[0]["span_id"], lines[1]["span_id"])
}

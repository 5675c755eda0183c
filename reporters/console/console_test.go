package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/lmittmann/tint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

// sampleRun is what a small program writes to a console: scopes that are fine,
// slow and failed, every kind of metric, a summary and its ordinary logs.
func sampleRun(h slog.Handler) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	log := slog.New(h)
	log.Info("starting", "version", "1.2.0", "workers", 4)

	ctx, run := tel.Start(context.Background(), "pipeline", slog.String("job", "nightly run"))
	plan, s := tel.Start(ctx, "plan", slog.Int("files", 3))
	_ = tel.Time(plan, "tokenize", func(context.Context) error {
		time.Sleep(1240 * time.Microsecond)
		return nil
	})
	tel.Count(plan, "tokens", 12_345)
	time.Sleep(2860 * time.Microsecond)
	s.End()

	call, s := tel.Start(ctx, "call", slog.Group("model", slog.String("name", "gemini"), slog.Int("version", 2)))
	time.Sleep(124 * time.Millisecond)
	tel.Histogram(call, "latency", 0.1184)
	log.WithGroup("http").With("method", "POST").Warn("will try again", "status", 503, tint.Err(io.ErrUnexpectedEOF))
	s.Fail(errors.New("status 503: \x1b[2Jtry\nlater"))
	s.End()

	_, s = tel.Start(ctx, "call.retry")
	time.Sleep(1180 * time.Millisecond)
	s.End(slog.Duration("backoff", 50*time.Millisecond))

	tel.Gauge(ctx, "budget", 0.82)
	tel.Metric(ctx, "finish_reason", "STOP")
	tel.Metric(ctx, "cached", true)
	tel.Count(ctx, "cache.hits", 3)
	run.End()

	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(
		slog.String("scope", "pipeline.call"), slog.String("parent_scope", "pipeline"),
		slog.String("metric_type", "timing"), slog.Float64("interval_s", 10),
		slog.Int("count", 1204), slog.Int("errors", 3), slog.Float64("sum", 142.1),
		slog.Float64("min", 0.011), slog.Float64("max", 1.3104), slog.Float64("mean", 0.118),
		slog.Float64("p50", 0.096), slog.Float64("p90", 0.2), slog.Float64("p95", 0.31), slog.Float64("p99", 1.1))
	_ = h.Handle(context.Background(), r)
	log.Error("done", "error", "1 call failed")
}

// golden compares got with a file, or writes the file when SLOGTEL_UPDATE_GOLDEN is set.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("SLOGTEL_UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestGolden(t *testing.T) {
	for name, opts := range map[string]console.Options{
		"run.txt":        {Color: slogtel.Off},
		"run.ansi":       {Color: slogtel.On},
		"provenance.txt": {Color: slogtel.Off, Provenance: true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			opts.TimeFormat = "05.000" // whole hours would depend on the local zone
			synctest.Test(t, func(*testing.T) { sampleRun(console.New(&out, &opts)) })
			got := out.String()
			if opts.Provenance { // the process started outside the bubble
				got = monotonicKeys.ReplaceAllString(got, "${1}=M")
			}
			golden(t, name, got)
		})
	}
}

// lineOf returns what a console writes of one call of emit.
func lineOf(t *testing.T, opts console.Options, emit func(context.Context, *slogtel.Telemetry)) string {
	t.Helper()
	var out bytes.Buffer
	opts.NoTime = true
	emit(t.Context(), slogtel.New(&slogtel.Options{Mode: slogtel.On}, console.New(&out, &opts)))
	return out.String()
}

func TestSlow(t *testing.T) {
	const yellow = "\x1b[1;93m"
	for _, c := range []struct {
		slow, took time.Duration
		want       bool
	}{
		{0, 999 * time.Millisecond, false},
		{0, time.Second, true},
		{time.Millisecond, time.Millisecond - 1, false},
		{time.Millisecond, time.Millisecond, true},
		{-1, time.Hour, false},
	} {
		got := lineOf(t, console.Options{Color: slogtel.On, Slow: c.slow}, func(ctx context.Context, tel *slogtel.Telemetry) {
			tel.Timing(ctx, "work", c.took)
		})
		assert.Equal(t, c.want, strings.Contains(got, yellow), "%v of %v: %q", c.took, c.slow, got)
	}
}

func TestFailedIsRed(t *testing.T) {
	emit := func(ctx context.Context, tel *slogtel.Telemetry) {
		_ = tel.Time(ctx, "work", func(context.Context) error { time.Sleep(2 * time.Second); return errors.New("boom") })
	}
	for _, provenance := range []bool{false, true} {
		var got string
		synctest.Test(t, func(t *testing.T) {
			got = lineOf(t, console.Options{Color: slogtel.On, Provenance: provenance}, emit)
		})
		assert.Contains(t, got, "\x1b[1;91mwork\x1b[0m \x1b[1;91m2s\x1b[0m", "red although it is slow too")
		assert.Contains(t, got, "\x1b[2;91merror=\x1b[22mboom\x1b[0m")
	}
}

// Names that do not begin with their parent's path, and depths from a record that
// someone else made, are shown all the same.
func TestOddScopes(t *testing.T) {
	for _, c := range []struct {
		scope, parent string
		depth         int
		want          string
	}{
		{"a.b", "a", 1, "  b"},
		{"a.b", "x", 1, "  a.b"},
		{"a", "a", 1, "  a"},
		{"a.", "a", 1, "  a."},
		{"ab", "a", 1, "  ab"},
		{"a.b", "a", 0, "a.b"},
		{"a.b", "", 3, "      a.b"},
		{"a.b", "a", -5, "a.b"},
		{"a.b", "a", math.MaxInt, strings.Repeat("  ", 20) + "b"},
	} {
		var out bytes.Buffer
		h := console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off})
		r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageMetric, 0)
		r.AddAttrs(slog.String("scope", c.scope), slog.Int("depth", c.depth), slog.String("parent_scope", c.parent),
			slog.Any("metric_type", slogtel.TypeCounter), slog.Int64("value", -2))
		require.NoError(t, h.Handle(t.Context(), r))
		assert.Equal(t, "INF "+c.want+" -2\n", out.String())
	}
}

func TestPlainMetrics(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{-12, "m = -12"},
		{uint64(1 << 63), "m = 9.22e+18"},
		{2.5, "m = 2.5"},
		{true, "m = true"},
		{1500 * time.Millisecond, "m = 1.5s"},
		{"a b", `m value="a b" k=v`},
		{nil, "m value=<nil> k=v"},
		{[]int{1}, "m value=[1] k=v"},
		{time.Unix(0, 0).UTC(), "m value=1970-01-01T00:00:00.000Z k=v"},
		{slog.GroupValue(slog.Int("a", 1)), "m value.a=1 k=v"},
	} {
		got := lineOf(t, console.Options{Color: slogtel.Off}, func(ctx context.Context, tel *slogtel.Telemetry) {
			tel.Metric(ctx, "m", c.v, slog.String("k", "v"))
		})
		assert.Equal(t, "INF "+strings.TrimSuffix(c.want, " k=v")+" k=v\n", got)
	}
}

func TestSummaries(t *testing.T) {
	base := []slog.Attr{
		slog.String("scope", "api.x"), slog.String("parent_scope", "api"), slog.Float64("interval_s", 60),
		slog.Int("count", 12_000), slog.Float64("sum", 4e6), slog.Float64("min", 1), slog.Float64("max", 3),
		slog.Float64("mean", 2), slog.Float64("last", 2.5), slog.Float64("p50", 2), slog.String("region", "eu"),
	}
	for typ, want := range map[string]string{
		"counter":   "api.x +4M ×12k in 1m region=eu",
		"gauge":     "api.x = 2.5 ×12k in 1m min 1 mean 2 p50 2 max 3 region=eu",
		"histogram": "api.x ~ ×12k in 1m mean 2 p50 2 max 3 region=eu",
		"timing":    "api.x ×12k in 1m mean 2s p50 2s max 3s region=eu",
	} {
		for _, v := range []any{typ, slogtel.MetricType(typ)} {
			var out bytes.Buffer
			r := slog.NewRecord(time.Time{}, slog.LevelInfo, slogtel.MessageSummary, 0)
			r.AddAttrs(base...)
			r.AddAttrs(slog.Any("metric_type", v))
			require.NoError(t, console.New(&out, &console.Options{Color: slogtel.Off}).Handle(t.Context(), r))
			assert.Equal(t, "INF "+want+"\n", out.String())
		}
	}
}

func TestSampled(t *testing.T) {
	sampled := func(r slog.Record, attrs ...slog.Attr) slog.Record {
		r.AddAttrs(append(attrs, slog.Float64("sample_rate", 0.1), slog.Bool("in_summary", true))...)
		return r
	}
	var out bytes.Buffer
	h := console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off})
	testkit.Handle(t, h,
		sampled(testkit.Timing("call", "", 0, 0.124, ""), slog.Int("attempt", 1)),
		sampled(testkit.Timing("call", "", 0, 0.124, "refused"), slog.Int("attempt", 1)),
		sampled(testkit.Metric("tokens", slogtel.TypeCounter, slog.Int64Value(3))),
		sampled(testkit.Metric("reason", slogtel.TypePlain, slog.StringValue("STOP")), slog.String("model", "m")),
		testkit.Timing("call", "", 0, 0.124, ""))
	assert.Equal(t, strings.Join([]string{
		"INF call 124ms sample_rate=0.1 attempt=1",
		"INF call 124ms error=refused sample_rate=0.1 attempt=1",
		"INF tokens +3 sample_rate=0.1",
		"INF reason value=STOP sample_rate=0.1 model=m",
		"INF call 124ms", "",
	}, "\n"), out.String())

	out.Reset()
	h = console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off, Provenance: true})
	testkit.Handle(t, h, sampled(testkit.Metric("tokens", slogtel.TypeCounter, slog.Int64Value(3))))
	assert.Equal(t, 1, strings.Count(out.String(), "sample_rate=0.1"), out.String())
	assert.Equal(t, 1, strings.Count(out.String(), "in_summary=true"), out.String())
}

// A record that has a message of ours but is not ours is an ordinary one.
func TestLookalikes(t *testing.T) {
	for _, message := range []string{slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary} {
		var out bytes.Buffer
		log := slog.New(console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off}))
		log.Info(message, "scope", "mine", "depth", 1)
		assert.Equal(t, "INF "+message+" scope=mine depth=1\n", out.String())
	}
}

func TestLevelAndOptionsAreCopied(t *testing.T) {
	var out bytes.Buffer
	opts := &console.Options{Level: slog.LevelWarn, NoTime: true, Color: slogtel.Off}
	h := console.New(&out, opts)
	opts.Level, opts.NoTime = slog.LevelDebug, false
	assert.False(t, h.Enabled(t.Context(), slog.LevelInfo))
	assert.True(t, h.Enabled(t.Context(), slog.LevelWarn))
	slog.New(h).Warn("only this")
	assert.Equal(t, "WRN only this\n", out.String())
	assert.True(t, console.New(&out, nil).Enabled(t.Context(), slog.LevelInfo))
	assert.False(t, console.New(&out, nil).Enabled(t.Context(), slog.LevelDebug))
}

func TestNilWriter(t *testing.T) {
	for _, w := range []io.Writer{nil, (*os.File)(nil)} {
		for _, color := range []slogtel.Mode{slogtel.FromEnv, slogtel.On} {
			h := console.New(w, &console.Options{Color: color})
			assert.NotPanics(t, func() { slog.New(h).Info("nowhere") })
		}
	}
}

type brokenTerminal struct{ err error }

func (w brokenTerminal) Write([]byte) (int, error) { return 0, w.err }

func TestReturnsTheWriteError(t *testing.T) {
	h := console.New(brokenTerminal{io.ErrClosedPipe}, nil)
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)
	assert.ErrorIs(t, h.Handle(t.Context(), r), io.ErrClosedPipe)
}

package slogteltest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// fakeTB is a test that fails without harm.
type fakeTB struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	logs     []string
	cleanups []func()
}

func (*fakeTB) Helper() {}

func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Logf(format string, args ...any) {
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}
func (f *fakeTB) Failed() bool     { return len(f.errors) > 0 }
func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

func (f *fakeTB) finish() {
	for _, c := range f.cleanups {
		c()
	}
}

func TestTimings(t *testing.T) {
	tel, rec := slogteltest.New(t)
	ctx, outer := tel.Start(t.Context(), "pipeline", slog.String("model", "m"))
	for i := range 3 {
		_ = tel.Time(ctx, "plan", func(context.Context) error {
			if i == 2 {
				return errors.New("went wrong")
			}
			return nil
		}, slog.Int("i", i), slog.Group("file", slog.String("kind", "md")))
	}
	tel.Timing(ctx, "elsewhere", time.Second)
	outer.End()

	plans := rec.Timings("pipeline.plan")
	require.Len(t, plans, 3)
	assert.Equal(t, "pipeline", plans[0].ParentScope)
	assert.Equal(t, int64(3), plans[2].CallCount)
	assert.Equal(t, "went wrong", plans[2].Error)
	assert.Empty(t, plans[1].Error)

	assert.Len(t, rec.Timings("pipeline.plan", slog.Int("i", 1)), 1)
	assert.Len(t, rec.Timings("pipeline.plan", slog.Group("file", slog.String("kind", "md"))), 3)
	assert.Empty(t, rec.Timings("pipeline.plan", slog.Int("i", 1), slog.Int("j", 1)))
	assert.Len(t, rec.Timings(""), 5)
	assert.Empty(t, rec.Timings("plan"), "a path is the whole one")
	assert.Equal(t, time.Second, rec.Timings("pipeline.elsewhere")[0].Duration)
	assert.Equal(t, []string{"pipeline", "pipeline.elsewhere", "pipeline.plan"}, rec.Scopes())
	rec.CheckNoOpenScopes(t)
}

func TestMetrics(t *testing.T) {
	tel, rec := slogteltest.New(t)
	ctx, span := tel.Start(t.Context(), "api")
	defer span.End()
	tel.Count(ctx, "requests", 2, slog.String("code", "200"))
	tel.Count(ctx, "requests", 3, slog.String("code", "500"))
	tel.Gauge(ctx, "load", 0.5)
	tel.Gauge(ctx, "load", -1.25)
	tel.Histogram(ctx, "size", 10)
	tel.Histogram(ctx, "size", 20)
	tel.Metric(ctx, "state", "ready")
	tel.Metric(ctx, "answer", uint64(42))

	assert.Equal(t, int64(5), rec.Sum("api.requests"))
	assert.Equal(t, int64(3), rec.Sum("api.requests", slog.String("code", "500")))
	assert.Zero(t, rec.Sum("requests"))
	assert.Zero(t, rec.Sum("api.size"), "no counter")
	assert.Equal(t, []float64{2, 3}, rec.Values("api.requests"))
	assert.Equal(t, []float64{10, 20}, rec.Values("api.size"))
	assert.Equal(t, []float64{42}, rec.Values("api.answer"))
	assert.Empty(t, rec.Values("api.state"))

	load, ok := rec.Last("api.load")
	assert.True(t, ok)
	assert.Equal(t, -1.25, load)
	_, ok = rec.Last("api.state")
	assert.False(t, ok)

	state := rec.Metrics("api.state")
	require.Len(t, state, 1)
	assert.Equal(t, slogtel.TypePlain, state[0].Type)
	assert.Equal(t, "ready", state[0].Value.String())
	assert.Equal(t, "api", state[0].ParentScope)
	assert.Len(t, rec.Metrics(""), 8)
	assert.Equal(t, []string{"api"}, rec.Scopes(), "open, and so no timing yet")
}

func TestLogsAreKeptApart(t *testing.T) {
	tel, rec := slogteltest.New(t)
	logger := slog.New(rec).With("service", "s").WithGroup("g")
	logger.Info("ready", "port", 8080)
	logger.Info(slogtel.MessageTiming, "scope", "not telemetry")
	tel.Count(t.Context(), "n", 1)

	logs := rec.Logs()
	require.Len(t, logs, 2)
	assert.Equal(t, "ready", logs[0].Message)
	assert.NotZero(t, logs[0].PC)
	assert.Equal(t, "[service=s g=[port=8080]]", fmt.Sprint(testkit.Attrs(logs[0])))
	require.Len(t, rec.Records(), 1)
	assert.True(t, slogtel.IsTelemetry(rec.Records()[0]))
	assert.Empty(t, rec.Timings(""))
}

// TestDerived shows events that come through WithAttrs and WithGroup.
func TestDerived(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	h := rec.WithAttrs([]slog.Attr{slog.String("service", "s")}).WithGroup("f").WithGroup("g").
		WithAttrs([]slog.Attr{slog.Int("n", 1)}).WithGroup("h")
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, h)
	ctx, span := tel.Start(t.Context(), "work")
	tel.Count(ctx, "done", 1, slog.Bool("ok", true))
	assert.Equal(t, []string{"work"}, rec.Open())
	span.End(slog.Bool("ok", true))

	want := "[service=s f=[g=[n=1]] ok=true]"
	assert.Equal(t, want, fmt.Sprint(rec.Timings("work")[0].Attrs))
	assert.Equal(t, want, fmt.Sprint(rec.Metrics("work.done")[0].Attrs))
	for _, r := range rec.Records() {
		assert.True(t, slogtel.IsTelemetry(r))
		assert.Equal(t, "f", testkit.Attrs(r)[1].Key)
		assert.Equal(t, 2, r.NumAttrs())
	}
	rec.CheckNoOpenScopes(t)
}

// TestCopies shows that neither the app nor the test can change what was recorded.
func TestCopies(t *testing.T) {
	tel, rec := slogteltest.New(t)
	members := []slog.Attr{slog.String("kind", "md")}
	tel.Count(t.Context(), "n", 1, slog.Attr{Key: "file", Value: slog.GroupValue(members...)})
	logged := &later{"before"}
	slog.New(rec).Info("log", "v", logged)
	members[0] = slog.String("kind", "changed by the app")
	logged.text = "after"

	for range 2 {
		metric, record := rec.Metrics("n")[0], rec.Records()[0]
		assert.Equal(t, "[file=[kind=md]]", fmt.Sprint(metric.Attrs))
		assert.Contains(t, fmt.Sprint(testkit.Attrs(record)), "file=[kind=md]")
		assert.Equal(t, "[v=before]", fmt.Sprint(testkit.Attrs(rec.Logs()[0])))

		metric.Attrs[0].Value.Group()[0] = slog.String("kind", "changed by the test")
		metric.Attrs[0].Key = "changed by the test"
		testkit.Attrs(record)[5].Value.Group()[0] = slog.Attr{}
	}
}

type later struct{ text string }

func (l *later) LogValue() slog.Value { return slog.StringValue(l.text) }

func TestOpen(t *testing.T) {
	tel, rec := slogteltest.New(t)
	tb := &fakeTB{}
	rec.CheckNoOpenScopes(tb)
	assert.Empty(t, tb.errors)

	ctx, outer := tel.Start(t.Context(), "outer")
	_, first := tel.Start(ctx, "work") // the line that is to be named
	_, second := tel.Start(ctx, "work")
	tel.Timing(ctx, "work", time.Second) // started and ended at once
	assert.Equal(t, []string{"outer", "outer.work", "outer.work"}, rec.Open())

	second.End()
	rec.CheckNoOpenScopes(tb)
	require.Len(t, tb.errors, 1)
	lines := strings.Split(tb.errors[0], "\n\t")
	require.Len(t, lines, 3)
	assert.Equal(t, "scopes were started and never ended:", lines[0])
	assert.Regexp(t, `^outer started at recorder_test.go:\d+$`, lines[1])
	assert.Regexp(t, `^outer\.work started at recorder_test.go:\d+$`, lines[2])
	assert.Equal(t, lineOf(lines[1])+1, lineOf(lines[2]), "the one that is open, not the one that has ended")

	first.End()
	first.End()
	outer.End()
	assert.Empty(t, rec.Open())
	rec.CheckNoOpenScopes(t)
}

func lineOf(s string) (n int) {
	_, _ = fmt.Sscan(s[strings.LastIndexByte(s, ':')+1:], &n)
	return n
}

func TestOpenAtShutdown(t *testing.T) {
	tel, rec := slogteltest.New(t)
	_, span := tel.Start(t.Context(), "late")
	require.NoError(t, tel.Shutdown(t.Context()))
	span.End()
	assert.Equal(t, []string{"late"}, rec.Open(), "its timing was lost")
}

// TestOpenWithOtherContexts: middleware may hand on a context of its own.
func TestOpenWithOtherContexts(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, &changingContext{rec})
	for range 3 {
		_, span := tel.Start(t.Context(), "work")
		t.Cleanup(func() { span.End() })
	}
	_, span := tel.Start(t.Context(), "work")
	span.End()
	assert.Len(t, rec.Open(), 3)
}

type changingContext struct{ *slogteltest.Recorder }

// incomparable makes == panic.
type incomparable struct {
	context.Context
	_ []int
}

func (c *changingContext) Handle(ctx context.Context, r slog.Record) error {
	return c.Recorder.Handle(incomparable{Context: ctx}, r)
}

func (c *changingContext) ScopeStarted(ctx context.Context, s scope.Info) {
	c.Recorder.ScopeStarted(incomparable{Context: ctx}, s)
}

func TestOpenUnknown(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slog.NewMultiHandler(rec))
	_, span := tel.Start(t.Context(), "work")
	span.End()
	tb := &fakeTB{}
	rec.CheckNoOpenScopes(tb)
	require.Len(t, tb.errors, 1)
	assert.Contains(t, tb.errors[0], "give it to slogtel.New itself")
}

func TestReset(t *testing.T) {
	tel, rec := slogteltest.New(nil)
	_, span := tel.Start(t.Context(), "open")
	_ = tel.Time(t.Context(), "done", nil)
	tel.Count(t.Context(), "n", 1)
	tel.Gauge(t.Context(), "bad", math.NaN())
	slog.New(rec).Info("log")
	before := rec.Metrics("")
	rec.Reset()
	assert.Empty(t, rec.Timings(""))
	assert.Empty(t, rec.Metrics(""))
	assert.Empty(t, rec.Records())
	assert.Empty(t, rec.Logs())
	assert.Empty(t, rec.Errors())
	assert.Equal(t, []string{"open"}, rec.Open())
	assert.Len(t, before, 1)
	span.End()
	assert.Empty(t, rec.Open())
	assert.Equal(t, []string{"open"}, rec.Scopes())
}

func TestErrorsFailTheTest(t *testing.T) {
	tb := &fakeTB{}
	tel, rec := slogteltest.New(tb)
	tel.Count(t.Context(), "good", 1)
	tel.Gauge(t.Context(), "bad", math.NaN())
	require.Len(t, rec.Errors(), 1)
	require.ErrorIs(t, rec.Errors()[0], slogtel.ErrNotFinite)
	require.Len(t, tb.errors, 1)
	assert.Contains(t, tb.errors[0], `telemetry error: slogtel: "bad": value is NaN`)

	tb.finish()
	require.Len(t, tb.logs, 1)
	assert.Equal(t, "telemetry recorded:\n"+rec.String(), tb.logs[0])
	tel.Gauge(t.Context(), "bad", math.NaN())
	assert.Len(t, tb.errors, 1, "after the end of its test a TB is not used")
	assert.Len(t, rec.Errors(), 2)
	rec.OnError(t.Context(), (*nilError)(nil))
	assert.Contains(t, rec.String(), "error")
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestNothingIsLoggedByATestThatPasses(t *testing.T) {
	tb := &fakeTB{}
	tel, _ := slogteltest.New(tb)
	tel.Count(t.Context(), "good", 1)
	tb.finish()
	assert.Empty(t, tb.logs)
}

// TestEnvironment shows that what the environment says of telemetry is not heard.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"TELEMETRY", "TELEMETRY_STRICT_SCOPES"} {
		t.Setenv("SLOGTEL_"+name, "true")
	}
	tel, rec := slogteltest.New(t)
	_, span := tel.Start(t.Context(), "Not Strict")
	span.End()
	assert.Empty(t, rec.Timings("Not Strict")[0].Attrs)
}

func TestRecorderConcurrency(t *testing.T) {
	tel, rec := slogteltest.New(t)
	const goroutines, rounds = 8, 200
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				ctx, span := tel.Start(context.Background(), "work")
				tel.Count(ctx, "n", 1)
				_ = rec.Open()
				span.End()
			}
		})
		wg.Go(func() {
			for range 5 {
				_ = rec.String()
				_ = rec.Timings("work")
				_ = rec.Records()
				_ = rec.Scopes()
			}
		})
	}
	wg.Wait()
	assert.Len(t, rec.Timings("work"), goroutines*rounds)
	assert.Equal(t, int64(goroutines*rounds), rec.Sum("work.n"))
	rec.CheckNoOpenScopes(t)
}

func TestRecorderPrefixesReservedKeysOfWith(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	h := rec.WithAttrs([]slog.Attr{slog.String("error", "mine"), slog.Int("n", 1)})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, h)
	tel.Count(t.Context(), "c", 1, slog.Int("n", 2))
	tel.Timing(t.Context(), "t", 1, slog.Int("n", 2))
	assert.Len(t, rec.Metrics("c", slog.String("user_error", "mine"), slog.Int("n", 2)), 1)
	assert.Len(t, rec.Timings("t", slog.String("user_error", "mine"), slog.Int("n", 2)), 1)
	assert.Empty(t, rec.Timings("t", slog.Int("n", 1)), "the call's value wins")
}

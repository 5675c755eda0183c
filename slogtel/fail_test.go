package slogtel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// badError panics when it is looked at.
type badError struct{}

func (badError) Error() string   { panic("Error") }
func (badError) Is(error) bool   { panic("Is") }
func (badError) Unwrap() []error { panic("Unwrap") }

// What others canceled has not failed; a deadline, a panic and all else has.
func TestCanceledIsNoFailure(t *testing.T) {
	failed := errors.New("refused")
	for name, tc := range map[string]struct {
		fail     []error
		error    string
		canceled bool
	}{
		"none":             {fail: []error{nil}},
		"canceled":         {fail: []error{context.Canceled}, canceled: true},
		"wrapped":          {fail: []error{fmt.Errorf("get: %w", fmt.Errorf("read: %w", context.Canceled))}, canceled: true},
		"deadline":         {fail: []error{context.DeadlineExceeded}, error: "context deadline exceeded"},
		"both":             {fail: []error{fmt.Errorf("%w, %w", context.Canceled, context.DeadlineExceeded)}, error: "context canceled, context deadline exceeded"},
		"failed, canceled": {fail: []error{failed, context.Canceled}, error: "refused"},
		"canceled, failed": {fail: []error{context.Canceled, failed}, error: "refused"},
		"canceled, nil":    {fail: []error{context.Canceled, nil}, canceled: true},
		"methods panic":    {fail: []error{badError{}}, error: "slogtel_test.badError: Error() panicked: Error"},
		"same text":        {fail: []error{errors.New(context.Canceled.Error())}, error: "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			tel, c, _ := setup(slogtel.Options{})
			_, span := tel.Start(t.Context(), "a")
			for _, err := range tc.fail {
				span.Fail(err)
			}
			span.End()
			got := timings(t, c)[0]
			assert.Equal(t, tc.error, got.Error)
			assert.Equal(t, tc.canceled, got.Canceled)
			level := slog.LevelInfo
			if tc.error != "" {
				level = slog.LevelError
			}
			assert.Equal(t, level, c.all()[0].Level)
			keys := keysOf(c.attrs(t))
			assert.Equal(t, tc.canceled, contains(keys, "canceled"), keys)
			assert.Equal(t, tc.error != "", contains(keys, "error"), keys)
		})
	}
}

func contains(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

func TestTimeOfCanceled(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := tel.Time(ctx, "a", func(ctx context.Context) error { return ctx.Err() })
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, timings(t, c)[0].Canceled)
	assert.Empty(t, timings(t, c)[0].Error)
}

// A panic is a failure, whatever it is one of.
func TestPanicOfCanceledIsAFailure(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	assert.Panics(t, func() {
		_, span := tel.Start(t.Context(), "a")
		defer span.End()
		panic(context.Canceled)
	})
	assert.Equal(t, "panic: context canceled", timings(t, c)[0].Error)
	assert.False(t, timings(t, c)[0].Canceled)
}

// Of our keys canceled is one.
func TestCanceledIsReserved(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	tel.Timing(t.Context(), "a", 1, slog.String("canceled", "no"))
	assert.Equal(t, "no", valueOf(t, c.attrs(t), "user_canceled").String())
	assert.False(t, timings(t, c)[0].Canceled)
}

// A timing that failed reaches a handler that is enabled for warnings and errors only.
func TestFailLevel(t *testing.T) {
	for _, tc := range []struct {
		opts         slogtel.Options
		least        slog.Level
		fine, failed bool // whether such a timing comes through
		text         string
	}{
		{least: slog.LevelInfo, fine: true, failed: true},
		{least: slog.LevelWarn, failed: true, text: "those that failed, at ERROR"},
		{opts: slogtel.Options{FailLevel: slog.LevelInfo}, least: slog.LevelWarn, text: "it gets none"},
		{opts: slogtel.Options{FailLevel: slog.LevelWarn}, least: slog.LevelWarn, failed: true, text: "those that failed, at WARN"},
		{opts: slogtel.Options{Level: slog.LevelDebug}, least: slog.LevelInfo, failed: true, text: "the level of events, DEBUG"},
		{opts: slogtel.Options{Level: slog.LevelError}, least: slog.LevelWarn, fine: true, failed: true},
	} {
		c, e := new(collector), new(errorsSeen)
		tc.opts.Mode, tc.opts.OnError = slogtel.On, e.add
		tel := slogtel.New(&tc.opts, &leveled{c, tc.least})
		if tc.text == "" {
			assert.Empty(t, e.all())
		} else {
			require.Len(t, e.all(), 1)
			assert.ErrorIs(t, e.all()[0], slogtel.ErrNotEnabled)
			assert.ErrorContains(t, e.all()[0], tc.text)
			assert.ErrorContains(t, e.all()[0], "#0 *slogtel_test.leveled")
		}
		assert.Zero(t, tel.Stats().Reporters[0].Errors, "nothing was lost by a reporter")
		_ = tel.Time(t.Context(), "fine", func(context.Context) error { return nil })
		_ = tel.Time(t.Context(), "failed", func(context.Context) error { return errors.New("no") })
		var got []string
		for _, tm := range timings(t, c) {
			got = append(got, tm.Scope)
		}
		assert.Equal(t, tc.fine, contains(got, "fine"), "%+v", tc)
		assert.Equal(t, tc.failed, contains(got, "failed"), "%+v", tc)
	}
}

// leveled is a collector that is enabled from a level on.
type leveled struct {
	*collector
	least slog.Level
}

func (l *leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.least }

// A level may change while the program runs.
func TestLevelVar(t *testing.T) {
	var level, fail slog.LevelVar
	c := new(collector)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Level: &level, FailLevel: &fail}, c)
	tel.Count(t.Context(), "a", 1)
	level.Set(slog.LevelWarn)
	fail.Set(12)
	tel.Count(t.Context(), "a", 1)
	_ = tel.Time(t.Context(), "a", func(context.Context) error { return errors.New("no") })
	var got []slog.Level
	for _, r := range c.all() {
		got = append(got, r.Level)
	}
	assert.Equal(t, []slog.Level{slog.LevelInfo, slog.LevelWarn, 12}, got)
}

func TestLevelThatPanics(t *testing.T) {
	var none *slog.LevelVar
	c, e := new(collector), new(errorsSeen)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Level: none, FailLevel: none, OnError: e.add}, c)
	assert.Len(t, e.all(), 2)
	assert.ErrorContains(t, e.all()[0], "Options.Level is taken for INFO")
	tel.Count(t.Context(), "a", 1)
	assert.Equal(t, slog.LevelInfo, c.all()[0].Level)
}

// faulty is a user's own reporter.
type faulty struct{ fail func() error }

func (f *faulty) RecordTiming(context.Context, slogtel.Timing) error { return f.fail() }
func (f *faulty) RecordMetric(context.Context, slogtel.Metric) error { return f.fail() }

// wrapped is a middleware, as those of package handlers are.
type wrapped struct{ slog.Handler }

func (w wrapped) Unwrap() slog.Handler { return w.Handler }

func TestErrorsNameTheReporter(t *testing.T) {
	broken := errors.New("disk full")
	for name, tc := range map[string]struct {
		fail   func() error
		panics bool
	}{
		"error":        {fail: func() error { return broken }},
		"panic, error": {fail: func() error { panic(broken) }, panics: true},
		"panic":        {fail: func() error { panic("disk full") }, panics: true},
		//lint:ignore SA5000 the test is about what panics
		"panic, runtime": {fail: func() error { var m map[string]int; m["disk full"]++; return nil }, panics: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := slogtel.NewHandler(&faulty{tc.fail})
			for _, h := range []slog.Handler{h, h.WithAttrs([]slog.Attr{slog.Int("n", 1)}), wrapped{wrapped{h}}} {
				e := new(errorsSeen)
				tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, discard{}, h)
				tel.Count(t.Context(), "a", 1)
				require.Len(t, e.all(), 1)
				text := e.all()[0].Error()
				assert.Contains(t, text, `#1 *slogtel_test.faulty lost an event of "a"`)
				var p *slogtel.PanicError
				require.Equal(t, tc.panics, errors.As(e.all()[0], &p), text)
				if !tc.panics {
					assert.NotContains(t, text, "panic")
					continue
				}
				assert.Contains(t, text, "panic: ")
				assert.Contains(t, p.Stack, "fail_test.go", "where it happened")
				assert.Contains(t, text, "fail_test.go")
				assert.Contains(t, p.Stack, "RecordMetric")
			}
		})
	}
}

// An error of a reporter is no panic because its caller is unwinding from one.
func TestErrorWhileAPanicUnwinds(t *testing.T) {
	e := new(errorsSeen)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, slogtel.NewHandler(&faulty{func() error { return errors.New("no") }}))
	assert.Panics(t, func() {
		_, span := tel.Start(t.Context(), "a")
		defer span.End()
		panic("of the app")
	})
	require.Len(t, e.all(), 1)
	var p *slogtel.PanicError
	assert.False(t, errors.As(e.all()[0], &p), e.all()[0])
}

// What panics of the options is told with its stack.
func TestPanicOfAnOption(t *testing.T) {
	tel, _, e := setup(slogtel.Options{ContextAttrs: func(context.Context) []slog.Attr { panic("no attributes") }})
	tel.Count(t.Context(), "a", 1)
	require.Len(t, e.all(), 1)
	var p *slogtel.PanicError
	require.ErrorAs(t, e.all()[0], &p)
	assert.Contains(t, p.Stack, "TestPanicOfAnOption")
}

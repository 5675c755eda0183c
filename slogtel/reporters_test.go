package slogtel_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// reporter is a slog.Handler made of functions; nil ones do nothing.
type reporter struct {
	discard
	enabled  func(slog.Level) bool
	handle   func(context.Context, slog.Record) error
	flush    func(context.Context) error
	shutdown func(context.Context) error
	started  func(scope.Info)
}

func (r *reporter) Enabled(_ context.Context, l slog.Level) bool {
	return r.enabled == nil || r.enabled(l)
}

func (r *reporter) Handle(ctx context.Context, rec slog.Record) error {
	if r.handle == nil {
		return nil
	}
	return r.handle(ctx, rec)
}

func (r *reporter) Flush(ctx context.Context) error {
	if r.flush == nil {
		return nil
	}
	return r.flush(ctx)
}

func (r *reporter) Shutdown(ctx context.Context) error {
	if r.shutdown == nil {
		return nil
	}
	return r.shutdown(ctx)
}

func (r *reporter) ScopeStarted(_ context.Context, s scope.Info) {
	if r.started != nil {
		r.started(s)
	}
}

func TestReportersAreIsolated(t *testing.T) {
	broken := errors.New("disk full")
	for name, bad := range map[string]*reporter{
		"fails":            {handle: func(context.Context, slog.Record) error { return broken }},
		"panics":           {handle: func(context.Context, slog.Record) error { panic(broken) }},
		"panics otherwise": {handle: func(context.Context, slog.Record) error { panic("disk full") }},
		"Enabled panics":   {enabled: func(slog.Level) bool { panic(broken) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, badFirst := range []bool{true, false} {
				good, e := new(collector), new(errorsSeen)
				list := []slog.Handler{bad, good}
				if !badFirst {
					list = []slog.Handler{good, bad}
				}
				tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, list...)
				_, span := tel.Start(t.Context(), "a")
				assert.NotPanics(t, func() { span.End() })
				tel.Count(t.Context(), "b", 1)
				assert.Len(t, good.all(), 2, "the other reporter gets everything")
				require.NotEmpty(t, e.all())
				var re *slogtel.ReporterError
				require.ErrorAs(t, e.all()[0], &re)
				assert.Contains(t, re.Reporter, "*slogtel_test.reporter")
				assert.ErrorContains(t, re, "disk full")
				for _, s := range tel.Stats().Reporters {
					if strings.Contains(s.Name, "collector") {
						assert.Zero(t, s.Errors)
					} else {
						assert.Positive(t, s.Errors)
					}
				}
			}
		})
	}
}

func TestReporterErrorNamesTheEvent(t *testing.T) {
	e := new(errorsSeen)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, discard{},
		&reporter{handle: func(context.Context, slog.Record) error { return errors.New("disk full") }})
	tel.Count(t.Context(), "a.b", 1)
	require.Len(t, e.all(), 1)
	assert.EqualError(t, e.all()[0], `slogtel: reporter #1 *slogtel_test.reporter lost an event of "a.b": disk full`)
}

func TestLevels(t *testing.T) {
	var seen []slog.Level
	info := &reporter{
		enabled: func(l slog.Level) bool { return l >= slog.LevelInfo },
		handle:  func(_ context.Context, r slog.Record) error { seen = append(seen, r.Level); return nil },
	}
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn} {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Level: l}, info)
		everything(t, tel, t.Context())
	}
	assert.Len(t, seen, 14)
	assert.NotContains(t, seen, slog.LevelDebug)
}

// TestOnErrorMayPanic and may use the telemetry that it hears of.
func TestOnErrorMayPanic(t *testing.T) {
	var tel *slogtel.Telemetry
	calls := 0
	tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(ctx context.Context, _ error) {
		calls++
		tel.Count(ctx, "errors", 1)
		panic("again")
	}}, discard{})
	assert.NotPanics(t, func() { tel.Gauge(t.Context(), "a", nan) })
	assert.Equal(t, 1, calls)
}

func TestDefaultOnErrorIsRateLimited(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
		fail := func(context.Context, slog.Record) error { return errors.New("disk full") }
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, &reporter{handle: fail}, &reporter{handle: fail})
		for range 100 {
			tel.Count(t.Context(), "a", 1)
		}
		assert.Equal(t, 2, strings.Count(out.String(), "\n"), "one a reporter: %s", out.String())
		assert.Contains(t, out.String(), "disk full")

		time.Sleep(time.Minute + time.Second)
		out.Reset()
		tel.Count(t.Context(), "a", 1)
		assert.Equal(t, 2, strings.Count(out.String(), "held_back=99"), out.String())
		assert.Equal(t, int64(101), tel.Stats().Reporters[1].Errors)
	})
}

// TestReporterThatLogs logs through a slog.Default that leads back to it.
func TestReporterThatLogs(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	var logs, events int
	h := &reporter{}
	h.handle = func(ctx context.Context, r slog.Record) error {
		if !slogtel.IsTelemetry(r) {
			logs++
			return nil
		}
		events++
		slog.InfoContext(ctx, "got an event")
		return errors.New("and failed")
	}
	slog.SetDefault(slog.New(h))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	everything(t, tel, t.Context())
	assert.Equal(t, 7, events)
	assert.Equal(t, 8, logs, "one an event, and one for the errors")
}

// TestReporterThatBlocks holds up the call that reached it, and no other.
func TestReporterThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, first := make(chan struct{}), atomic.Bool{}
		c := new(collector)
		blocking := &reporter{
			handle: func(context.Context, slog.Record) error {
				if first.CompareAndSwap(false, true) {
					<-release
				}
				return nil
			},
			flush: func(context.Context) error { <-release; return nil },
		}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, blocking, c)
		done := false
		go func() {
			_, span := tel.Start(context.Background(), "blocked")
			span.End()
			done = true
		}()
		synctest.Wait()
		assert.False(t, done)
		everything(t, tel, t.Context())
		assert.Len(t, c.all(), 7, "others go on")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := tel.Flush(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "#0 *slogtel_test.reporter: not done in time")
		close(release)
		synctest.Wait()
		assert.True(t, done)
		assert.Len(t, c.all(), 8)
	})
}

// TestOnErrorMayUseTheTelemetry whose reporter goes on failing, with its own context
// and without: that must not recurse for ever.
func TestOnErrorMayUseTheTelemetry(t *testing.T) {
	for name, bad := range map[string]func(context.Context, slog.Record) error{
		"failing":   func(context.Context, slog.Record) error { return errors.New("disk full") },
		"panicking": func(context.Context, slog.Record) error { panic("disk full") },
	} {
		for _, keep := range []bool{true, false} {
			var tel *slogtel.Telemetry
			calls := 0
			tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(ctx context.Context, _ error) {
				calls++
				if !keep {
					ctx = context.Background()
				}
				tel.Count(ctx, "telemetry_errors", 1)
			}}, &reporter{handle: bad})
			tel.Count(t.Context(), "a", 1)
			want := 1
			if !keep {
				want = 64
			}
			assert.Equal(t, want, calls, name)
			assert.Equal(t, int64(want+1), tel.Stats().Reporters[0].Errors, "all are counted")
			tel.Count(t.Context(), "a", 1)
			assert.Equal(t, 2*want, calls, "and it goes on")
		}
	}
}

func TestScopeWatcher(t *testing.T) {
	var started []scope.Info
	e := new(errorsSeen)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, discard{},
		&reporter{started: func(s scope.Info) { started = append(started, s) }},
		&reporter{started: func(scope.Info) { panic("oops") }})
	ctx, _ := tel.Start(t.Context(), "a")
	tel.Timing(ctx, "b", 1)
	tel.Count(ctx, "c", 1)
	assert.Equal(t, []scope.Info{{Path: "a"}, {Path: "a.b", Parent: "a", Depth: 1}}, started)
	require.Len(t, e.all(), 2)
	assert.ErrorContains(t, e.all()[0], "oops")
}

// A watcher that says whether it watches.
type forwarder struct {
	*reporter
	watches bool
	asked   int
}

func (f *forwarder) WatchesScopes() bool { f.asked++; return f.watches }

func TestWatchesScopes(t *testing.T) {
	for _, watches := range []bool{true, false} {
		var started []string
		f := &forwarder{&reporter{started: func(s scope.Info) { started = append(started, s.Path) }}, watches, 0}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, f)
		ctx, span := tel.Start(t.Context(), "a")
		_, inner := tel.Start(ctx, "b")
		inner.End()
		span.End()
		assert.Equal(t, 1, f.asked)
		if watches {
			assert.Equal(t, []string{"a", "a.b"}, started)
		} else {
			assert.Empty(t, started)
		}
	}
}

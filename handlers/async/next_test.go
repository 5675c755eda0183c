package async

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
)

// A next handler that makes a record, or three, of each that it gets: it ends, whatever
// the policy, and the app's records arrive.
func TestNextLogsBack(t *testing.T) {
	for _, policy := range []Policy{DropNewest, DropOldest, BlockThenDrop} {
		for _, echoes := range []int{1, 3} {
			var log *slog.Logger
			var own atomic.Int64
			a := New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
				if r.Message == "app" {
					own.Add(1)
				}
				for range echoes {
					log.Info("echo") // with a context that knows nothing
				}
				return nil
			}), &Options{Policy: policy, Size: 512, ReportInterval: -1})
			log = slog.New(a)
			log.Info("app")
			require.Eventually(t, func() bool { return a.Stats().Queued == 0 }, time.Minute, time.Millisecond)
			require.NoError(t, a.Flush(t.Context()))
			s := a.Stats()
			assert.Positive(t, s.Reentrant)
			assert.LessOrEqual(t, s.Handled, int64(checkEvery), "it is noticed soon")
			for range 50 {
				require.NoError(t, a.Handle(ctx, testkit.Message("app")))
			}
			require.NoError(t, a.Shutdown(t.Context()))
			assert.Equal(t, int64(51), own.Load())
			s = a.Stats()
			requireAccounts(t, 51+int64(echoes)*s.Handled, s)
		}
	}
}

// What the worker of one queue hands to another queue is not that one's own.
func TestBeforeAsync(t *testing.T) {
	next := &sink{}
	inner := New(next, &Options{Policy: BlockThenDrop, MaxWait: time.Minute})
	inner.queue.loops.Store(true) // looks at each record
	outer := New(inner, &Options{Policy: BlockThenDrop, MaxWait: time.Minute})
	outer.queue.loops.Store(true)
	assert.Zero(t, offer(outer, 0, 5000))
	require.NoError(t, outer.Shutdown(t.Context()), "shuts the inner one down, too")
	assert.Len(t, next.got(), 5000)
	assert.Equal(t, int64(5000), inner.Stats().Handled)
}

// A next handler that waits for its own queue would wait for ever.
func TestNextCallsLifecycle(t *testing.T) {
	var a *Handler
	var errs []error
	a = New(testkit.HandleFunc(func(ctx context.Context, _ slog.Record) error {
		errs = append(errs, a.Flush(ctx), a.Shutdown(ctx))
		return nil
	}), nil)
	offer(a, 0, 1)
	require.NoError(t, a.Shutdown(t.Context()))
	require.Len(t, errs, 2)
	for _, err := range errs {
		assert.ErrorIs(t, err, ErrReentrant)
	}
}

func TestReportsDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var reports []string
		var fail atomic.Bool
		a := New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
			mu.Lock()
			defer mu.Unlock()
			if fail.Load() {
				return errSink
			}
			if r.Message == MessageDropped {
				var text strings.Builder
				assert.Equal(t, slog.LevelWarn, r.Level)
				assert.Equal(t, time.Now(), r.Time)
				r.Attrs(func(a slog.Attr) bool { text.WriteString(a.String() + " "); return true })
				reports = append(reports, text.String())
			}
			return nil
		}), &Options{ReportInterval: time.Minute})
		step := func(n int) {
			offer(a, 0, n)
			require.NoError(t, a.Flush(t.Context()))
			synctest.Wait()
		}
		reported := func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(reports)
		}
		step(3)
		assert.Empty(t, reported(), "there is nothing to report")
		fail.Store(true)
		step(3)
		fail.Store(false)
		time.Sleep(59 * time.Second)
		step(1)
		assert.Empty(t, reported(), "the first report failed like the rest: it is tried again after the interval")
		time.Sleep(time.Second)
		synctest.Wait()
		const first = "dropped=3 full=0 failed=3 panicked=0 reentrant=0 shutdown=0 "
		assert.Equal(t, []string{first}, reported(), "though no record comes")
		time.Sleep(time.Hour)
		step(1)
		assert.Len(t, reported(), 1, "and nothing was lost since")
		fail.Store(true)
		step(2)
		fail.Store(false)
		require.NoError(t, a.Shutdown(t.Context()))
		assert.Equal(t, []string{first, "dropped=2 full=0 failed=2 panicked=0 reentrant=0 shutdown=0 "}, reported())
		offer(a, 0, 5)
		requireAccounts(t, 15, a.Stats())
	})
}

// A report that never succeeds does not keep the worker from ending.
func TestReportThatExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(testkit.HandleFunc(func(context.Context, slog.Record) error { runtime.Goexit(); return nil }), nil)
		offer(a, 0, 3)
		require.NoError(t, a.Shutdown(t.Context()))
		assert.Equal(t, int64(3), a.Stats().Panicked)
	})
}

func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := func(context.Context, slog.Record) error { time.Sleep(time.Second); return nil }
		next := &lifecycleSink{sink: sink{do: second}}
		a := New(next, nil)
		offer(a, 0, 10)
		synctest.Wait()
		start := time.Now()
		done := make(chan error, 1)
		go func() { done <- a.WithGroup("g").(*Handler).Flush(t.Context()) }()
		synctest.Wait()
		offer(a, 10, 20)
		limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.ErrorIs(t, a.Flush(limit), context.DeadlineExceeded)
		require.NoError(t, <-done)
		assert.Equal(t, 10*time.Second, time.Since(start), "it does not wait for what came later")
		assert.Equal(t, 1, next.flushes, "not for the one that gave up")
		require.NoError(t, a.Flush(t.Context()))
		assert.Equal(t, 20*time.Second, time.Since(start))
		assert.Equal(t, 2, next.flushes)

		next.flush = func(context.Context) error { return errSink }
		assert.ErrorIs(t, a.Flush(t.Context()), errSink)
		next.flush = func(context.Context) error { panic(errSink) }
		assert.ErrorIs(t, a.Flush(t.Context()), errSink)
		next.flush = func(context.Context) error { runtime.Goexit(); return nil }
		assert.ErrorContains(t, a.Flush(t.Context()), "Goexit")
		next.shutdown = func(context.Context) error { runtime.Goexit(); return nil }
		assert.ErrorContains(t, a.Shutdown(t.Context()), "Goexit")
		assert.Equal(t, 1, next.shutdowns)
		assert.Len(t, next.got(), 20)
	})
}

// Flush with a next handler whose own never returns gives up with its context, and so
// does Shutdown; records go on being taken until then.
func TestFlushBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		next := &lifecycleSink{flush: func(context.Context) error { <-stop; return nil }}
		a := New(next, nil)
		offer(a, 0, 1)
		for range 3 {
			limit, cancel := context.WithTimeout(t.Context(), time.Second)
			assert.ErrorIs(t, a.Flush(limit), context.DeadlineExceeded)
			cancel()
		}
		assert.Empty(t, a.queue.flushes, "those who gave up are forgotten")
		assert.Zero(t, offer(a, 1, 6))
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorContains(t, a.Shutdown(limit), "5 records lost, and 0 still")
		requireAccounts(t, 6, a.Stats())
		close(stop)
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &lifecycleSink{shutdown: func(context.Context) error { time.Sleep(time.Minute); return errSink }}
		a := New(next, nil)
		offer(a, 0, 500)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				assert.ErrorIs(t, a.Shutdown(t.Context()), errSink)
				assert.Len(t, next.got(), 500, "no call returns earlier")
			})
		}
		synctest.Wait()
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, a.Shutdown(limit), context.DeadlineExceeded)
		assert.ErrorIs(t, a.Handle(ctx, testkit.Message("late")), ErrShutdown)
		wg.Wait()
		assert.Equal(t, 1, next.shutdowns)
		s := a.Stats()
		requireAccounts(t, 501, s)
		assert.Equal(t, int64(500), s.Handled)
	})
	synctest.Test(t, func(t *testing.T) { // the next handler's Shutdown is slow, the context is not
		next := &lifecycleSink{shutdown: func(context.Context) error { time.Sleep(time.Minute); return nil }}
		a := New(next, nil)
		offer(a, 0, 5)
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorContains(t, a.Shutdown(limit), "no records lost; the next handler is not done")
		assert.Len(t, next.got(), 5)
		time.Sleep(time.Minute)
	})
}

// All at once, with a next handler that does all that is bad: nothing is unaccounted for.
func TestStress(t *testing.T) {
	for _, policy := range []Policy{DropNewest, DropOldest, BlockThenDrop} {
		var calls, offered atomic.Int64
		var log *slog.Logger
		a := New(testkit.HandleFunc(func(context.Context, slog.Record) error {
			switch n := calls.Add(1); {
			case n%7 == 0:
				return errSink
			case n%11 == 0:
				panic(n)
			case n%101 == 0:
				runtime.Goexit()
			case n%50 == 0:
				offered.Add(1)
				log.Info("echo")
			}
			return nil
		}), &Options{Size: 50, Policy: policy, MaxWait: time.Millisecond, ReportInterval: -1})
		log = slog.New(a)
		var wg sync.WaitGroup
		for g := range 6 {
			wg.Go(func() {
				h := slog.Handler(a)
				for i := range 2000 {
					if i%100 == 0 {
						h = a.WithAttrs([]slog.Attr{slog.Int("i", i)})
					}
					offered.Add(1)
					_ = h.Handle(ctx, testkit.Message("m"))
					switch {
					case i%200 == 0:
						_ = a.Flush(t.Context())
					case i%70 == 0:
						s := a.Stats()
						if s.Queued < 0 {
							t.Errorf("%+v", s)
						}
					case g == 0 && i == 1900:
						if err := a.Shutdown(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		s := a.Stats()
		requireAccounts(t, offered.Load(), s)
		assert.Zero(t, s.Queued)
		assert.LessOrEqual(t, s.HighWater, 50)
	}
}

// watcher is told of scopes.
type watcher struct{ sink }

func (w *watcher) WithGroup(string) slog.Handler { return w }
func (w *watcher) ScopeStarted(ctx context.Context, s scope.Info) {
	if s.Path == "" {
		panic("no path")
	}
	_ = w.Handle(ctx, testkit.Message(strings.Join([]string{s.Path, s.Parent, s.TraceID, s.SpanID, slog.IntValue(s.Depth).String()}, " ")))
}

func TestScopeStarted(t *testing.T) {
	w := &watcher{}
	a := New(w, nil)
	derived := a.WithGroup("g").(*Handler)
	require.NoError(t, a.Handle(ctx, testkit.Message("before")))
	derived.ScopeStarted(ctx, scope.Info{Path: "a.b", Parent: "a", Depth: 1, TraceID: "t", SpanID: "s"})
	a.ScopeStarted(ctx, scope.Info{})
	require.NoError(t, derived.Handle(ctx, testkit.Message("after")))
	require.NoError(t, a.Flush(t.Context()))
	assert.Equal(t, []string{"before", "a.b a t s 1", "after"}, w.got()[:3])
	require.NoError(t, a.Shutdown(t.Context()))
	s := a.Stats()
	requireAccounts(t, 4, s)
	assert.Equal(t, int64(1), s.Panicked)

	deaf := New(&sink{}, nil)
	deaf.ScopeStarted(ctx, scope.Info{Path: "a"})
	require.NoError(t, deaf.Shutdown(t.Context()))
	assert.Zero(t, deaf.Stats(), "it takes no place for one that does not listen")
}

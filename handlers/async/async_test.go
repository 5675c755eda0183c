package async

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
)

var errSink = errors.New("the sink failed")

// sink is a next handler that does as it is told, and keeps what it was given.
type sink struct {
	mu       sync.Mutex
	messages []string
	do       func(context.Context, slog.Record) error
}

func (s *sink) Enabled(context.Context, slog.Level) bool { return true }
func (s *sink) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *sink) WithGroup(string) slog.Handler            { return s }
func (s *sink) Handle(ctx context.Context, r slog.Record) error {
	if s.do != nil {
		if err := s.do(ctx, r); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, r.Message)
	return nil
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.messages...)
}

// offer hands over records named from..to-1 and returns how many were refused.
func offer(a *Handler, from, to int) (refused int) {
	for i := from; i < to; i++ {
		if a.Handle(ctx, testkit.Message(fmt.Sprint(i))) != nil {
			refused++
		}
	}
	return refused
}

// requireAccounts checks that no record is unaccounted for.
func requireAccounts(t *testing.T, offered int64, s Stats) {
	t.Helper()
	require.Equal(t, offered, s.Queued+s.Handled+s.Dropped(), "%+v", s)
	require.GreaterOrEqual(t, s.Queued, int64(0), "%+v", s)
}

// gate blocks a sink until it is opened.
type gate chan struct{}

func (g gate) wait(context.Context, slog.Record) error { <-g; return nil }

func TestPolicies(t *testing.T) {
	for _, tc := range []struct {
		name    string
		policy  Policy
		refused int
		want    []string
	}{
		{"DropNewest", DropNewest, 5, []string{"0", MessageDropped, "1", "2", "3", "4"}},
		{"DropOldest", DropOldest, 0, []string{"0", MessageDropped, "6", "7", "8", "9"}},
		{"BlockThenDrop", BlockThenDrop, 5, []string{"0", MessageDropped, "1", "2", "3", "4"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := make(gate)
				next := &sink{do: g.wait}
				a := New(next, &Options{Size: 4, Policy: tc.policy, MaxWait: time.Second})
				offer(a, 0, 1)
				synctest.Wait() // the sink has the first
				start := time.Now()
				assert.Equal(t, tc.refused, offer(a, 1, 10))
				waited := time.Since(start)
				if tc.policy == BlockThenDrop {
					assert.Equal(t, 5*time.Second, waited)
				} else {
					assert.Zero(t, waited, "Handle does not wait")
				}
				s := a.Stats()
				assert.Equal(t, Stats{Queued: 5, Full: 5, HighWater: 4}, s)
				close(g)
				require.NoError(t, a.Shutdown(t.Context()))
				assert.Equal(t, tc.want, next.got())
				assert.Equal(t, Stats{Handled: 5, Full: 5, HighWater: 4}, a.Stats())
			})
		})
	}
}

// Those who wait for room get it, and none is lost.
func TestBlockGivesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &sink{do: func(context.Context, slog.Record) error { time.Sleep(10 * time.Millisecond); return nil }}
		a := New(next, &Options{Size: 2, Policy: BlockThenDrop, MaxWait: time.Second})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { assert.Zero(t, offer(a, 0, 25)) })
		}
		wg.Wait()
		require.NoError(t, a.Shutdown(t.Context()))
		assert.Len(t, next.got(), 100)
	})
}

// Shutdown ends the waiting of those who block.
func TestShutdownReleasesBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		a := New(&sink{do: g.wait}, &Options{Size: 1, Policy: BlockThenDrop, MaxWait: time.Hour})
		offer(a, 0, 1)
		synctest.Wait()
		offer(a, 1, 2)
		blocked := make(chan error)
		go func() { blocked <- a.Handle(ctx, testkit.Message("late")) }()
		synctest.Wait()
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { time.Sleep(time.Millisecond); close(g) }()
		require.NoError(t, a.Shutdown(limit))
		assert.ErrorIs(t, <-blocked, ErrShutdown)
		requireAccounts(t, 3, a.Stats())
	})
}

func TestOrder(t *testing.T) {
	last := map[string]int64{}
	var mu sync.Mutex
	a := New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
		mu.Lock()
		defer mu.Unlock()
		r.Attrs(func(at slog.Attr) bool {
			if n := at.Value.Int64(); n <= last[r.Message] {
				t.Errorf("%s: %d after %d", r.Message, n, last[r.Message])
			} else {
				last[r.Message] = n
			}
			return true
		})
		return nil
	}), &Options{Size: 100, Policy: BlockThenDrop, MaxWait: time.Minute})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			hs := []slog.Handler{a, a.WithGroup("g"), a.WithAttrs([]slog.Attr{slog.Int("a", 1)})}
			for i := range 3000 {
				r := testkit.Message(fmt.Sprint(g))
				r.AddAttrs(slog.Int("n", i+1))
				if err := hs[i%3].Handle(ctx, r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, a.Shutdown(t.Context()))
	assert.Equal(t, map[string]int64{"0": 3000, "1": 3000, "2": 3000, "3": 3000}, last)
	assert.LessOrEqual(t, a.Stats().HighWater, 100)
}

// A next handler that blocks for ever: Shutdown returns with its context, and says
// what was lost; what comes then is not handled even if the handler returns after all.
func TestBlockedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		next := &lifecycleSink{sink: sink{do: g.wait}}
		a := New(next, nil)
		offer(a, 0, 1)
		synctest.Wait() // the sink has the first
		offer(a, 1, 200)
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		flushed := make(chan error)
		go func() { flushed <- a.Flush(context.Background()) }()
		synctest.Wait()

		err := a.Shutdown(limit)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "199 records lost, and 1 still in the hands")
		require.ErrorIs(t, <-flushed, context.DeadlineExceeded)
		assert.Equal(t, Stats{Queued: 1, Shutdown: 199, HighWater: 199}, a.Stats())
		assert.Equal(t, 3, offer(a, 0, 3))
		requireAccounts(t, 203, a.Stats())
		assert.Equal(t, err, a.Shutdown(t.Context()), "the second call returns what the first did")
		assert.Equal(t, err, a.Flush(t.Context()))

		close(g)
		synctest.Wait()
		assert.Equal(t, []string{"0", MessageDropped}, next.got(), "which it is told")
		assert.Equal(t, 1, next.shutdowns, "it is shut down when it returns")
		requireAccounts(t, 203, a.Stats())
		assert.Zero(t, a.Stats().Queued)
	})
}

type lifecycleSink struct {
	sink
	flushes, shutdowns int
	flush, shutdown    func(context.Context) error
}

func (l *lifecycleSink) WithGroup(string) slog.Handler { return l }
func (l *lifecycleSink) Flush(ctx context.Context) error {
	l.flushes++
	if l.flush != nil {
		return l.flush(ctx)
	}
	return nil
}
func (l *lifecycleSink) Shutdown(ctx context.Context) error {
	l.shutdowns++
	if l.shutdown != nil {
		return l.shutdown(ctx)
	}
	return nil
}

func TestBadSinks(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(context.Context, slog.Record) error
		want Stats
		err  string
	}{
		"fails":      {func(context.Context, slog.Record) error { return errSink }, Stats{Failed: 100}, errSink.Error()},
		"panics":     {func(context.Context, slog.Record) error { panic(errSink) }, Stats{Panicked: 100}, "panic: the sink failed"},
		"panics nil": {func(context.Context, slog.Record) error { panic(nil) }, Stats{Panicked: 100}, "panic"},
		"exits": {func(context.Context, slog.Record) error { runtime.Goexit(); return nil },
			Stats{Panicked: 100}, "runtime.Goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := 0
				a := New(&sink{do: tc.do}, &Options{ReportInterval: -1, OnError: func(_ context.Context, err error) {
					told++
					assert.ErrorContains(t, err, tc.err)
					panic("OnError, too")
				}})
				assert.Zero(t, offer(a, 0, 100))
				require.NoError(t, a.Flush(t.Context()))
				requireAccounts(t, 100, a.Stats())
				require.NoError(t, a.Shutdown(t.Context()))
				s := a.Stats()
				assert.ErrorContains(t, s.LastError, tc.err)
				assert.Equal(t, 100, told)
				s.LastError, s.HighWater = nil, 0
				assert.Equal(t, tc.want, s)
			})
		})
	}
}

// A record is in the next handler's hands soon, though nobody flushes.
func TestWakesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &sink{}
		a := New(next, &Options{Size: 40})
		for round := range 3 {
			offer(a, 0, 1) // asleep
			synctest.Wait()
			require.Len(t, next.got(), 13*round+1)
			offer(a, 0, 2) // napping
			time.Sleep(nap)
			synctest.Wait()
			require.Len(t, next.got(), 13*round+3)
			offer(a, 0, 10) // a quarter of the queue
			synctest.Wait()
			require.Len(t, next.got(), 13*round+13)
			time.Sleep(2 * maxNaps * nap)
			synctest.Wait()
		}
		require.NoError(t, a.Shutdown(t.Context()))
	})
}

func TestEnabled(t *testing.T) {
	a := New(slogjson.New(nil, &slog.HandlerOptions{Level: slog.LevelWarn}), nil)
	assert.False(t, a.Enabled(ctx, slog.LevelInfo))
	assert.True(t, a.Enabled(ctx, slog.LevelWarn))
	require.NoError(t, a.Shutdown(t.Context()))

	a = New(panicEnabled{&sink{}}, nil)
	assert.False(t, a.Enabled(ctx, slog.LevelInfo))
	assert.ErrorContains(t, a.Stats().LastError, "panic: enabled")
	require.NoError(t, a.Shutdown(t.Context()))

	a = New(nil, nil)
	assert.Zero(t, offer(a, 0, 3))
	require.NoError(t, a.Shutdown(t.Context()))
	assert.Equal(t, int64(3), a.Stats().Handled)
}

type panicEnabled struct{ *sink }

func (panicEnabled) Enabled(context.Context, slog.Level) bool { panic("enabled") }

func TestContext(t *testing.T) {
	type key struct{}
	a := New(testkit.HandleFunc(func(ctx context.Context, r slog.Record) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if v := ctx.Value(key{}); r.Message == "v" && v != "value" {
			return fmt.Errorf("got %v", v)
		}
		return nil
	}), nil)
	with, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	cancel()
	require.NoError(t, a.Handle(with, testkit.Message("v")))
	var none context.Context
	require.NoError(t, a.Handle(none, testkit.Message("nil")))
	require.NoError(t, a.Shutdown(none))
	require.NoError(t, a.Flush(none))
	assert.Equal(t, int64(2), a.Stats().Handled)
}

func TestAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	g := make(gate)
	a := New(&sink{do: g.wait}, &Options{Size: 64, Policy: DropOldest})
	offer(a, 0, 100)
	r := testkit.TypicalTiming()
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = a.Handle(ctx, r) }))
	close(g)
	require.NoError(t, a.Shutdown(t.Context()))
}

package tailsample_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestKeepPanics(t *testing.T) {
	var got []error
	tel, h, out := setUp(&tailsample.Options{
		Rate: -1, Keep: func(context.Context, slogtel.Timing) bool { panic("oh") },
		OnError: func(_ context.Context, err error) { got = append(got, err); panic("again") },
	})
	ctx, root := tel.Start(bg, "request")
	tel.Count(ctx, "n", 1)
	root.End()
	assert.Equal(t, []string{"request.n", "request"}, scopes(out))
	require.Len(t, got, 1)
	assert.ErrorContains(t, got[0], "Options.Keep: panic: oh")
	assert.Zero(t, h.Stats().Waiting)
}

// A panic of OnError in a timer would be the end of the app, and a Goexit that of the timer.
func TestTimerSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		next := testkit.HandleFunc(func(context.Context, slog.Record) error {
			if calls++; calls == 1 {
				runtime.Goexit()
			}
			return errors.New("full")
		})
		told := 0
		h := tailsample.New(next, &tailsample.Options{
			Rate: 1, MaxAge: time.Minute, OnError: func(context.Context, error) { told++; panic("oh") },
		})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
		for range 3 {
			ctx, _ := tel.Start(bg, "request")
			tel.Count(ctx, "n", 1)
			tel.Count(ctx, "n", 1)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		assert.Equal(t, 5, calls, "all but one of the first trace")
		assert.Equal(t, 2, told)
		assert.EqualValues(t, 6, h.Stats().Errors)
		assert.Zero(t, h.Stats().Waiting)
		_ = tel.Shutdown(bg)
	})
}

func TestNilLevelVar(t *testing.T) {
	var none *slog.LevelVar
	tel, _, out := setUp(&tailsample.Options{Rate: 1, KeepLevel: none})
	_, root := tel.Start(bg, "request")
	root.End()
	assert.Equal(t, []string{"request"}, scopes(out))
}

// Rest gets what is dropped also where the next handler would not have had it.
func TestRestAlone(t *testing.T) {
	var out slogteltest.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, tailsample.New(nil, &tailsample.Options{Rate: -1, Rest: jsonlines.New(&out, nil)}))
	ctx, root := tel.Start(bg, "request")
	tel.Count(ctx, "n", 1)
	root.End()
	tel.Count(bg, "outside", 1)
	assert.Equal(t, []string{"request.n", "request"}, scopes(&out))
}

// What ends after its root obeys also a decision that was made early.
func TestLateAfterEarly(t *testing.T) {
	tel, _, out := setUp(&tailsample.Options{Rate: -1, MaxRecords: 2})
	ctx, root := tel.Start(bg, "request")
	in, late := tel.Start(ctx, "late")
	_ = tel.Time(ctx, "bad", func(context.Context) error { return io.EOF })
	tel.Count(ctx, "n", 1)
	root.End()
	tel.Count(in, "m", 1)
	late.End()
	assert.Equal(t, []string{"request.bad", "request.n", "request", "request.late.m", "request.late"}, scopes(out))
}

// A scope inside that ends while its root does obeys the root's decision.
func TestEndsTogether(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1})
	const many = 300
	for range many {
		ctx, root := tel.Start(bg, "request")
		root.Fail(io.EOF)
		_, child := tel.Start(ctx, "child")
		var both sync.WaitGroup
		both.Go(func() { child.End() })
		both.Go(func() { root.End() })
		both.Wait()
	}
	assert.Len(t, scopes(out), 2*many)
	assert.EqualValues(t, 2*many, h.Stats().RecordsKept)
}

// A root that is no longer needed is not held: it holds the context of a request.
func TestNothingIsHeld(t *testing.T) {
	tel, _, _ := setUp(&tailsample.Options{Rate: -1})
	const many = 50
	var freed atomic.Int64
	for range many {
		request := new([1 << 10]byte)
		runtime.AddCleanup(request, func(int) { freed.Add(1) }, 0)
		ctx, root := tel.Start(context.WithValue(bg, heldKey{}, request), "request")
		in, span := tel.Start(ctx, "late")
		tel.Timing(in, "measured", 1)
		span.Rename(in, "renamed")
		root.End()
		span.End()
	}
	assert.Eventually(t, func() bool { runtime.GC(); return freed.Load() >= many-1 }, time.Minute, 10*time.Millisecond)
	runtime.KeepAlive(tel)
}

type heldKey struct{}

// A trace that came sampled, and is decided on early, is kept as often as its records say.
func TestEarlyOfSampled(t *testing.T) {
	const traces = 4000
	tail := &tailsample.Options{Rate: 0.1, MaxRecords: 1}
	got := &tallies{records: map[string]int{}}
	h := tailsample.New(slogtel.NewHandler(got), tail)
	front := sample.New(&sample.Options{Rate: 0.5, Metrics: true})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, front.Middleware(h))
	for range traces {
		ctx, root := tel.Start(bg, "request")
		tel.Count(ctx, "n", 1)
		root.End()
	}
	records := 0
	for _, n := range got.records {
		records += n
	}
	assert.EqualValues(t, records, h.Stats().RecordsKept)
	const share = 0.05
	assert.InDelta(t, traces, got.sum, 6*math.Sqrt(traces*share*(1-share))/share)
	require.NoError(t, tel.Shutdown(bg))
}

// Roots whose event never comes are not followed forever.
func TestRootsThatWereDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := testkit.HandleFunc(func(context.Context, slog.Record) error { return nil })
		h := tailsample.New(next, &tailsample.Options{MaxAge: time.Minute})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sample.New(&sample.Options{Rate: -1}).Middleware(h))
		for range 100 {
			ctx, root := tel.Start(bg, "request")
			tel.Count(ctx, "n", 1)
			root.End()
		}
		_, running := tel.Start(bg, "running")
		assert.Equal(t, 101, h.Stats().Open)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		assert.Equal(t, 1, h.Stats().Open)
		assert.Zero(t, h.Stats().Waiting)
		running.End()
		require.NoError(t, tel.Shutdown(bg))
	})
}

// What waited for the end of its root is handed on though its own context has ended before.
func TestContextsHaveEnded(t *testing.T) {
	calls := 0
	next := testkit.HandleFunc(func(ctx context.Context, _ slog.Record) error { calls++; return ctx.Err() })
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(_ context.Context, err error) { t.Error(err) }},
		tailsample.New(next, &tailsample.Options{Rate: 1}))
	ctx, root := tel.Start(bg, "request")
	limited, cancel := context.WithCancel(ctx)
	in, span := tel.Start(limited, "child")
	tel.Count(in, "n", 1)
	span.End()
	cancel()
	root.End()
	assert.Equal(t, 3, calls)
}

func TestEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, h, out := setUp(&tailsample.Options{Rate: -1, MaxAge: time.Minute, MaxRecords: 5})
		ctx, root := tel.Start(bg, "failed")
		_ = tel.Time(ctx, "bad", func(context.Context) error { return errors.New("x") })
		time.Sleep(90 * time.Second)
		assert.Equal(t, []string{"failed.bad"}, scopes(out), "after MaxAge")
		tel.Count(ctx, "n", 1)
		root.End()
		assert.Equal(t, []string{"failed.bad", "failed.n", "failed"}, scopes(out), "what follows obeys")

		out.Reset()
		ctx, root = tel.Start(bg, "many")
		for range 7 {
			tel.Count(ctx, "n", 1)
		}
		assert.Zero(t, h.Stats().Waiting)
		_ = tel.Time(ctx, "bad", func(context.Context) error { return errors.New("x") })
		root.End()
		assert.Equal(t, []string{"many.bad"}, scopes(out), "a failure is never dropped")
		assert.EqualValues(t, 2, h.Stats().Early)
		assert.EqualValues(t, 8, h.Stats().RecordsDropped)
		require.NoError(t, tel.Shutdown(bg))
	})
}

func TestLate(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1})
	for _, fails := range []bool{true, false} {
		ctx, root := tel.Start(bg, fmt.Sprintf("fails_%v", fails))
		_, late := tel.Start(ctx, "late")
		if fails {
			root.Fail(errors.New("x"))
		}
		root.End()
		late.End()
	}
	assert.Equal(t, []string{"fails_true", "fails_true.late"}, scopes(out))
	assert.EqualValues(t, 2, h.Stats().Late)
}

// Memory is bounded, and everything is somewhere.
func TestBounds(t *testing.T) {
	tel, h, _ := setUp(&tailsample.Options{Rate: 0.5, MaxWaiting: 100})
	var roots []*slogtel.Span
	for range 1000 {
		ctx, root := tel.Start(bg, "request")
		tel.Count(ctx, "n", 1)
		roots = append(roots, root)
		assert.LessOrEqual(t, h.Stats().Waiting, int64(101))
	}
	for _, r := range roots[:500] {
		r.End()
	}
	require.NoError(t, tel.Shutdown(bg))
	s := h.Stats()
	assert.EqualValues(t, 1500, s.RecordsKept+s.RecordsDropped)
	assert.EqualValues(t, 1000, s.Chance+s.Dropped)
	assert.Zero(t, s.Open)
	assert.Zero(t, s.Waiting)
}

func TestErrors(t *testing.T) {
	calls := 0
	next := testkit.HandleFunc(func(context.Context, slog.Record) error {
		switch calls++; calls {
		case 1:
			return errors.New("full")
		case 2:
			panic("worse")
		}
		return nil
	})
	h := tailsample.New(next, nil)
	var got []error
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(_ context.Context, err error) { got = append(got, err) }}, h)
	ctx, root := tel.Start(bg, "request")
	for range 3 {
		tel.Count(ctx, "n", 1)
	}
	root.Fail(errors.New("x"))
	root.End()
	assert.Equal(t, 4, calls, "all are handed on")
	require.Len(t, got, 1)
	assert.ErrorContains(t, got[0], "full")
	assert.ErrorContains(t, got[0], "panic: worse")
	assert.EqualValues(t, 2, h.Stats().Errors)
}

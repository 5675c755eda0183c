package tailsample_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What comes late is kept with its trace, also if no scope was open when its root ended.
func TestLateOfKept(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1})
	ctx, root := tel.Start(bg, "request")
	root.Fail(io.EOF)
	root.End()
	tel.Timing(ctx, "measured", time.Second)
	tel.Count(ctx, "n", 1)
	_ = tel.Time(ctx, "late", func(context.Context) error { return nil })
	assert.Equal(t, []string{"request", "request.measured", "request.n", "request.late"}, scopes(out))
	assert.EqualValues(t, 3, h.Stats().Late)
	assert.EqualValues(t, 1, h.Stats().Failed)
}

// A trace has several roots in a process that takes its own messages from a queue.
func TestSeveralRootsOfATrace(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1})
	for _, err := range []error{io.EOF, nil} {
		ctx, root := tel.Start(bg, "send")
		message := map[string]string{}
		slogtel.Inject(ctx, func(k, v string) { message[k] = v })
		root.Fail(err)
		root.End()
		in, taken := tel.Start(slogtel.Extract(bg, func(k string) string { return message[k] }), "take")
		tel.Count(in, "n", 1)
		taken.End()
	}
	assert.Equal(t, []string{"send", "take.n", "take"}, scopes(out))
	assert.EqualValues(t, 2, h.Stats().Failed, "roots")
	assert.EqualValues(t, 2, h.Stats().Dropped)
}

// What is known of a root that has not ended counts when its trace is decided on early.
func TestKnownSoFar(t *testing.T) {
	type tenant struct{}
	for name, how := range map[string]struct {
		inside func(*slogtel.Span)
		kept   bool
	}{
		"nothing":   {func(*slogtel.Span) {}, false},
		"failed":    {func(root *slogtel.Span) { root.Fail(io.EOF) }, true},
		"asked for": {func(root *slogtel.Span) { root.SetAttrs(slog.Bool(tailsample.KeyKeep, true)) }, true},
		"Keep":      {func(root *slogtel.Span) { root.SetAttrs(slog.String("debug", "yes")) }, true},
		"not looked into": {func(root *slogtel.Span) {
			root.SetAttrs(slog.Any("debug", testkit.HandleFunc(nil)), slog.Any("list", []string{"a"}))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			keep := func(ctx context.Context, root slogtel.Timing) bool {
				assert.Equal(t, 7, ctx.Value(tenant{}))
				assert.Equal(t, "job", root.Scope)
				return slices.ContainsFunc(root.Attrs, func(a slog.Attr) bool { return a.Key == "debug" && a.Value.String() == "yes" })
			}
			tel, h, out := setUp(&tailsample.Options{Rate: -1, MaxRecords: 3, Keep: keep})
			ctx, root := tel.Start(context.WithValue(bg, tenant{}, 7), "started_as")
			ctx = root.Rename(ctx, "job")
			how.inside(root)
			for range 5 {
				tel.Count(ctx, "n", 1)
			}
			assert.EqualValues(t, 1, h.Stats().Early)
			if how.kept {
				assert.Len(t, scopes(out), 5)
			} else {
				assert.Empty(t, scopes(out))
			}
		})
	}
}

// Traces that never end make room for those that do, before these are decided on early.
func TestOldestMakeRoom(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1, MaxWaiting: 400})
	for range 4 {
		ctx, _ := tel.Start(bg, "stuck")
		for range 99 {
			tel.Count(ctx, "n", 1)
		}
	}
	for range 50 {
		ctx, root := tel.Start(bg, "request")
		for range 20 {
			tel.Count(ctx, "n", 1)
			assert.LessOrEqual(t, h.Stats().Waiting, int64(400))
		}
		root.Fail(io.EOF)
		root.End()
	}
	kept := scopes(out)
	assert.Len(t, kept, 50*21, "all of each request")
	assert.NotContains(t, strings.Join(kept, " "), "stuck")
	assert.EqualValues(t, 2, h.Stats().Early)
	assert.EqualValues(t, 50, h.Stats().Failed)
}

// A next handler that blocks while there is no room holds up who called it, and no memory.
func TestBlockedWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		next := testkit.HandleFunc(func(context.Context, slog.Record) error { <-free; return nil })
		h := tailsample.New(next, &tailsample.Options{Rate: 1, MaxWaiting: 100})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
		for range 50 {
			go func() {
				ctx, root := tel.Start(bg, "request")
				for range 20 {
					tel.Count(ctx, "n", 1)
				}
				root.End()
			}()
		}
		synctest.Wait()
		assert.LessOrEqual(t, h.Stats().Waiting, int64(100))
		close(free)
		synctest.Wait()
		require.NoError(t, tel.Shutdown(bg))
		s := h.Stats()
		assert.EqualValues(t, 50*21, s.RecordsKept)
		assert.EqualValues(t, 50, s.Chance)
		assert.Zero(t, s.Waiting)
		assert.Zero(t, s.Errors)
	})
}

// Roots are not held for scopes inside whose end a handler before this one has dropped.
func TestNothingIsHeldForWhatIsDropped(t *testing.T) {
	for _, ids := range []bool{false, true} {
		next := testkit.HandleFunc(func(context.Context, slog.Record) error { return nil })
		front := handlers.Filter(func(_ context.Context, r slog.Record) bool {
			timing, ok := slogtel.DecodeTiming(r)
			return !ok || timing.Depth == 0
		})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, front(tailsample.New(next, &tailsample.Options{MaxAge: 10 * time.Millisecond})))
		const many = 50
		var freed atomic.Int64
		for range many {
			request := new([1 << 10]byte)
			runtime.AddCleanup(request, func(int) { freed.Add(1) }, 0)
			ctx, root := tel.Start(context.WithValue(bg, heldKey{}, request), "request")
			_, span := tel.Start(ctx, "db")
			span.End()
			root.End()
		}
		assert.Eventually(t, func() bool { runtime.GC(); return freed.Load() >= many-1 }, time.Minute, 10*time.Millisecond)
		runtime.KeepAlive(tel)
	}
}

// Shares depend on the path of the root, and each record says which. Reasons come first.
func TestRules(t *testing.T) {
	const traces = 4000
	rules := []sample.Rule{{Scope: "health*", Rate: -1}, {Scope: "search", Rate: 0.5}, {Scope: "pay"}, {Scope: "*", Rate: 0.2}}
	tel, h, out := setUp(&tailsample.Options{Rate: -1, Rules: rules})
	rules[0].Rate = 1 // they were copied
	for range traces {
		for _, name := range []string{"health.live", "search", "pay", "other"} {
			ctx, root := tel.Start(bg, name)
			_, span := tel.Start(ctx, "health")
			span.End()
			root.End()
			tel.Count(ctx, "late", 1)
		}
	}
	_ = tel.Time(bg, "health", func(context.Context) error { return io.EOF })
	rates, records := map[string]any{"health": nil, "pay": nil, "search": 0.5, "other": 0.2}, map[string]int{}
	for _, line := range out.JSON() {
		root, _, _ := strings.Cut(line["scope"].(string), ".")
		require.Equal(t, rates[root], line["sample_rate"])
		records[root]++
	}
	assert.Equal(t, 1, records["health"], "the one that failed")
	assert.Equal(t, 3*traces, records["pay"])
	for root, rate := range map[string]float64{"search": 0.5, "other": 0.2} {
		assert.Zero(t, records[root]%3, "whole traces, with what came late")
		assert.InDelta(t, traces*rate, records[root]/3, 6*math.Sqrt(traces*rate*(1-rate)), root)
	}
	assert.EqualValues(t, traces*4*3+1, h.Stats().RecordsKept+h.Stats().RecordsDropped)
}

// A root that runs longer than most of its path is slow before it has ended.
func TestSlowestSoFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, h, out := setUp(&tailsample.Options{Rate: -1, Slowest: 0.9, MaxAge: time.Minute})
		run := func(takes time.Duration) {
			ctx, root := tel.Start(bg, "request")
			tel.Count(ctx, "n", 1)
			time.Sleep(takes)
			root.End()
		}
		for range 100 {
			run(time.Second)
		}
		assert.Empty(t, scopes(out))
		for range 20 {
			run(2 * time.Minute)
		}
		slow := h.Stats().Slow
		assert.InDelta(t, 11, slow, 2, "until such are usual")
		assert.EqualValues(t, 20, h.Stats().Early)
		assert.Len(t, scopes(out), 2*int(slow))
		require.NoError(t, tel.Shutdown(bg))
	})
}

// An error that is logged counts also where no handler has told of the root yet.
func TestLoggedFirst(t *testing.T) {
	_, h, out := setUp(&tailsample.Options{Rate: -1})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, testkit.HandleFunc(h.Handle)) // does not tell of starts
	ctx, root := tel.Start(bg, "request")
	slog.New(h).ErrorContext(ctx, "oh")
	tel.Count(ctx, "n", 1)
	root.End()
	assert.Equal(t, []string{"oh", "request.n", "request"}, scopes(out))
}

// A million roots are open: memory is bounded, and those that are pushed out are kept whole if they
// have failed by then.
func TestMillionOpen(t *testing.T) {
	roots := 1_000_000
	if testing.Short() {
		roots = 100_000
	}
	failed, records := 0, map[string]int{}
	next := testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
		timing, _ := slogtel.DecodeTiming(r)
		records[timing.TraceID]++
		return nil
	})
	h := tailsample.New(next, &tailsample.Options{Rate: -1, MaxAge: time.Hour})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	var recent []*slogtel.Span
	for i := range roots {
		ctx, root := tel.Start(bg, "request")
		_, step := tel.Start(ctx, "step")
		if i%100 == 0 {
			step.Fail(io.EOF)
			failed++
		}
		step.End()
		if recent = append(recent, root); len(recent) == 60_000 { // more than 50,000 have started since
			recent[0].End()
			recent = recent[1:]
		}
	}
	assert.LessOrEqual(t, h.Stats().Open, 50_000+16)
	for _, root := range recent {
		root.End()
	}
	require.NoError(t, tel.Shutdown(bg))
	assert.Len(t, records, failed)
	for id, n := range records {
		require.Equal(t, 2, n, id)
	}
	s := h.Stats()
	assert.EqualValues(t, 2*roots, s.RecordsKept+s.RecordsDropped)
	assert.Zero(t, s.Open)
	assert.Zero(t, s.Waiting)
}

// At every limit at once, on many goroutines, each record is either kept or dropped, once.
func TestConservedAtTheLimits(t *testing.T) {
	for _, ids := range []bool{false, true} {
		var got, sent atomic.Int64
		next := testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
			runtime.Gosched()
			got.Add(1)
			return nil
		})
		h := tailsample.New(next, &tailsample.Options{
			Rate: 0.3, Slowest: 0.5, MaxWaiting: 100, MaxRecords: 8, MaxAge: time.Millisecond, Rules: []sample.Rule{{Scope: "b", Rate: 0.5}},
		})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, h)
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(g), 0))
				for range 300 {
					ctx, root := tel.Start(bg, string("ab"[r.IntN(2)]))
					inside := r.IntN(12)
					for range inside {
						in, span := tel.Start(ctx, "in")
						if r.IntN(20) == 0 {
							span.Fail(io.EOF)
						}
						if r.IntN(2) == 0 {
							all.Go(func() { tel.Count(in, "n", 1); span.End() }) // maybe late
						} else {
							tel.Count(in, "n", 1)
							span.End()
						}
					}
					root.End()
					sent.Add(int64(1 + 2*inside))
				}
			})
		}
		all.Wait()
		require.NoError(t, tel.Shutdown(bg))
		s := h.Stats()
		assert.Equal(t, sent.Load(), s.RecordsKept+s.RecordsDropped)
		assert.Equal(t, got.Load(), s.RecordsKept)
		assert.Zero(t, s.Waiting)
		assert.Zero(t, s.Open)
		assert.Zero(t, s.Errors)
	}
}

// Without trace ids, a scope inside may end long after its root, for MaxAge.
func TestLateWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out slogteltest.Buffer
		h := tailsample.New(jsonlines.New(&out, nil), &tailsample.Options{Rate: -1, MaxAge: time.Minute})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
		var late []*slogtel.Span
		for range 200 {
			ctx, root := tel.Start(bg, "request")
			_, span := tel.Start(ctx, "late")
			late = append(late, span)
			root.Fail(io.EOF)
			root.End()
			time.Sleep(200 * time.Millisecond)
		}
		for _, span := range late {
			span.End()
		}
		assert.Len(t, scopes(&out), 2*len(late))
		require.NoError(t, tel.Shutdown(bg))
	})
}

// What Keep logs about a trace waits with it, and does not make it decide once more.
func TestKeepThatLogs(t *testing.T) {
	var kept bytes.Buffer
	asked := 0
	var log *slog.Logger
	h := tailsample.New(slog.NewJSONHandler(&kept, nil), &tailsample.Options{Logs: true, MaxRecords: 5, Keep: func(ctx context.Context, _ slogtel.Timing) bool {
		if asked++; asked < 100 {
			log.InfoContext(ctx, "asked")
		}
		return true
	}})
	log = slog.New(h)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, root := tel.Start(bg, "root")
	for range 5 {
		log.InfoContext(ctx, "work")
	}
	root.End()
	assert.Equal(t, 1, asked)
	assert.Equal(t, 7, strings.Count(kept.String(), "\n"), "five, that of Keep, and the root")
}

// Without trace ids, too, what starts after the root has ended is of its trace.
func TestScopesThatStartLate(t *testing.T) {
	var kept bytes.Buffer
	h := tailsample.New(slog.NewJSONHandler(&kept, nil), &tailsample.Options{Rate: -1})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	ctx, root := tel.Start(bg, "root")
	inCtx, in := tel.Start(ctx, "in")
	root.Fail(io.EOF)
	root.End()
	deeperCtx, deeper := tel.Start(inCtx, "deeper")
	in.End()
	tel.Count(deeperCtx, "n", 1)
	deeper.End()
	assert.Equal(t, 4, strings.Count(kept.String(), "\n"))
}

package tailsample_test

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
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

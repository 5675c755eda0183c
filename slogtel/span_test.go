package slogtel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

func TestEndTwice(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	_, span := tel.Start(t.Context(), "a")
	span.End(slog.Int("n", 1))
	span.End(slog.Int("n", 2))
	span.SetAttrs(slog.Int("late", 1))
	span.Fail(errors.New("late"))
	span.End()
	list := c.attrs(t)
	assert.Equal(t, int64(1), valueOf(t, list, "n").Int64())
	assert.NotContains(t, keysOf(list), "error")
}

func TestEndFromManyGoroutines(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true, Profile: true})
	const spans, ends = 50, 8
	var wg sync.WaitGroup
	for range spans {
		ctx, span := tel.Start(t.Context(), "a")
		for i := range ends {
			wg.Go(func() {
				span.SetAttrs(slog.Int("n", i))
				span.Fail(errors.New("x"))
				span.SetAttrs(rawPreview)
				tel.Count(ctx, "c", 1)
				span.End()
			})
		}
	}
	wg.Wait()
	var counts []int64
	for _, tm := range timings(t, c) {
		counts = append(counts, tm.CallCount)
	}
	assert.Len(t, counts, spans, "one event a span")
	want := make([]int64, spans)
	for i := range want {
		want[i] = int64(i + 1)
	}
	assert.ElementsMatch(t, want, counts)
}

func TestFail(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	var nilErr *nilError
	for _, tc := range []struct {
		fail []error
		want string
	}{
		{nil, ""},
		{[]error{nil}, ""},
		{[]error{errors.New("first"), nil}, "first"},
		{[]error{errors.New("first"), errors.New("last")}, "last"},
		{[]error{nilErr}, "Error() panicked"},
		{[]error{errors.New("")}, "*errors.errorString"},
	} {
		_, span := tel.Start(t.Context(), "a")
		for _, err := range tc.fail {
			span.Fail(err)
		}
		span.End()
		all := timings(t, c)
		assert.Contains(t, all[len(all)-1].Error, tc.want)
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestPanicIsTimedAndGoesOn(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	cause := errors.New("boom")
	assert.PanicsWithValue(t, cause, func() {
		_, span := tel.Start(t.Context(), "a")
		defer span.End(slog.Int("n", 1))
		panic(cause)
	})
	assert.PanicsWithValue(t, "boom", func() {
		_ = tel.Time(t.Context(), "b", func(context.Context) error { panic("boom") })
	})
	got := timings(t, c)
	require.Len(t, got, 2)
	assert.Equal(t, "panic: boom", got[0].Error)
	assert.Equal(t, "n", got[0].Attrs[0].Key)
	assert.Equal(t, "panic: boom", got[1].Error)

	done := make(chan struct{})
	go func() {
		defer close(done)
		_, span := tel.Start(context.Background(), "goexit")
		defer span.End()
		runtime.Goexit()
	}()
	<-done
	got = timings(t, c)
	require.Len(t, got, 3)
	assert.Empty(t, got[2].Error)

	var off *slogtel.Telemetry
	assert.PanicsWithValue(t, "boom", func() {
		_, span := off.Start(t.Context(), "a")
		defer span.End()
		panic("boom")
	})
}

func TestTime(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	want := errors.New("no")
	err := tel.Time(t.Context(), "outer", func(ctx context.Context) error {
		return tel.Time(ctx, "inner", func(context.Context) error { return want }, slog.Int("n", 1))
	})
	assert.Equal(t, want, err)
	assert.NoError(t, tel.Time(t.Context(), "nothing", nil))
	got := timings(t, c)
	require.Len(t, got, 3)
	assert.Equal(t, "outer.inner", got[0].Scope)
	assert.Equal(t, "no", got[0].Error)
	assert.Equal(t, "outer", got[1].Scope)

	off := slogtel.Disabled()
	assert.Equal(t, want, off.Time(t.Context(), "a", func(context.Context) error { return want }))
	assert.NoError(t, off.Time(t.Context(), "a", nil))
}

func TestSpanContextIsAContext(t *testing.T) {
	type key struct{}
	tel, c, _ := setup(slogtel.Options{})
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "v"), deadline)
	ctx, outer := tel.Start(ctx, "outer")
	in, span := tel.Start(context.WithValue(ctx, key{}, "w"), "inner")

	assert.Equal(t, "v", ctx.Value(key{}))
	assert.Equal(t, "w", in.Value(key{}))
	got, ok := in.Deadline()
	assert.True(t, ok)
	assert.Equal(t, deadline, got)
	assert.NoError(t, in.Err())
	before := runtime.NumGoroutine()
	derived, cancelDerived := context.WithCancel(in)
	defer cancelDerived()
	assert.LessOrEqual(t, runtime.NumGoroutine(), before, "cancellation is passed on without a goroutine")
	cancel()
	<-derived.Done()
	assert.ErrorIs(t, in.Err(), context.Canceled)
	assert.Contains(t, fmt.Sprint(in), "outer.inner")

	span.End() // an event of a canceled context is emitted all the same
	outer.End()
	require.Len(t, c.all(), 2)
	assert.Equal(t, in, c.ctxs[0], "reporters get the context of the scope")
}

func TestManyAttributes(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	for n := range 40 {
		list := make([]slog.Attr, n)
		for i := range list {
			list[i] = slog.Int(fmt.Sprint("k", i), i)
		}
		_, span := tel.Start(t.Context(), "a", list...)
		for i := range list {
			list[i] = slog.String("overwritten", "after Start")
		}
		span.End(slog.Bool("end", true))
		all := c.all()
		got := testkit.Attrs(all[len(all)-1])[10:]
		require.Len(t, got, n+1)
		for i := range n {
			assert.Equal(t, fmt.Sprint("k", i), got[i].Key)
		}
	}
}

// TestScopeFollowsTheContext opens scopes on goroutines that interleave: a parent
// kept by goroutine, or in a global, would be the wrong one.
func TestScopeFollowsTheContext(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	ctx, root := tel.Start(t.Context(), "root")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				ctx, a := tel.Start(ctx, fmt.Sprint("w", i))
				_, b := tel.Start(ctx, "inner")
				runtime.Gosched()
				a.End() // before its child
				b.End()
			}
		})
	}
	wg.Wait()
	root.End()
	count := map[string]int{}
	for _, tm := range timings(t, c) {
		count[tm.Scope+"<"+tm.ParentScope]++
	}
	for i := range 8 {
		assert.Equal(t, 100, count[fmt.Sprintf("root.w%d<root", i)])
		assert.Equal(t, 100, count[fmt.Sprintf("root.w%d.inner<root.w%d", i, i)])
	}
	assert.Len(t, count, 17)
}

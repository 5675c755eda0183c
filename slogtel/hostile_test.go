package slogtel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

var nan = math.NaN()

func TestNames(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	for _, tc := range []struct {
		name         string
		loose, tight string // path without and with strict scopes
		reportLoose  bool
		reportStrict bool
	}{
		{"plain", "plain", "plain", false, false},
		{"a.b", "a.b", "a.b", false, false},
		{"Upper Case", "Upper Case", "upper_case", false, true},
		{"", "unnamed", "unnamed", true, true},
		{"a\x1b[31m\n", "a\x1b[31m\n", "a_31m", false, true},
		{"日本", "日本", "unnamed", false, true},
		{"\xff", "\xff", "unnamed", false, true},
		{huge, huge[:1022], huge[:1022], true, true},
		{"A" + huge, "a" + huge[:1021], "a" + huge[:1021], true, true},
	} {
		for _, strict := range []slogtel.Mode{slogtel.Off, slogtel.On} {
			tel, c, e := setup(slogtel.Options{StrictScopes: strict})
			want, reported := tc.loose, tc.reportLoose
			if strict == slogtel.On {
				want, reported = tc.tight, tc.reportStrict
			}
			for range 2 { // the second time it is remembered
				ctx, span := tel.Start(t.Context(), tc.name)
				tel.Count(ctx, tc.name, 1)
				span.End()
				tel.Timing(t.Context(), tc.name, 1)
			}
			got := timings(t, c)
			require.Len(t, got, 4, "telemetry never breaks the work it watches")
			for i, tm := range got {
				assert.Equal(t, want, tm.Scope)
				assert.Equal(t, int64(i+1), tm.CallCount)
			}
			m, ok := slogtel.DecodeMetric(c.all()[0])
			require.True(t, ok)
			assert.Equal(t, want+"."+want, m.Scope)
			if !reported {
				assert.Empty(t, e.all())
				continue
			}
			require.Len(t, e.all(), 6, "each time")
			for _, err := range e.all() {
				assert.ErrorIs(t, err, scope.ErrInvalid)
				assert.Less(t, len(err.Error()), 4000)
			}
			if len(tc.name) > 64 {
				assert.ErrorContains(t, e.all()[0], tc.name[:64])
			} else {
				assert.ErrorContains(t, e.all()[0], fmt.Sprintf("%q", tc.name)[1:])
			}
		}
	}
}

func TestHostileAttributes(t *testing.T) {
	var nilValuer *pointerValuer
	var nilError *nilError
	tel, c, e := setup(slogtel.Options{})
	deep := slog.IntValue(1)
	for range 100 {
		deep = slog.GroupValue(slog.Attr{Key: "g", Value: deep})
	}
	_, span := tel.Start(t.Context(), "a",
		slog.Any("nil", nil),
		slog.Any("nil valuer", nilValuer),
		slog.Any("panicking", panicking{}),
		slog.Any("endless", endless{}),
		slog.Any("matryoshka", matryoshka{}),
		slog.Any("nil error", nilError),
		slog.Any("func", func() {}),
		slog.Attr{Key: "deep", Value: deep},
		slog.Attr{},
		slog.String("", "no key"),
		slog.String("\x00\x1b\n\xff", "\x00\x1b\n\xff"),
		slog.String("huge", strings.Repeat("x", 1<<20)))
	assert.NotPanics(t, func() { span.End() })
	list := c.attrs(t)
	for _, key := range []string{"nil", "matryoshka", "nil error", "func", "deep", "huge"} {
		assert.Contains(t, keysOf(list), key)
	}
	reported := func(key string) bool {
		return slices.ContainsFunc(e.all(), func(err error) bool {
			var ee *slogtel.EventError
			return errors.As(err, &ee) && ee.Key == key
		})
	}
	for _, key := range []string{"nil valuer", "panicking", "endless"} {
		assert.NotContains(t, keysOf(list), key)
		assert.True(t, reported(key), "what panics is left out and reported: %s", key)
	}

	before := len(c.all())
	tel.Metric(t.Context(), "m", nilValuer)
	tel.Metric(t.Context(), "m", panicking{})
	tel.Metric(t.Context(), "m", slog.GroupValue())
	assert.Len(t, c.all(), before, "a metric without a value is no metric")
	assert.ErrorIs(t, e.all()[len(e.all())-1], slogtel.ErrNoValue)
	tel.Metric(t.Context(), "m", nil)
	tel.Metric(t.Context(), "m", errors.New("e"))
	assert.Len(t, c.all(), before+2)
}

// TestEndlessGroups returns ever more of itself: without a bound of its own, a width
// of four and a depth of sixteen are four thousand million groups.
func TestEndlessGroups(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	tel.Count(t.Context(), "c", 1, slog.Any("wide", wide{}), slog.Int("after", 1))
	assert.Equal(t, []string{"wide", "after"}, keysOf(c.attrs(t)[5:]))
	require.Len(t, e.all(), 1)
	assert.ErrorIs(t, e.all()[0], slogtel.ErrTooManyAttrs)
}

type wide struct{}

func (w wide) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", w), slog.Any("b", w), slog.Any("c", w), slog.Any("d", w))
}

func TestTooManyAttributes(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	_, span := tel.Start(t.Context(), "a")
	for i := range 100_000 {
		span.SetAttrs(slog.Int("done", i)) // one attribute, however often
	}
	for i := range 2000 {
		span.SetAttrs(slog.Int(fmt.Sprint("k", i), i))
	}
	span.End()
	list := c.attrs(t)[10:]
	assert.Len(t, list, 1024)
	assert.Equal(t, int64(99_999), valueOf(t, list, "done").Int64())
	require.Len(t, e.all(), 2000-1023)
	assert.ErrorIs(t, e.all()[0], slogtel.ErrTooManyAttrs)

	many := make([]slog.Attr, 2000)
	for i := range many {
		many[i] = slog.Int(fmt.Sprint("k", i), i)
	}
	tel.Count(t.Context(), "c", 1, many...)
	assert.Equal(t, 5+1024, c.all()[1].NumAttrs())
	assert.Len(t, e.all(), 2000-1023+1)
}

// celsius is a number of a type of its own.
type celsius float64

func TestNumbersOfOtherTypes(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	tel.Metric(t.Context(), "m", celsius(36.6))
	m, ok := slogtel.DecodeMetric(c.all()[0])
	require.True(t, ok)
	assert.Equal(t, slog.Float64Value(36.6), m.Value)
	hot := math.Inf(1)
	for _, v := range []any{celsius(nan), &hot, []float64{1, nan}, [1]float32{float32(nan)}} {
		tel.Metric(t.Context(), "m", v)
		tel.Count(t.Context(), "c", 1, slog.Any("v", v))
	}
	assert.Len(t, e.all(), 8)
	assert.Len(t, c.all(), 5)
	for _, r := range c.all()[1:] {
		assert.Equal(t, 5, r.NumAttrs())
	}
}

// TestDeepNesting is a loop that gives the context of one round to the next.
func TestDeepNesting(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	ctx := t.Context()
	var span *slogtel.Span
	for range 10_000 {
		ctx, span = tel.Start(ctx, "iteration")
	}
	before := testkit.Heap()
	keep := make([]*slogtel.Span, 10_000)
	for i := range keep {
		ctx, keep[i] = tel.Start(ctx, "iteration")
	}
	assert.Less(t, testkit.Heap()-before, int64(10_000*(100+8)), "bytes of 10,000 open scopes and the slice of them")
	tel.Count(ctx, "n", 1)
	span.End()
	require.Len(t, e.all(), 1, "reported once")
	assert.ErrorIs(t, e.all()[0], slogtel.ErrPathTooLong)
	for _, r := range c.all() {
		path := valueOf(t, testkit.Attrs(r), "scope").String()
		assert.Less(t, len(path), 2100)
		assert.True(t, strings.HasSuffix(path, ".iteration.path_too_long"), path[len(path)-40:])
	}
	runtime.KeepAlive(keep)
}

func TestHostileForeignScopes(t *testing.T) {
	for _, in := range []scope.Info{
		{Path: "a", Depth: -7},
		{Path: strings.Repeat("a", 2<<20)},
		{Path: "Not Valid\n", TraceID: "not hex\n", SpanID: strings.Repeat("0", 16)},
	} {
		tel, c, e := setup(slogtel.Options{StrictScopes: slogtel.On, TraceIDs: true})
		_, span := tel.Start(scope.NewContext(t.Context(), in), "b")
		span.End()
		got := timings(t, c)[0]
		assert.NoError(t, scope.Validate(got.Scope))
		assert.Less(t, len(got.Scope), 100)
		assert.GreaterOrEqual(t, got.Depth, 0)
		assert.Regexp(t, "^[0-9a-f]{32}$", got.TraceID)
		assert.Empty(t, got.ParentSpanID)
		require.Len(t, e.all(), 1)
	}
	tel, c, _ := setup(slogtel.Options{})
	in := scope.NewContext(t.Context(), scope.Info{Path: "a", TraceID: strings.Repeat("ab", 16), SpanID: strings.Repeat("cd", 8)})
	tel.Count(in, "c", 1)
	assert.NotContains(t, keysOf(c.attrs(t)), "trace_id", "no ids without Options.TraceIDs")
}

// TestEndedScopesLetGo of what they were given, though their context lives on.
func TestEndedScopesLetGo(t *testing.T) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{})
	before := testkit.Heap()
	ctx := t.Context()
	for range 16 {
		var span *slogtel.Span
		ctx, span = tel.Start(ctx, "a", slog.String("big", strings.Repeat("x", 1<<20)))
		span.SetAttrs(slog.String("bigger", strings.Repeat("y", 1<<20)))
		span.End()
	}
	assert.Less(t, testkit.Heap()-before, int64(4<<20), "of 32 MiB")
	runtime.KeepAlive(ctx)
}

type pointerValuer struct{ v slog.Value }

func (p *pointerValuer) LogValue() slog.Value { return p.v }

type panicking struct{}

func (panicking) LogValue() slog.Value { panic("no value") }

type endless struct{}

func (e endless) LogValue() slog.Value { return slog.AnyValue(e) }

// matryoshka is a group of itself.
type matryoshka struct{}

func (m matryoshka) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("inner", m), slog.Any("other", m))
}

func TestMillionNames(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds under the race detector")
	}
	e := new(errorsSeen)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, discard{})
	use := func(from, to int) {
		for i := from; i < to; i++ {
			ctx, span := tel.Start(t.Context(), fmt.Sprint("request.id_", i))
			tel.Count(ctx, "n", 1)
			span.End()
		}
	}
	const names = 1_000_000
	before := testkit.Heap()
	use(0, names/10)
	atCap := testkit.Heap()
	use(names/10, names)
	after := testkit.Heap()
	runtime.KeepAlive(tel) // or its table is collected, and nothing is measured
	t.Logf("heap: %d KiB at the cap, %d KiB more after it", (atCap-before)>>10, (after-atCap)>>10)
	assert.Less(t, atCap-before, int64(4<<20))
	assert.Less(t, after-atCap, int64(1<<20))
	require.Len(t, e.all(), 1, "reported once")
	assert.ErrorIs(t, e.all()[0], slogtel.ErrTooManyScopes)

	c := new(collector)
	tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: e.add}, c)
	for range 2 {
		for i := range 9000 {
			tel.Timing(t.Context(), fmt.Sprint("n", i), 1)
		}
	}
	got := timings(t, c)
	assert.Equal(t, int64(2), got[9000].CallCount, "names known before go on being counted")
	assert.Equal(t, int64(0), got[17999].CallCount, "0: not counted")
	assert.Equal(t, "n8999", got[17999].Scope)
}

func TestHugeNamesAreNotKept(t *testing.T) {
	before := testkit.Heap()
	quiet := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, discard{})
	for i := range 2000 {
		name := fmt.Sprint(i) + strings.Repeat("y", 1000+i%2*1000) // below and above MaxLength
		_, span := quiet.Start(t.Context(), name)
		span.End()
	}
	assert.Less(t, testkit.Heap()-before, int64(4<<20))
	runtime.KeepAlive(quiet)
}

func TestMemoryOfOpenScopes(t *testing.T) {
	tel := on()
	const chains, depth = 2000, 16
	keep := make([]*slogtel.Span, 0, chains*depth)
	open := func() {
		for range chains {
			ctx := t.Context()
			for range depth {
				var span *slogtel.Span
				ctx, span = tel.Start(ctx, "nested")
				keep = append(keep, span)
			}
		}
	}
	open() // the paths are remembered
	keep = keep[:0]
	clear(keep[:cap(keep)])
	before := testkit.Heap()
	open()
	each := (testkit.Heap() - before) / (chains * depth)
	t.Logf("%d bytes an open scope", each)
	assert.LessOrEqual(t, each, int64(100))
	runtime.KeepAlive(keep)
}

// TestConcurrentNames adds paths to the table from many goroutines while others
// look them up: nobody may count a path twice over.
func TestConcurrentNames(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	const workers, names = 8, 500
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range names {
				ctx, span := tel.Start(t.Context(), fmt.Sprint("p", i%7))
				tel.Timing(ctx, fmt.Sprint("n", i), 1)
				span.End()
			}
		})
	}
	wg.Wait()
	last, events := map[string]int64{}, map[string]int64{}
	for _, tm := range timings(t, c) {
		events[tm.Scope]++
		last[tm.Scope] = max(last[tm.Scope], tm.CallCount)
	}
	assert.Equal(t, events, last)
	assert.Len(t, events, names+7)
}

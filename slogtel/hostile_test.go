package slogtel_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	for _, key := range []string{"nil", "nil valuer", "panicking", "endless", "matryoshka", "nil error", "func", "deep", "huge"} {
		assert.Contains(t, keysOf(list), key)
	}
	for _, key := range []string{"nil valuer", "panicking", "endless"} {
		v := valueOf(t, list, key)
		assert.Implements(t, (*error)(nil), v.Any(), key)
	}
	assert.Empty(t, e.all())

	tel.Metric(t.Context(), "m", nilValuer)
	tel.Metric(t.Context(), "m", panicking{})
	tel.Metric(t.Context(), "m", nil)
	tel.Metric(t.Context(), "m", errors.New("e"))
	assert.Len(t, c.all(), 5)
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
	before := heap()
	use(0, names/10)
	atCap := heap()
	use(names/10, names)
	after := heap()
	t.Logf("heap: %d KiB at the cap, %d KiB more after it", (atCap-before)>>10, (after-atCap)>>10)
	assert.Less(t, atCap-before, int64(4<<20))
	assert.Less(t, after-atCap, int64(1<<20))
	require.Len(t, e.all(), 1, "said once")
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
	tel, _, e := setup(slogtel.Options{})
	_ = e
	before := heap()
	quiet := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: nil}, discard{})
	for i := range 2000 {
		name := fmt.Sprint(i) + strings.Repeat("y", 1000)
		_, span := quiet.Start(t.Context(), name)
		span.End()
	}
	assert.Less(t, heap()-before, int64(4<<20))
	runtime.KeepAlive(quiet)
	runtime.KeepAlive(tel)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
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
	before := heap()
	open()
	each := (heap() - before) / (chains * depth)
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

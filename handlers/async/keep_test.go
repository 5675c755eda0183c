package async

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counterValuer resolves to what its counter is at the time.
type counterValuer struct{ n *int }

func (v counterValuer) LogValue() slog.Value { return slog.IntValue(*v.n) }

type groupValuer struct{ in slog.Value }

func (v groupValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.Attr{Key: "in", Value: v.in})
}

// selfGroup resolves to a group of two of itself: 2^n values at depth n.
type selfGroup struct{}

func (selfGroup) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", selfGroup{}), slog.Any("b", selfGroup{}))
}

type panicValuer struct{}

func (panicValuer) LogValue() slog.Value { panic("LogValue") }

// afterwards returns the attributes of a record that waited in the queue while change
// was called.
func afterwards(t *testing.T, attrs []slog.Attr, change func()) map[string]slog.Value {
	t.Helper()
	g, got := make(gate), map[string]slog.Value{}
	a := New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
		<-g
		r.Attrs(func(a slog.Attr) bool { got[a.Key] = a.Value; return true })
		return nil
	}), nil)
	r := slog.NewRecord(testkit.TypicalTiming().Time, slog.LevelWarn, "m", 7)
	r.AddAttrs(attrs...)
	require.NoError(t, a.Handle(ctx, r))
	change()
	close(g)
	require.NoError(t, a.Shutdown(t.Context()))
	return got
}

func TestKeepsValues(t *testing.T) {
	n := 1
	inner := map[string]any{"list": []any{1, map[string]int{"deep": 1}}}
	header := http.Header{"K": {"v"}}
	bytes := []byte("text")
	pointer := &n
	members := []slog.Attr{slog.Any("v", counterValuer{&n}), slog.Int("i", 1)}
	self := []any{nil}
	self[0] = self
	got := afterwards(t, []slog.Attr{
		slog.Any("valuer", counterValuer{&n}),
		slog.Any("nested", groupValuer{slog.AnyValue(counterValuer{&n})}),
		slog.Attr{Key: "group", Value: slog.GroupValue(members...)},
		slog.Any("map", inner),
		slog.Any("header", header),
		slog.Any("bytes", bytes),
		slog.Any("pointer", pointer),
		slog.Any("nil slice", []string(nil)),
		slog.Any("nil map", map[string]int(nil)),
		slog.Any("error", errSink),
		slog.Any("nil", nil),
		slog.Any("panics", panicValuer{}),
		slog.Any("self", self),
		slog.Any("metric_type", stringType("timing")),
		slog.String("last", "one"),
	}, func() {
		n = 2
		inner["list"].([]any)[0] = 2
		inner["list"].([]any)[1].(map[string]int)["deep"] = 2
		inner["more"] = 1
		header.Add("K", "w")
		copy(bytes, "XXXX")
	})
	require.Len(t, got, 15)
	assert.Equal(t, int64(1), got["valuer"].Int64())
	assert.Equal(t, int64(1), got["nested"].Group()[0].Value.Int64())
	assert.Equal(t, int64(1), got["group"].Group()[0].Value.Int64())
	assert.Equal(t, slog.KindLogValuer, members[0].Value.Kind(), "the caller's group is its own")
	assert.Equal(t, map[string]any{"list": []any{1, map[string]int{"deep": 1}}}, got["map"].Any())
	assert.Equal(t, http.Header{"K": {"v"}}, got["header"].Any())
	assert.Equal(t, []byte("text"), got["bytes"].Any())
	assert.Same(t, pointer, got["pointer"].Any())
	assert.Equal(t, []string(nil), got["nil slice"].Any())
	assert.Equal(t, map[string]int(nil), got["nil map"].Any())
	assert.Same(t, errSink, got["error"].Any())
	assert.Nil(t, got["nil"].Any())
	assert.ErrorContains(t, got["panics"].Any().(error), "LogValue panicked")
	assert.Len(t, got["self"].Any(), 1)
	assert.Equal(t, stringType("timing"), got["metric_type"].Any(), "telemetry's own type stays")
	assert.Equal(t, "one", got["last"].String())
}

// What has no end is kept in part.
func TestKeepsWithinLimits(t *testing.T) {
	r := testkit.Record(slog.Any("self", selfGroup{}), slog.Any("other", selfGroup{}), slog.Int("n", 1))
	kept := retain.Record(r)
	assert.Equal(t, 3, kept.NumAttrs())
	deep := any(1)
	for range 100 {
		deep = []any{deep}
	}
	wide := make([]any, 100)
	for i := range wide {
		wide[i] = make([]any, 1000)
	}
	kept = retain.Record(testkit.Record(slog.Any("deep", deep), slog.Any("wide", wide)))
	kept.Attrs(func(a slog.Attr) bool {
		if a.Key == "wide" {
			assert.Equal(t, wide, a.Value.Any())
		}
		return true
	})
}

func TestKeepsWithAttrs(t *testing.T) {
	list := []string{"a"}
	var kept []slog.Attr
	a := New(withAttrsFunc{&sink{}, func(attrs []slog.Attr) { kept = attrs }}, nil)
	attrs := []slog.Attr{slog.Int("n", 1), slog.Any("list", list)}
	a.WithAttrs(attrs)
	list[0] = "b"
	assert.Equal(t, []string{"a"}, kept[1].Value.Any())
	assert.Equal(t, list, attrs[1].Value.Any())
	assert.Same(t, a, a.WithAttrs(nil))
	assert.Same(t, a, a.WithGroup(""))
	require.NoError(t, a.Shutdown(t.Context()))
}

type withAttrsFunc struct {
	*sink
	f func([]slog.Attr)
}

func (w withAttrsFunc) WithAttrs(attrs []slog.Attr) slog.Handler { w.f(attrs); return w }

// A record is passed as it is where nothing must be kept.
func TestKeepsPlainRecords(t *testing.T) {
	for _, attrs := range [][]slog.Attr{
		nil, testkit.TenAttrs[:5], {slog.Any("error", errors.New("e")), slog.Any("struct", struct{ N int }{1})},
		{slog.Group("g", slog.Int("n", 1), slog.Group("h", slog.Any("p", &sink{})))},
		{slog.Any("metric_type", stringType("counter"))},
	} {
		r := testkit.Record(attrs...)
		assert.False(t, retain.Needs(&r), "%v", attrs)
	}
	for _, a := range []slog.Attr{
		slog.Any("metric_type", numberType(1)), slog.Any("other", stringType("counter")), slog.Any("m", http.Header{}),
		slog.Group("g", slog.Group("h", slog.Any("s", []int{1}))),
	} {
		r := testkit.Record(slog.Int("n", 1), a)
		assert.True(t, retain.Needs(&r), "%v", a)
	}
}

// One record in two queues: what the next handler of one adds is not in the other's.
func TestSharesNoRoom(t *testing.T) {
	r := testkit.Message("m")
	for range 8 { // one at a time, so that there is room for more
		r.AddAttrs(slog.Int("own", 1))
	}
	for _, added := range []string{"first", "second"} {
		var got []string
		a := New(testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
			r.AddAttrs(slog.Int(added, 1))
			r.Attrs(func(a slog.Attr) bool { got = append(got, a.Key); return true })
			return nil
		}), nil)
		require.NoError(t, a.Handle(ctx, r))
		require.NoError(t, a.Shutdown(t.Context()))
		assert.Equal(t, []string{"own", "own", "own", "own", "own", "own", "own", "own", added}, got)
	}
}

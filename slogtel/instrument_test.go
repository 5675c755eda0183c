package slogtel_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

func metrics(c *collector) []slogtel.Metric {
	var list []slogtel.Metric
	for _, r := range c.all() {
		if m, ok := slogtel.DecodeMetric(r); ok {
			list = append(list, m)
		}
	}
	return list
}

func TestInstruments(t *testing.T) {
	tel, c, e := setup(slogtel.Options{TraceIDs: true, ContextAttrs: func(context.Context) []slog.Attr {
		return []slog.Attr{slog.String("tenant", "x"), slog.String("model", "of the context")}
	}})
	attrs := []slog.Attr{slog.String("model", "m"), slog.Int("scope", 1)}
	opts := &slogtel.InstrumentOptions{Unit: "By", Help: "Bytes read.", Attrs: attrs}
	bytes := tel.NewCounter("disk.bytes", opts)
	cost := tel.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD"})
	load := tel.NewGauge("load", nil)
	size := tel.NewHistogram("size", &slogtel.InstrumentOptions{Help: "Sizes."})
	attrs[0] = slog.String("model", "changed later")
	*opts = slogtel.InstrumentOptions{}

	ctx, span := tel.Start(t.Context(), "deep.inside")
	bytes.Add(ctx, 9, slog.Int("n", 1))
	bytes.Add(t.Context(), 1, slog.String("model", "of the call"))
	cost.AddFloat(ctx, 0.25)
	load.Set(ctx, -1.5)
	size.Record(ctx, 3)
	span.End()
	assert.Empty(t, e.all())

	assert.Equal(t, []string{"scope", "depth", "parent_scope", "metric_type", "value", "unit", "trace_id", "span_id",
		"tenant", "model", "user_scope", "n"}, keysOf(testkit.Attrs(c.all()[0])))
	id := timings(t, c)[0].SpanID
	got := metrics(c)
	require.Len(t, got, 5)
	for i, want := range []struct {
		scope, unit, span string
		typ               slogtel.MetricType
		value             slog.Value
		model             string
	}{
		{"disk.bytes", "By", id, slogtel.TypeCounter, slog.Int64Value(9), "m"},
		{"disk.bytes", "By", "", slogtel.TypeCounter, slog.Int64Value(1), "of the call"},
		{"cost", "USD", id, slogtel.TypeCounter, slog.Float64Value(0.25), "of the context"},
		{"load", "", id, slogtel.TypeGauge, slog.Float64Value(-1.5), "of the context"},
		{"size", "", id, slogtel.TypeHistogram, slog.Float64Value(3), "of the context"},
	} {
		m := got[i]
		assert.Equal(t, want.scope, m.Scope)
		assert.Zero(t, m.Depth)
		assert.Empty(t, m.ParentScope)
		assert.Equal(t, want.typ, m.Type)
		assert.Equal(t, want.unit, m.Unit)
		assert.Equal(t, want.value, m.Value)
		assert.Equal(t, want.span, m.SpanID)
		assert.Equal(t, want.model, valueOf(t, m.Attrs, "model").String())
	}
	r := c.all()[0]
	assert.Equal(t, "Bytes read.", event.SeriesOf(&r).Help)
}

func TestInstrumentsReject(t *testing.T) {
	tel, c, e := setup(slogtel.Options{StrictScopes: slogtel.On})
	counter := tel.NewCounter("Not Valid", nil)
	assert.Len(t, e.all(), 1, "once, when it is made")
	counter.Add(t.Context(), 1)
	assert.Len(t, e.all(), 1)
	assert.Equal(t, "not_valid", metrics(c)[0].Scope)

	counter.AddFloat(t.Context(), -0.5)
	counter.AddFloat(t.Context(), math.NaN())
	tel.CountFloat(t.Context(), "a", -0.5)
	tel.CountFloat(t.Context(), "a", math.Inf(1))
	tel.NewGauge("b", nil).Set(t.Context(), math.Inf(-1))
	tel.NewHistogram("b", nil).Record(t.Context(), math.NaN())
	var nowhere context.Context
	tel.CountFloat(nowhere, "a", -1)
	want := []error{slogtel.ErrNegative, slogtel.ErrNotFinite, slogtel.ErrNegative, slogtel.ErrNotFinite,
		slogtel.ErrNotFinite, slogtel.ErrNotFinite, slogtel.ErrNegative}
	require.Len(t, e.all(), 1+len(want))
	for i, err := range want {
		assert.ErrorIs(t, e.all()[1+i], err)
	}
	assert.Len(t, metrics(c), 1)
}

func TestCountFloat(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	for _, v := range []float64{0, 0.1, 1e300, 2} {
		tel.CountFloat(t.Context(), "cost", v)
	}
	assert.Empty(t, e.all())
	for i, v := range []float64{0, 0.1, 1e300, 2} {
		assert.Equal(t, slogtel.TypeCounter, metrics(c)[i].Type)
		assert.Equal(t, slog.Float64Value(v), metrics(c)[i].Value)
	}
}

func TestInstrumentsThatAreOff(t *testing.T) {
	var none *slogtel.Telemetry
	for _, tel := range []*slogtel.Telemetry{none, slogtel.Disabled()} {
		counter, gauge, histogram := tel.NewCounter("a", nil), tel.NewGauge("a", nil), tel.NewHistogram("a", nil)
		assert.Nil(t, counter)
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			counter.Add(context.Background(), 1, slog.Int("n", 1))
			counter.AddFloat(context.Background(), 1)
			gauge.Set(context.Background(), 1)
			histogram.Record(context.Background(), 1)
		}))
	}
	tel, c, _ := setup(slogtel.Options{})
	counter := tel.NewCounter("a", nil)
	require.NoError(t, tel.Shutdown(t.Context()))
	counter.Add(t.Context(), 1)
	counter.AddFloat(t.Context(), -1)
	assert.Empty(t, c.all())
}

func TestDo(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	failed := errors.New("no")
	n, err := slogtel.Do(t.Context(), tel, "sum", func(ctx context.Context) (int, error) {
		info, _ := scope.FromContext(ctx)
		assert.Equal(t, "sum", info.Path)
		return 3, failed
	}, slog.Int("n", 1))
	assert.Equal(t, 3, n)
	assert.Equal(t, failed, err)
	got := timings(t, c)[0]
	assert.Equal(t, "no", got.Error)
	assert.Equal(t, []slog.Attr{slog.Int("n", 1)}, got.Attrs)

	assert.PanicsWithValue(t, "worse", func() {
		_, _ = slogtel.Do(t.Context(), tel, "sum", func(context.Context) (int, error) { panic("worse") })
	})
	assert.Equal(t, "panic: worse", timings(t, c)[1].Error)

	for _, off := range []*slogtel.Telemetry{nil, slogtel.Disabled(), tel} {
		text, err := slogtel.Do(t.Context(), off, "a", func(context.Context) (string, error) { return "x", nil })
		assert.Equal(t, "x", text)
		assert.NoError(t, err)
		none, err := slogtel.Do[[]int](t.Context(), off, "a", nil)
		assert.Nil(t, none)
		assert.NoError(t, err)
	}
}

func TestFromContext(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	var nowhere context.Context
	assert.Nil(t, slogtel.FromContext(nowhere))
	assert.Nil(t, slogtel.FromContext(t.Context()))
	assert.Nil(t, slogtel.FromContext(scope.NewContext(t.Context(), scope.Info{Path: "a"})))
	ctx, span := tel.Start(t.Context(), "a")
	assert.Same(t, tel, slogtel.FromContext(ctx))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slogtel.FromContext(ctx).Count(ctx, "n", 1)
	assert.Equal(t, "a.n", metrics(c)[0].Scope)
	span.End()
	assert.Same(t, tel, slogtel.FromContext(ctx))
	slogtel.FromContext(t.Context()).Count(ctx, "n", 1)
	assert.Len(t, metrics(c), 1)
}

type seenKey struct{}

func TestWithContext(t *testing.T) {
	withContext := func(ctx context.Context, s scope.Info) context.Context {
		outer, _ := ctx.Value(seenKey{}).(string)
		return context.WithValue(ctx, seenKey{}, outer+"/"+s.Path+"#"+s.SpanID)
	}
	tel, c, e := setup(slogtel.Options{TraceIDs: true, WithContext: withContext})
	ctx, outer := tel.Start(t.Context(), "a")
	inside, inner := tel.Start(ctx, "b")
	tel.Count(inside, "n", 1)
	inner.End()
	outer.End()
	ids := timings(t, c)
	assert.Equal(t, "/a#"+ids[1].SpanID, ctx.Value(seenKey{}))
	assert.Equal(t, "/a#"+ids[1].SpanID+"/a.b#"+ids[0].SpanID, inside.Value(seenKey{}))
	assert.Equal(t, ids[1].SpanID, ids[0].ParentSpanID)
	assert.Equal(t, inside.Value(seenKey{}), c.ctxs[1].Value(seenKey{}), "reporters see it, too")
	assert.Empty(t, e.all())

	for name, hurt := range map[string]func(context.Context, scope.Info) context.Context{
		"nil":    func(context.Context, scope.Info) context.Context { return nil },
		"panics": func(context.Context, scope.Info) context.Context { panic("no context") },
	} {
		tel, c, e := setup(slogtel.Options{WithContext: hurt})
		ctx, cancel := context.WithCancel(t.Context())
		in, span := tel.Start(ctx, "a")
		cancel()
		assert.Error(t, in.Err(), name)
		span.End()
		assert.Len(t, timings(t, c), 1)
		assert.Equal(t, name == "panics", len(e.all()) == 1)
	}
}

// A trace of another system goes on through a scope that it has seen.
func TestWithContextAndTraceParent(t *testing.T) {
	type ids struct{ trace, span string }
	tel, c, _ := setup(slogtel.Options{
		TraceIDs: true,
		TraceParent: func(ctx context.Context) (string, string) {
			i, _ := ctx.Value(seenKey{}).(ids)
			return i.trace, i.span
		},
		WithContext: func(ctx context.Context, s scope.Info) context.Context {
			return context.WithValue(ctx, seenKey{}, ids{s.TraceID, s.SpanID})
		},
	})
	foreign := ids{"0123456789abcdef0123456789abcdef", "0123456789abcdef"}
	ctx, a := tel.Start(context.WithValue(t.Context(), seenKey{}, foreign), "a")
	ctx, b := tel.Start(ctx, "b")
	tel.Count(ctx, "n", 1)
	b.End()
	a.End()
	got := timings(t, c)
	assert.Equal(t, foreign.span, got[1].ParentSpanID)
	assert.Equal(t, got[1].SpanID, got[0].ParentSpanID)
	assert.Equal(t, got[0].SpanID, metrics(c)[0].SpanID)
	for _, tm := range got {
		assert.Equal(t, foreign.trace, tm.TraceID)
	}
}

package slogtel_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

func TestTimingRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, c, e := setup(slogtel.Options{Level: slog.LevelDebug})
		ctx, outer := tel.Start(t.Context(), "pipeline")
		start := time.Now()
		ctx, span := tel.Start(ctx, "plan", slog.String("model", "m"))
		time.Sleep(1234567 * time.Nanosecond)
		span.SetAttrs(slog.Int("batches", 3))
		span.End(slog.Bool("final", true))
		end := time.Now()

		all := c.all()
		require.Len(t, all, 1)
		r := all[0]
		assert.Equal(t, "telemetry.timing", r.Message)
		assert.Equal(t, slog.LevelDebug, r.Level)
		assert.Zero(t, r.PC)
		assert.True(t, r.Time.Equal(end), "%v, want %v", r.Time, end)

		list := testkit.Attrs(r)
		assert.Equal(t, []string{"scope", "depth", "parent_scope", "metric_type", "call_count", "duration_s",
			"start_monotonic_s", "end_monotonic_s", "start_wall_time_s", "end_wall_time_s",
			"model", "batches", "final"}, keysOf(list))
		for key, want := range map[string]slog.Value{
			"scope":             slog.StringValue("pipeline.plan"),
			"depth":             slog.IntValue(1),
			"parent_scope":      slog.StringValue("pipeline"),
			"call_count":        slog.IntValue(1),
			"duration_s":        slog.Float64Value(0.001234567),
			"start_wall_time_s": slog.Float64Value(float64(start.UnixNano()) / 1e9),
			"end_wall_time_s":   slog.Float64Value(float64(end.UnixNano()) / 1e9),
			"model":             slog.StringValue("m"),
			"batches":           slog.IntValue(3),
			"final":             slog.BoolValue(true),
		} {
			assert.True(t, want.Equal(valueOf(t, list, key)), "%s = %v, want %v", key, valueOf(t, list, key), want)
		}
		typ := valueOf(t, list, "metric_type")
		assert.Equal(t, slog.KindLogValuer, typ.Kind(), "a Go type of ours tells our records")
		assert.Equal(t, "timing", typ.Resolve().String())
		mono := valueOf(t, list, "end_monotonic_s").Float64() - valueOf(t, list, "start_monotonic_s").Float64()
		assert.InDelta(t, 0.001234567, mono, 1e-6)

		outer.End()
		info, ok := scope.FromContext(ctx)
		assert.True(t, ok, "a context stays in its scope after End")
		assert.Equal(t, "pipeline.plan", info.Path)
		assert.Empty(t, e.all())
	})
}

func TestMetricRecords(t *testing.T) {
	tel, c, e := setup(slogtel.Options{})
	ctx, _ := tel.Start(t.Context(), "api.request") // one scope, though its name has a dot
	tel.Count(ctx, "tokens", 12, slog.String("model", "m"))
	tel.Gauge(ctx, "load", 3) // an integer is a float all the same
	tel.Histogram(ctx, "size", 0.5)
	tel.Metric(ctx, "status", "ok")
	tel.Count(t.Context(), "requests", -1)

	type metric struct {
		scope, parent, typ string
		depth              int64
		value              slog.Value
	}
	want := []metric{
		{"api.request.tokens", "api.request", "counter", 1, slog.Int64Value(12)},
		{"api.request.load", "api.request", "gauge", 1, slog.Float64Value(3)},
		{"api.request.size", "api.request", "histogram", 1, slog.Float64Value(0.5)},
		{"api.request.status", "api.request", "", 1, slog.StringValue("ok")},
		{"requests", "", "counter", 0, slog.Int64Value(-1)},
	}
	all := c.all()
	require.Len(t, all, len(want))
	for i, r := range all {
		list := testkit.Attrs(r)
		assert.Equal(t, "telemetry.metric", r.Message)
		assert.Equal(t, want[i].scope, valueOf(t, list, "scope").String())
		assert.Equal(t, want[i].parent, valueOf(t, list, "parent_scope").String())
		assert.Equal(t, want[i].depth, valueOf(t, list, "depth").Int64())
		assert.True(t, want[i].value.Equal(valueOf(t, list, "value")), "%v", list)
		if want[i].typ == "" {
			assert.NotContains(t, keysOf(list), "metric_type")
			assert.Equal(t, []string{"scope", "depth", "parent_scope", "value"}, keysOf(list))
		} else {
			assert.Equal(t, want[i].typ, valueOf(t, list, "metric_type").Resolve().String())
		}
	}
	assert.Equal(t, []string{"scope", "depth", "parent_scope", "metric_type", "value", "model"}, keysOf(testkit.Attrs(all[0])))
	assert.Empty(t, e.all())
}

// TestJSONLine shows the record as a log shipper gets it from slog's own handler.
func TestJSONLine(t *testing.T) {
	var out strings.Builder
	tel := on(slog.NewJSONHandler(&out, nil))
	_, span := tel.Start(t.Context(), "a")
	span.Fail(errors.New("no luck"))
	span.End(slog.String("scope", "mine"))
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(out.String()), &line))
	assert.Equal(t, "timing", line["metric_type"])
	assert.Equal(t, "a", line["scope"])
	assert.Equal(t, "mine", line["user_scope"])
	assert.Equal(t, "no luck", line["error"])
}

func TestTimingMeasuredElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, c, _ := setup(slogtel.Options{})
		ctx, _ := tel.Start(t.Context(), "a")
		now := time.Now()
		tel.Timing(ctx, "b", 1500*time.Millisecond, slog.Int("n", 1))
		tel.Timing(ctx, "b", -time.Second)
		got := timings(t, c)
		require.Len(t, got, 2)
		assert.Equal(t, "a.b", got[0].Scope)
		assert.Equal(t, 1500*time.Millisecond, got[0].Duration)
		assert.True(t, got[0].End.Equal(now))
		assert.True(t, got[0].Start.Equal(now.Add(-1500*time.Millisecond)))
		assert.Equal(t, int64(1), got[0].CallCount)
		assert.Zero(t, got[1].Duration, "never negative")
		assert.Equal(t, int64(2), got[1].CallCount)
	})
}

func TestCallCountIsOfThePath(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	ctx := t.Context()
	_, one := tel.Start(ctx, "a.b") // depth 0
	one.End()
	in, a := tel.Start(ctx, "a")
	_, two := tel.Start(in, "b") // depth 1, same path
	two.End()
	a.End()
	tel.Timing(in, "b", 0)
	got := timings(t, c)
	require.Len(t, got, 4)
	for i, want := range []struct {
		path  string
		depth int
		calls int64
	}{{"a.b", 0, 1}, {"a.b", 1, 2}, {"a", 0, 1}, {"a.b", 1, 3}} {
		assert.Equal(t, want.path, got[i].Scope)
		assert.Equal(t, want.depth, got[i].Depth)
		assert.Equal(t, want.calls, got[i].CallCount)
	}
}

func TestUserAttributes(t *testing.T) {
	tel, c, e := setup(slogtel.Options{ContextAttrs: func(ctx context.Context) []slog.Attr {
		return []slog.Attr{slog.String("tenant", "t"), slog.Int("n", 0)}
	}})
	_, span := tel.Start(t.Context(), "a",
		slog.Int("n", 1),
		slog.String("scope", "x"), slog.Int("duration_s", 2), slog.String("level", "l"),
		slog.Group("empty"),
		slog.Group("", slog.Int("inline", 3), slog.String("depth", "deep")),
		slog.Group("g", slog.String("scope", "kept inside a group")))
	span.SetAttrs(slog.Int("n", 4))
	span.End(slog.Int("other", 5), slog.Int("n", 6))
	list := c.attrs(t)[10:]
	assert.Equal(t, []string{"tenant", "n", "user_scope", "user_duration_s", "user_level", "inline", "user_depth", "g", "other"}, keysOf(list))
	assert.Equal(t, int64(6), valueOf(t, list, "n").Int64(), "the last wins")
	assert.Equal(t, "scope", valueOf(t, list, "g").Group()[0].Key)
	assert.Empty(t, e.all())
}

func TestContextAttrsMayPanic(t *testing.T) {
	tel, c, e := setup(slogtel.Options{ContextAttrs: func(ctx context.Context) []slog.Attr { panic("oops") }})
	tel.Count(t.Context(), "a", 1, slog.Int("n", 1))
	assert.Equal(t, int64(1), valueOf(t, c.attrs(t), "n").Int64())
	require.Len(t, e.all(), 1)
	assert.ErrorContains(t, e.all()[0], "oops")
}

func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		tel, c, e := setup(slogtel.Options{})
		ctx := t.Context()
		tel.Gauge(ctx, "g", v)
		tel.Histogram(ctx, "h", v)
		tel.Metric(ctx, "m", v)
		tel.Metric(ctx, "m", float32(v))
		tel.Metric(ctx, "m", valuer{slog.Float64Value(v)})
		assert.Empty(t, c.all(), "a metric without a value is no metric")
		require.Len(t, e.all(), 5)
		for _, err := range e.all() {
			assert.ErrorIs(t, err, slogtel.ErrNotFinite)
		}
		assert.ErrorContains(t, e.all()[0], `"g"`)

		tel.Count(ctx, "c", 1, slog.Float64("bad", v), slog.Int("good", 1),
			slog.Any("lazy", valuer{slog.Float64Value(v)}),
			slog.Group("grp", slog.Float64("inner", v), slog.Int("kept", 2)))
		list := c.attrs(t)
		assert.Equal(t, []string{"good", "grp"}, keysOf(list[5:]), "the event goes out without them")
		assert.Equal(t, []string{"kept"}, keysOf(list[6].Value.Group()))
		require.Len(t, e.all(), 8)
		assert.ErrorContains(t, e.all()[7], `attribute "grp.inner"`)
		assert.Equal(t, int64(8), tel.Stats().EventErrors)
	}
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

func TestTraceIDs(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true})
	ctx, root := tel.Start(t.Context(), "root")
	in, child := tel.Start(ctx, "child")
	tel.Count(in, "n", 1)
	tel.Count(t.Context(), "outside", 1)
	tel.Timing(in, "elsewhere", 0)
	child.End()
	root.End()

	all := c.all()
	require.Len(t, all, 5)
	m, _ := slogtel.DecodeMetric(all[0])
	outside, _ := slogtel.DecodeMetric(all[1])
	elsewhere, _ := slogtel.DecodeTiming(all[2])
	inner, _ := slogtel.DecodeTiming(all[3])
	outer, _ := slogtel.DecodeTiming(all[4])

	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{32}$`), outer.TraceID)
	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{16}$`), outer.SpanID)
	assert.Empty(t, outer.ParentSpanID)
	assert.NotContains(t, keysOf(testkit.Attrs(all[4])), "parent_span_id")
	assert.Equal(t, outer.TraceID, inner.TraceID)
	assert.Equal(t, outer.SpanID, inner.ParentSpanID)
	assert.Equal(t, inner.TraceID, m.TraceID)
	assert.Equal(t, inner.SpanID, m.SpanID)
	assert.Equal(t, inner.SpanID, elsewhere.ParentSpanID)
	assert.NotEqual(t, inner.SpanID, elsewhere.SpanID)
	assert.Empty(t, outside.TraceID)
	assert.Empty(t, outside.Attrs)

	info, _ := scope.FromContext(in)
	assert.Equal(t, scope.Info{Path: "root.child", Parent: "root", Depth: 1, TraceID: inner.TraceID, SpanID: inner.SpanID}, info)
}

func TestContinuesForeignScopes(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true})
	remote := scope.Info{TraceID: strings.Repeat("ab", 16), SpanID: strings.Repeat("cd", 8)}
	_, span := tel.Start(scope.NewContext(t.Context(), remote), "handle")
	span.End()

	other, _, _ := setup(slogtel.Options{})
	ctx, _ := other.Start(t.Context(), "outer")
	ctx, _ = other.Start(ctx, "mid")
	_, span = tel.Start(ctx, "inner")
	span.End()

	got := timings(t, c)
	require.Len(t, got, 2)
	assert.Equal(t, "handle", got[0].Scope)
	assert.Zero(t, got[0].Depth)
	assert.Equal(t, remote.TraceID, got[0].TraceID)
	assert.Equal(t, remote.SpanID, got[0].ParentSpanID)
	assert.Equal(t, "outer.mid.inner", got[1].Scope)
	assert.Equal(t, "outer.mid", got[1].ParentScope)
	assert.Equal(t, 2, got[1].Depth)
}

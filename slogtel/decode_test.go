package slogtel_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

// samples are one record of each kind, as emitted.
func samples(t *testing.T) []slog.Record {
	tel, c, _ := setup(slogtel.Options{TraceIDs: true})
	everything(t, tel, t.Context())
	require.Len(t, c.all(), 7)
	return c.all()
}

// resolved is r after a middleware that resolves values.
func resolved(r slog.Record) slog.Record {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		a.Value = a.Value.Resolve()
		out.AddAttrs(a)
		return true
	})
	return out
}

// grouped is r after a handler that puts its open groups into the record.
func grouped(r slog.Record, names ...string) slog.Record {
	list := testkit.Attrs(r)
	for _, name := range names {
		list = []slog.Attr{slog.String("beside", name), {Key: name, Value: slog.GroupValue(list...)}, slog.Group("later", slog.Int("n", 1))}
	}
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	out.AddAttrs(list...)
	return out
}

func TestDecode(t *testing.T) {
	for _, r := range samples(t) {
		require.True(t, slogtel.IsTelemetry(r))
		tm, isTiming := slogtel.DecodeTiming(r)
		m, isMetric := slogtel.DecodeMetric(r)
		assert.NotEqual(t, isTiming, isMetric)
		for _, other := range []slog.Record{resolved(r), grouped(r, "g"), grouped(resolved(r), "g", "h", "i")} {
			assert.True(t, slogtel.IsTelemetry(other))
			tm2, ok := slogtel.DecodeTiming(other)
			assert.Equal(t, isTiming, ok)
			m2, ok := slogtel.DecodeMetric(other)
			assert.Equal(t, isMetric, ok)
			own := len(tm.Attrs) + len(m.Attrs)
			extra := other.NumAttrs() == 3
			if extra {
				assert.Greater(t, len(tm2.Attrs)+len(m2.Attrs), own, "what stood beside the group is kept")
			}
			tm2.Attrs, m2.Attrs = tm2.Attrs[:len(tm.Attrs)], m2.Attrs[:len(m.Attrs)]
			if len(m.Attrs) == 0 {
				m2.Attrs = m.Attrs
			}
			if len(tm.Attrs) == 0 {
				tm2.Attrs = tm.Attrs
			}
			assert.Equal(t, tm, tm2)
			assert.Equal(t, m, m2)
		}
	}
}

func TestDecodeIgnoresAppRecords(t *testing.T) {
	attrs := testkit.Attrs(samples(t)[1]) // a timing without attributes of its own
	make := func(message string, list ...slog.Attr) slog.Record {
		r := slog.NewRecord(time.Now(), slog.LevelInfo, message, 0)
		r.AddAttrs(list...)
		return r
	}
	require.True(t, slogtel.IsTelemetry(make("telemetry.timing", attrs...)))
	records := []slog.Record{
		make("telemetry.timing"),
		make("telemetry.metric"),
		make("telemetry.summary"),
		make("telemetry.timing", slog.String("scope", "a"), slog.String("metric_type", "timing")),
		make("telemetry.metric", slog.String("scope", "a"), slog.Int("value", 1)),
		make("something else", attrs...),
		make("telemetry.metric", attrs...),
	}
	for i, a := range attrs[:6] { // each of these must be there, and of its kind
		without := append(append([]slog.Attr{}, attrs[:i]...), attrs[i+1:]...)
		records = append(records, make("telemetry.timing", without...))
		wrong := append([]slog.Attr{{Key: a.Key, Value: slog.TimeValue(time.Now())}}, without...)
		records = append(records, make("telemetry.timing", wrong...))
	}
	for _, r := range records {
		assert.False(t, slogtel.IsTelemetry(r), "%s %v", r.Message, testkit.Attrs(r))
		_, ok := slogtel.DecodeTiming(r)
		assert.False(t, ok)
		_, ok = slogtel.DecodeMetric(r)
		assert.False(t, ok)
	}
}

func TestDecodeSummaryIsTelemetry(t *testing.T) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String("scope", "a"), slog.String("parent_scope", ""), slog.String("metric_type", "timing"),
		slog.Float64("interval_s", 60), slog.Int("count", 2))
	assert.True(t, slogtel.IsTelemetry(r))
}

// TestDecodeBehindMiddleware sends events through slog-multi's pipe and a logger's
// groups and attributes.
func TestDecodeBehindMiddleware(t *testing.T) {
	c := new(collector)
	touch := slogmulti.NewHandleInlineMiddleware(func(ctx context.Context, r slog.Record, next func(context.Context, slog.Record) error) error {
		r = r.Clone()
		r.AddAttrs(slog.String("host", "h"))
		return next(ctx, resolved(r))
	})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogmulti.Pipe(touch).Handler(c))
	tel.Count(t.Context(), "a", 2)
	m, ok := slogtel.DecodeMetric(c.all()[0])
	require.True(t, ok)
	assert.Equal(t, slogtel.TypeCounter, m.Type)
	assert.Equal(t, int64(2), m.Value.Int64())
	assert.Equal(t, []slog.Attr{slog.String("host", "h")}, m.Attrs)
}

func TestDecodeReusesSpace(t *testing.T) {
	all := samples(t)
	var tm slogtel.Timing
	var m slogtel.Metric
	for range 2 {
		for _, r := range all {
			want, isTiming := slogtel.DecodeTiming(r)
			assert.Equal(t, isTiming, tm.Decode(r))
			if isTiming {
				assert.Equal(t, want.Scope, tm.Scope)
				assert.Equal(t, len(want.Attrs), len(tm.Attrs))
			}
			assert.Equal(t, !isTiming, m.Decode(r))
		}
	}
	bad := slog.NewRecord(time.Now(), 0, slogtel.MessageTiming, 0)
	assert.False(t, tm.Decode(bad))
}

// TestDecodeHugeDuration reads what no clock of ours has written.
func TestDecodeHugeDuration(t *testing.T) {
	for seconds, want := range map[float64]time.Duration{1e300: math.MaxInt64, -1e300: math.MinInt64} {
		r := slog.NewRecord(time.Now(), 0, slogtel.MessageTiming, 0)
		r.AddAttrs(slog.String("scope", "a"), slog.Int("depth", 0), slog.String("parent_scope", ""),
			slog.String("metric_type", "timing"), slog.Int("call_count", 1), slog.Float64("duration_s", seconds))
		tm, ok := slogtel.DecodeTiming(r)
		require.True(t, ok)
		assert.Equal(t, want, tm.Duration)
	}
}

// TestDecodeIsExact: seconds as floats give back the nanoseconds they came from.
func TestDecodeIsExact(t *testing.T) {
	tel, c, _ := setup(slogtel.Options{})
	for _, d := range []time.Duration{0, 1, 999, 1234567, time.Hour, 12345678901234567} {
		tel.Timing(t.Context(), "a", d)
	}
	for i, tm := range timings(t, c) {
		want := []time.Duration{0, 1, 999, 1234567, time.Hour, 12345678901234567}[i]
		if want < 1<<53 {
			assert.Equal(t, want, tm.Duration)
		} else {
			assert.InEpsilon(t, float64(want), float64(tm.Duration), 1e-15)
		}
		assert.Equal(t, tm.End, tm.Start.Add(tm.Duration))
	}
}

func TestDecodeSampleRate(t *testing.T) {
	for _, r := range samples(t) {
		for given, want := range map[any]float64{0.25: 0.25, 1.0: 1, 0.0: 0, -1.0: 0, 1.5: 0, "0.5": 0} {
			value := slog.AnyValue(given)
			sampled := r.Clone()
			sampled.AddAttrs(slog.Attr{Key: slogtel.KeySampleRate, Value: value})
			tm, isTiming := slogtel.DecodeTiming(sampled)
			m, isMetric := slogtel.DecodeMetric(sampled)
			require.True(t, isTiming || isMetric)
			assert.Equal(t, want, tm.SampleRate+m.SampleRate, "%v", value)
			own := tm.Attrs
			if isMetric {
				own = m.Attrs
			}
			kept := len(own) > 0 && own[len(own)-1].Key == slogtel.KeySampleRate
			assert.Equal(t, want == 0, kept, "what is no rate stays an attribute: %v", value)
		}
	}
}

// keeping is a Reporter that keeps the attributes of what it is given.
type keeping struct{ attrs [][]slog.Attr }

func (k *keeping) RecordTiming(_ context.Context, t slogtel.Timing) error {
	k.attrs = append(k.attrs, t.Attrs)
	return nil
}

func (k *keeping) RecordMetric(_ context.Context, m slogtel.Metric) error {
	k.attrs = append(k.attrs, m.Attrs)
	return nil
}

func (k *keeping) RecordSummary(_ context.Context, s slogtel.Summary) error {
	k.attrs = append(k.attrs, s.Attrs)
	return nil
}

// What With adds to a handler of NewHandler is treated as what a call adds.
func TestNewHandlerPrefixesReservedKeys(t *testing.T) {
	var k keeping
	h := slogtel.NewHandler(&k).WithAttrs([]slog.Attr{
		slog.String("scope", "mine"), slog.Int("n", 1), slog.Int("m", 1), slog.Group("", slog.String("msg", "mine")), slog.Int("n", 2),
	}).WithGroup("value").WithAttrs([]slog.Attr{slog.Int("depth", 3)})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	tel.Count(t.Context(), "c", 1, slog.Int("m", 2), slog.String("error", "mine"))
	tel.Timing(t.Context(), "t", 1, slog.Int("m", 2), slog.String("error", "mine"))
	summary := slogtel.Summary{Scope: "s", Attrs: []slog.Attr{slog.Int("m", 2), slog.String("error", "mine")}}
	require.NoError(t, h.Handle(t.Context(), summary.Record(slog.LevelInfo)))
	want := []slog.Attr{
		slog.String("user_scope", "mine"), slog.Int("n", 2), slog.Int("m", 2), slog.String("user_msg", "mine"),
		slog.Group("user_value", slog.Int("depth", 3)), slog.String("user_error", "mine"),
	}
	require.Len(t, k.attrs, 3)
	for _, got := range k.attrs {
		assert.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
	}
}

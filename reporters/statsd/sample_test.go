package statsd

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

// events are records of all forms, as a Telemetry makes them.
func events() []slog.Record {
	model, status := slog.String("model", "m"), slog.Group("http", slog.Int("status", 200), slog.String("x", "y"))
	var all []slog.Record
	for _, ids := range []bool{false, true} {
		make1 := func(f func(context.Context, *slogtel.Telemetry)) {
			var r slog.Record
			f(context.Background(), slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, capture{&r}))
			all = append(all, r)
		}
		for _, attrs := range [][]slog.Attr{nil, {model}, {model, status, slog.String("scope", "mine"), slog.Int("value", 3), slog.String("error", "mine")}} {
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Timing(ctx, "a.b", 1234567, attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Count(ctx, "a.b", -3, attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Gauge(ctx, "a.b", 0.1, attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Histogram(ctx, "a.b", 7, attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Metric(ctx, "a.b", 7, attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) { t.Metric(ctx, "a.b", "text", attrs...) })
			make1(func(ctx context.Context, t *slogtel.Telemetry) {
				ctx, span := t.Start(ctx, "outer", attrs...)
				defer span.End()
				_ = t.Time(ctx, "inner", func(context.Context) error { return context.Canceled }, attrs...)
			})
		}
	}
	return all
}

// want is what package slogtel makes of r.
func want(t *tagKeys, r slog.Record) (s sample, v verdict) {
	if m, ok := slogtel.DecodeTiming(r); ok {
		if m.InSummary {
			return s, noForm
		}
		s = sample{Sample: event.Sample{Scope: m.Scope, SampleRate: m.SampleRate}, kind: timing, value: value{bits: uint64(m.Duration)}}
		t.takeAll(&s.tags, nil, m.Attrs)
		if slot := t.Failed(); slot >= 0 {
			s.tags.put(slot, slog.BoolValue(m.Error != ""))
		}
		return s, wellRead
	}
	if m, ok := slogtel.DecodeMetric(r); ok {
		if m.InSummary {
			return s, noForm
		}
		s = sample{Sample: event.Sample{Scope: m.Scope}, kind: gauge}
		t.takeAll(&s.tags, nil, m.Attrs)
		var f float64
		v := m.Value.Resolve()
		switch v.Kind() {
		case slog.KindInt64:
			f = float64(v.Int64())
		case slog.KindUint64:
			f = float64(v.Uint64())
		case slog.KindFloat64:
			f = v.Float64()
		case slog.KindDuration:
			f = float64(v.Duration()) / 1e6
		default:
			return s, noForm
		}
		s.bits = math.Float64bits(f)
		switch m.Type {
		case slogtel.TypeCounter:
			s.kind = floatCounter
			if v.Kind() == slog.KindInt64 {
				s.kind, s.bits = counter, uint64(v.Int64())
			}
		case slogtel.TypeHistogram:
			s.kind = histogram
		}
		if s.kind != gauge {
			s.SampleRate = m.SampleRate
		}
		if !finite(f) {
			return s, noForm
		}
		return s, wellRead
	}
	if slogtel.IsTelemetry(r) {
		return s, noForm
	}
	return s, notOurs
}

func checkRead(t *testing.T, keys *tagKeys, r slog.Record) {
	t.Helper()
	var got sample
	verdict := keys.read(&r, &got)
	wanted, wantVerdict := want(keys, r)
	if !assert.Equal(t, wantVerdict, verdict) || verdict != wellRead {
		return
	}
	assert.Equal(t, wanted.kind, got.kind)
	assert.Equal(t, wanted.Scope, got.Scope)
	assert.Equal(t, wanted.SampleRate, got.SampleRate)
	assert.Equal(t, wanted.bits, got.bits)
	assert.Equal(t, wanted.tags, got.tags)
}

func testKeys(t testing.TB) *tagKeys {
	keys, err := newTagKeys([]string{"model", "http.status", "error", "user_scope", "n", "raw_preview.model", "http"})
	assert.NoError(t, err)
	return keys
}

// What is read in one go is what package slogtel decodes, whatever was done to the
// record on its way.
func TestReadAsSlogtelDoes(t *testing.T) {
	keys := testKeys(t)
	for _, r := range events() {
		checkRead(t, keys, r)
		checkRead(t, keys, resolved(r))
		for _, rate := range []slog.Value{slog.Float64Value(0.25), slog.Float64Value(1), slog.Float64Value(0), slog.Float64Value(-1),
			slog.Float64Value(math.NaN()), slog.Float64Value(1.5), slog.StringValue("0.5"), slog.IntValue(1)} {
			rated := with(r, append(attrsOf(r), slog.Attr{Key: slogtel.KeySampleRate, Value: rate})...)
			checkRead(t, keys, rated)
			checkRead(t, keys, nested(rated, "g"))
			checkRead(t, keys, with(rated, append(attrsOf(rated), slog.Float64(slogtel.KeySampleRate, 0.5))...))
		}
		for _, v := range []slog.Value{slog.BoolValue(true), slog.BoolValue(false), slog.StringValue("true"), slog.IntValue(1), slog.GroupValue(slog.Bool("n", true))} {
			for _, a := range []slog.Attr{{Key: slogtel.KeyInSummary, Value: v}, slog.Group("", slog.Attr{Key: slogtel.KeyInSummary, Value: v})} {
				marked := with(r, append(attrsOf(r), a)...)
				checkRead(t, keys, marked)
				checkRead(t, keys, resolved(marked))
				checkRead(t, keys, nested(marked, "g"))
				checkRead(t, keys, with(nested(r, "g"), append(attrsOf(nested(r, "g")), a)...))
				checkRead(t, keys, with(marked, append(attrsOf(marked), slog.Bool(slogtel.KeyInSummary, false))...))
				checkRead(t, keys, with(r, append([]slog.Attr{a}, attrsOf(r)...)...))
			}
		}
		checkRead(t, keys, nested(r, "g"))
		checkRead(t, keys, nested(nested(resolved(r), "g"), "model"))
		for i := range r.NumAttrs() {
			checkRead(t, keys, without(r, i))
			checkRead(t, keys, moved(r, i))
			for _, v := range []slog.Value{slog.IntValue(1), slog.Float64Value(1.5), slog.Float64Value(math.Inf(1)), slog.StringValue("counter"), slog.GroupValue(), {}} {
				checkRead(t, keys, changed(r, i, v))
			}
		}
	}
}

func attrsOf(r slog.Record) (attrs []slog.Attr) {
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	return attrs
}

func with(r slog.Record, attrs ...slog.Attr) slog.Record {
	d := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	d.AddAttrs(attrs...)
	return d
}

func nested(r slog.Record, group string) slog.Record {
	return with(r, slog.Int("n", 5), slog.Attr{Key: group, Value: slog.GroupValue(attrsOf(r)...)}, slog.String("model", "outside"))
}

func without(r slog.Record, i int) slog.Record {
	attrs := attrsOf(r)
	return with(r, append(attrs[:i:i], attrs[i+1:]...)...)
}

// moved also has the attribute at the end.
func moved(r slog.Record, i int) slog.Record {
	attrs := attrsOf(r)
	return with(r, append(attrs, attrs[i])...)
}

func changed(r slog.Record, i int, v slog.Value) slog.Record {
	attrs := attrsOf(r)
	attrs[i].Value = v
	return with(r, attrs...)
}

func FuzzRead(f *testing.F) {
	all := events()
	for i := range all {
		f.Add(uint8(i), uint64(i), "model", "m")
		f.Add(uint8(i), math.Float64bits(0.25), slogtel.KeySampleRate, "m")
		f.Add(uint8(i), uint64(i), slogtel.KeyInSummary, "m")
	}
	keys := testKeys(f)
	f.Fuzz(func(t *testing.T, which uint8, seed uint64, key, text string) {
		r := all[int(which)%len(all)]
		rnd := rand.New(rand.NewPCG(seed, 0))
		attrs := attrsOf(r)
		values := []slog.Value{
			slog.StringValue(text), slog.Int64Value(int64(seed)), slog.Float64Value(math.Float64frombits(seed)), slog.BoolValue(true),
			slog.AnyValue(slogtel.MetricType(text)), slog.AnyValue(slogtel.TypeGauge), slog.GroupValue(slog.String(key, text)), slog.DurationValue(time.Duration(seed)),
		}
		for range rnd.IntN(4) {
			a := slog.Attr{Key: key, Value: values[rnd.IntN(len(values))]}
			if rnd.IntN(2) == 0 {
				a.Key = attrs[rnd.IntN(len(attrs))].Key
			}
			switch i := rnd.IntN(len(attrs)); rnd.IntN(4) {
			case 0:
				attrs[i] = a
			case 1:
				attrs = append(attrs, a)
			case 2:
				attrs = append(attrs[:i:i], append([]slog.Attr{a}, attrs[i:]...)...)
			case 3:
				attrs[i].Value = a.Value
			}
		}
		r = with(r, attrs...)
		if rnd.IntN(3) == 0 {
			r = nested(r, key)
		}
		checkRead(t, keys, r)
	})
}

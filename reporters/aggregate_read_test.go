package reporters

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// decoded is what read is to find, by way of package slogtel.
func decoded(r slog.Record) (e aggregateEvent, ok bool) {
	if t, is := slogtel.DecodeTiming(r); is && !t.InSummary {
		weight, ok := sampleWeight(t.SampleRate, t.Attrs)
		return aggregateEvent{
			key:   seriesKey{path: t.Scope, parent: t.ParentScope, typ: slogtel.TypeTiming},
			level: r.Level, depth: t.Depth, weight: weight,
			value: float64(max(0, t.Duration)), failed: t.Error != "",
		}, ok
	}
	m, is := slogtel.DecodeMetric(r)
	if !is || m.InSummary || m.Type == slogtel.TypePlain {
		return aggregateEvent{}, false
	}
	weight, ok := sampleWeight(m.SampleRate, m.Attrs)
	e = aggregateEvent{
		key:   seriesKey{path: m.Scope, parent: m.ParentScope, typ: m.Type},
		level: r.Level, depth: m.Depth, weight: weight,
	}
	if m.Type == slogtel.TypeCounter {
		e.number = m.Value.Int64()
	} else {
		e.value = m.Value.Float64()
	}
	return e, ok && e.value-e.value == 0
}

// inForm are records as a Telemetry makes them.
func inForm() []slog.Record {
	make := func(message string, attrs ...slog.Attr) slog.Record {
		r := slog.NewRecord(time.Unix(1, 2), slog.LevelWarn, message, 0)
		r.AddAttrs(slog.String("scope", "a.b"), slog.Int("depth", 1), slog.String("parent_scope", "a"))
		r.AddAttrs(attrs...)
		return r
	}
	typ := func(t slogtel.MetricType) slog.Attr { return slog.Any("metric_type", t) }
	timing := func(seconds float64, more ...slog.Attr) slog.Record {
		return make(slogtel.MessageTiming, append([]slog.Attr{typ(slogtel.TypeTiming), slog.Int("call_count", 7), slog.Float64("duration_s", seconds),
			slog.Float64("start_monotonic_s", 1), slog.Float64("end_monotonic_s", 2)}, more...)...)
	}
	return []slog.Record{
		timing(0.001234567),
		timing(0),
		timing(1e300),
		timing(-1),
		timing(2, slog.String("error", "boom"), slog.String("own", "x")),
		timing(2, slog.String("error", ""), slog.Float64("sample_rate", 0.25)),
		timing(2, slog.Float64("sample_rate", 0.37), slog.Int("error", 3)),
		make(slogtel.MessageMetric, typ(slogtel.TypeCounter), slog.Int("value", -3), slog.String("error", "the caller's")),
		make(slogtel.MessageMetric, typ(slogtel.TypeGauge), slog.Float64("value", 0.5), slog.Float64("sample_rate", 1)),
		make(slogtel.MessageMetric, slog.String("metric_type", "histogram"), slog.Float64("value", 1e9)),
	}
}

func TestAggregateReadsWhatIsDecoded(t *testing.T) {
	for _, r := range inForm() {
		e := aggregateEvent{weight: 1}
		require.True(t, e.read(&r), "%v", r)
		want, ok := decoded(r)
		require.True(t, ok, "%v", r)
		assert.Equal(t, want, e, "%v", r)
	}
}

// Whatever stands in the record: what is read is what would be decoded.
func TestAggregateReadsNothingElse(t *testing.T) {
	odd := []slog.Value{
		slog.StringValue("x"), slog.IntValue(1), slog.Float64Value(math.NaN()), slog.Float64Value(math.Inf(1)), slog.BoolValue(true),
		slog.AnyValue(slogtel.TypeGauge), slog.AnyValue(nil), slog.GroupValue(slog.Int("a", 1)), slog.Uint64Value(1), slog.DurationValue(1),
	}
	keys := []string{"scope", "depth", "parent_scope", "metric_type", "call_count", "duration_s", "value", "error", "sample_rate", "in_summary", "own"}
	read := 0
	check := func(r slog.Record) {
		e := aggregateEvent{weight: 1}
		if !e.read(&r) {
			return
		}
		read++
		want, ok := decoded(r)
		if assert.True(t, ok, "%v", r) {
			assert.Equal(t, want, e, "%v", r)
		}
	}
	for _, r := range inForm() {
		var all []slog.Attr
		r.Attrs(func(a slog.Attr) bool { all = append(all, a); return true })
		of := func(attrs []slog.Attr) slog.Record {
			o := slog.NewRecord(r.Time, r.Level, r.Message, 0)
			o.AddAttrs(attrs...)
			return o
		}
		for i := range all {
			check(of(append(all[:i:i], all[i+1:]...))) // without one
			check(of(all[:i]))
			for _, v := range odd { // one is another
				one := append([]slog.Attr(nil), all...)
				one[i].Value = v
				check(of(one))
			}
			for _, key := range keys {
				one := append([]slog.Attr(nil), all...)
				one[i].Key = key
				check(of(one))
			}
		}
		for _, key := range keys { // one comes again
			for _, v := range odd {
				check(of(append(all[:len(all):len(all)], slog.Attr{Key: key, Value: v})))
			}
		}
		check(of([]slog.Attr{{Key: "g", Value: slog.GroupValue(all...)}}))
		for _, message := range []string{slogtel.MessageTiming, slogtel.MessageMetric} {
			o := of(all)
			o.Message = message
			check(o)
		}
	}
	assert.Greater(t, read, 100)
}

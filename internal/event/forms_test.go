package event_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/testkit"
)

func with(r slog.Record, attrs ...slog.Attr) slog.Record {
	r = r.Clone()
	r.AddAttrs(attrs...)
	return r
}

func grouped(r slog.Record, beside ...slog.Attr) slog.Record {
	g := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	g.AddAttrs(slog.Attr{Key: "g", Value: slog.GroupValue(testkit.Attrs(r)...)})
	g.AddAttrs(beside...)
	return g
}

// A sample rate that is not possible is seen in any form of the record.
func TestSampleTellsBadRates(t *testing.T) {
	bad := slog.Float64("sample_rate", 7)
	timing := testkit.Timing("a", "", 0, 0.25, "")
	for name, r := range map[string]slog.Record{
		"in order": with(timing, slog.Int("x", 1), bad), "in a group": grouped(with(timing, bad)), "beside a group": grouped(timing, slog.Int("x", 1), bad),
	} {
		var s event.Sample
		assert.True(t, s.ReadFrom(&r), name)
		assert.True(t, s.BadRate, name)
	}
}

// Lookup finds what the caller has added, and nothing of the event's own, in any form of the record.
func TestSampleLookup(t *testing.T) {
	timing := with(testkit.Timing("a", "", 0, 0.25, "failed"), slog.Int("x", 1), slog.Int("x", 2), slog.Int("count", 3))
	metric := with(testkit.Metric("n", event.TypeCounter, slog.Int64Value(3)), slog.Int("x", 2), slog.Int("count", 3), slog.String("error", "failed"))
	for name, r := range map[string]slog.Record{"timing": timing, "metric": metric, "timing in a group": grouped(timing), "metric in a group": grouped(metric)} {
		var s event.Sample
		assert.True(t, s.ReadFrom(&r), name)
		assert.Equal(t, int64(2), s.Lookup(&r, "x").Any(), name)
		assert.Equal(t, int64(3), s.Lookup(&r, "count").Any(), name)
		for _, own := range []string{"scope", "depth", "parent_scope", "metric_type", "trace_id", "none"} {
			assert.Nil(t, s.Lookup(&r, own).Any(), name)
		}
		if r.Message == event.MessageMetric {
			assert.Equal(t, "failed", s.Lookup(&r, "error").Any(), name)
			assert.Nil(t, s.Lookup(&r, "value").Any(), name)
		} else {
			assert.Nil(t, s.Lookup(&r, "error").Any(), name)
			assert.Nil(t, s.Lookup(&r, "start_wall_time_s").Any(), name)
		}
	}
}

// What is tidy has each key once, ours of the right kinds.
func TestIsTidy(t *testing.T) {
	timing := testkit.Timing("a.b", "a", 1, 0.25, "")
	counter := testkit.Metric("n", event.TypeCounter, slog.Int64Value(3))
	plain := slog.NewRecord(timing.Time, 0, event.MessageMetric, 0)
	plain.AddAttrs(slog.String("scope", "p"), slog.Int("depth", 0), slog.String("parent_scope", ""), slog.String("value", "v"))
	preview := slog.Group("raw_preview", slog.String("model", "m"))
	first := func(r slog.Record) int {
		i, ok := event.IsTidy(&r)
		if !ok {
			return -1
		}
		return i
	}
	if first(timing) < 0 {
		t.Skip("nothing is known of this Go release's records: all go the long way")
	}
	assert.Equal(t, 10, first(with(timing, slog.String("error", "e"), slog.Int("x", 1), preview)))
	assert.Equal(t, 5, first(with(counter, slog.String("unit", "By"), slog.Int("x", 1))))
	assert.Equal(t, 4, first(with(plain, slog.Int("x", 1))))
	for name, r := range map[string]slog.Record{
		"own key twice": with(timing, slog.Int("x", 1), slog.Int("x", 2)), "no key": with(timing, slog.Int("", 1)),
		"our key twice": with(timing, slog.String("error", ""), slog.String("error", "e")), "empty ones": with(timing, slog.String("trace_id", ""), slog.String("trace_id", "")),
		"reserved": with(timing, slog.Int("count", 1)), "of metrics": with(timing, slog.Int("value", 1)), "another kind": with(timing, slog.Int("error", 1)),
		"preview that is no group": with(timing, slog.String("raw_preview", "m")), "preview of a metric": with(counter, preview),
		"in a group": grouped(timing), "a log": slog.NewRecord(timing.Time, 0, "log", 0), "no attributes": slog.NewRecord(timing.Time, 0, event.MessageTiming, 0),
	} {
		assert.Equal(t, -1, first(r), name)
	}
}

package aggregate_test

import (
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

// changed returns r with another value at index i.
func changed(r slog.Record, i int, v slog.Value) slog.Record {
	c := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	for j, a := range testkit.Attrs(r) {
		if i == j {
			a.Value = v
		}
		c.AddAttrs(a)
	}
	return c
}

func and(r slog.Record, attrs ...slog.Attr) slog.Record {
	r = r.Clone()
	r.AddAttrs(attrs...)
	return r
}

// A timing is summed up the same, whatever timings of its series came before it: as those are whose type is only a
// text, of which none is remembered.
func TestTimingsAlike(t *testing.T) {
	timing := testkit.OfSeries(testkit.Timing("a.b", "a", 1, 0.25, ""))
	warn := timing.Clone()
	warn.Level = slog.LevelWarn
	model := func(v any) slog.Record { return and(timing, slog.Any("model", v)) }
	all := []slog.Record{
		timing, changed(timing, 5, slog.Float64Value(0.5)), changed(timing, 5, slog.Float64Value(2)), changed(timing, 5, slog.Float64Value(-1)), warn,
		model("m"), model("n"), model(1), model(true), model(1.5), model(nil), model([]int{1}), model(""),
		and(timing, slog.String("other", "x")), and(model("m"), slog.String("other", "x")), and(model("m"), slog.String("model", "n")),
		and(timing, slog.Float64(slogtel.KeySampleRate, 0.5)), and(timing, slog.Float64(slogtel.KeySampleRate, 0.25)), and(timing, slog.Float64(slogtel.KeySampleRate, 2)),
		and(timing, slog.Bool(slogtel.KeyInSummary, true)), and(timing, slog.String(slogtel.KeyError, "refused")), and(timing, slog.String(slogtel.KeyError, "")),
		changed(timing, 0, slog.StringValue("a.c")), changed(timing, 1, slog.IntValue(7)), changed(timing, 2, slog.StringValue("z")),
	}
	opts := &aggregate.Options{Keys: []string{"model"}, SlowerThan: 1e9, MaxPassed: 2}
	synctest.Test(t, func(t *testing.T) {
		_, agg, sink := withAggregate(t, opts)
		derived := agg.WithAttrs([]slog.Attr{slog.Int("n", 1)})
		var levels []slog.Level
		sink.before = func(r slog.Record) error {
			levels = append(levels, r.Level)
			return nil
		}
		summaries := func(records ...slog.Record) ([]slogtel.Summary, []slog.Level) {
			levels = nil
			for _, r := range records {
				testkit.Handle(t, agg, r)
				testkit.Handle(t, derived, r)
			}
			assert.NoError(t, agg.Flush(t.Context()))
			sums, _ := sink.take()
			return sums, levels
		}
		text := func(r slog.Record) slog.Record { return changed(r, 3, slog.StringValue(string(slogtel.TypeTiming))) }
		for i, first := range all {
			for j, second := range all {
				want, wantLevels := summaries(text(first), text(first), text(second), text(first))
				got, gotLevels := summaries(first, first, second, first)
				assert.Equal(t, want, got, "%d after %d", j, i)
				assert.Equal(t, wantLevels, gotLevels, "%d after %d", j, i)
			}
		}
	})
}

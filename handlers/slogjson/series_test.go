package slogjson

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/testkit"
)

// What an event has of its series is written in one piece, if it is still that, with the bytes of
// the standard handler.
func TestJSONOfSeries(t *testing.T) {
	for _, r := range []slog.Record{
		testkit.OfSeries(testkit.Timing("a.b", "a", 1, 0.25, "")),
		testkit.OfSeries(testkit.Timing("quoted \"\\ \u2028 é\xff", "\n", 1, 0.25, "failed")),
		testkit.OfSeries(testkit.Timing("", "", 0, 0, "")),
		testkit.OfSeries(testkit.Metric("n", event.TypeCounter, slog.Int64Value(3))),
		testkit.OfSeries(testkit.Metric("g", event.TypeGauge, slog.Float64Value(0.5))),
		testkit.TypicalTiming(),
	} {
		checkLines(t, r)
		attrs := testkit.Attrs(r)
		for i := range min(5, len(attrs)) {
			for _, other := range []slog.Attr{
				slog.String(attrs[i].Key, "other"), slog.Int(attrs[i].Key, 7), {Key: "other", Value: attrs[i].Value}, {Key: attrs[i].Key},
				{}, slog.Group(attrs[i].Key, attrs[i]), slog.Group(""),
			} {
				changed := append([]slog.Attr{}, attrs...)
				changed[i] = other
				checkLines(t, rebuilt(r, changed))
			}
			checkLines(t, rebuilt(r, attrs[:i]))
			checkLines(t, rebuilt(r, append(attrs[i:i+1:i+1], attrs...)))
		}
	}
}

func rebuilt(r slog.Record, attrs []slog.Attr) slog.Record {
	d := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	d.AddAttrs(attrs...)
	return d
}

// checkLines compares the lines of some handlers, twice, with those of the standard one.
func checkLines(t *testing.T, r slog.Record) {
	t.Helper()
	for _, derive := range []func(slog.Handler) slog.Handler{plainHandler, withChain, func(h slog.Handler) slog.Handler { return h.WithGroup("g") }} {
		for _, opts := range []*slog.HandlerOptions{nil, {ReplaceAttr: replacers["identity"]}} {
			var got, want bytes.Buffer
			ours, std := derive(New(&got, opts)), derive(slog.NewJSONHandler(&want, opts))
			for range 2 {
				assert.NoError(t, ours.Handle(ctx, r))
				assert.NoError(t, std.Handle(ctx, r))
			}
			assert.Equal(t, want.String(), got.String())
		}
	}
}

package statsd

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel"
)

// An event becomes the same, whatever events of its series came before it.
func TestEventsOfOneForm(t *testing.T) {
	model := func(v any) slog.Attr { return slog.Any("model", v) }
	tags := [][]slog.Attr{
		nil, {model("m")}, {model("n")}, {model(1)}, {model(2)}, {model(true)}, {model(1.5)}, {model("m\n")}, {model("")},
		{model("m"), slog.Int("status", 200)}, {slog.Int("status", 200), model("m")}, {model("m"), slog.Int("other", 1)},
		{slog.Group("http", slog.Int("status", 200))}, {slog.Group("http", slog.Int("status", 404))}, {slog.String("http", "x")},
		{slog.Any("model", slog.GroupValue(slog.Int("x", 1)))},
	}
	var captured slog.Record
	tel := telemetry(capture{&captured}) // one: so that records are of the same series
	for name, emit := range map[string]func(attrs ...slog.Attr){
		"timing":               func(attrs ...slog.Attr) { tel.Timing(context.Background(), "t", 1500, attrs...) },
		"counter":              func(attrs ...slog.Attr) { tel.Count(context.Background(), "c", 3, attrs...) },
		"large":                func(attrs ...slog.Attr) { tel.Count(context.Background(), "c", 3<<40, attrs...) },
		"negative":             func(attrs ...slog.Attr) { tel.Count(context.Background(), "c", -3, attrs...) },
		"gauge":                func(attrs ...slog.Attr) { tel.Gauge(context.Background(), "g", -3, attrs...) },
		"timing without error": func(attrs ...slog.Attr) { tel.Timing(context.Background(), "t", 1500, attrs...) },
		"histogram":            func(attrs ...slog.Attr) { tel.Histogram(context.Background(), "h", 2.5, attrs...) },
	} {
		var all []slog.Record
		for _, attrs := range tags {
			emit(attrs...)
			all = append(all, captured, sampled(captured, 0.5), with(captured, append(attrsOf(captured), slog.Bool(slogtel.KeyInSummary, true))...),
				with(captured, append(attrsOf(captured), slog.String(slogtel.KeyError, "refused"))...))
		}
		opts := &Options{Dialect: DogStatsD, TagKeys: []string{"model", "http.status", "status", "error"}}
		if name == "timing without error" {
			opts.TagKeys = opts.TagKeys[:3]
		}
		alone := func(r slog.Record, base ...slog.Attr) []string {
			var n network
			h := open(t, &n, "127.0.0.1:8125", opts)
			handle(t, h.WithAttrs(base), r)
			return sent(t, h, &n)
		}
		own := []slog.Attr{slog.String("status", "bound")}
		var want, wantBound [][]string
		for _, r := range all {
			want = append(want, alone(r))
			wantBound = append(wantBound, alone(r, own...))
		}
		for i := 0; i < len(all); i += 11 { // of each kind some
			first := all[i]
			var n network
			h := open(t, &n, "127.0.0.1:8125", opts)
			bound := h.WithAttrs(own)
			handle(t, h, first)
			sent(t, h, &n)
			for j, r := range all {
				handle(t, h, r)
				assert.Equal(t, want[j], sent(t, h, &n), "%s: %d after %d", name, j, i)
				handle(t, bound, r)
				assert.Equal(t, wantBound[j], sent(t, h, &n), "%s: %d after %d, bound", name, j, i)
			}
			assert.Zero(t, h.Stats().Pending)
		}
	}
}

package statsd

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

func TestHandleDoesNotAllocate(t *testing.T) {
	testkit.NeedsAllocs(t)
	model := slog.String("model", "m")
	group := slog.Group("http", slog.Int("status", 200))
	for name, c := range map[string]struct {
		opts Options
		rec  slog.Record
	}{
		"timing":        {Options{Dialect: DogStatsD}, timingRecord("pipeline.plan", 1234567, model)},
		"counter":       {Options{Dialect: InfluxDB}, countRecord("pipeline.tokens", 1, model, slog.Int("n", 3), slog.Bool("ok", true))},
		"gauge":         {Options{Dialect: Graphite}, gaugeRecord("pipeline.load", -0.123, model, group)},
		"histogram":     {Options{Dialect: SignalFX}, record(func(ctx context.Context, t *slogtel.Telemetry) { t.Histogram(ctx, "h", 0.1, model) })},
		"plain":         {Options{FoldTags: true}, record(func(ctx context.Context, t *slogtel.Telemetry) { t.Metric(ctx, "p", 17, model) })},
		"packed":        {Options{Dialect: DogStatsD, PackValues: true}, timingRecord("t", 1234567, model)},
		"sampled":       {Options{Dialect: DogStatsD}, sampled(countRecord("pipeline.tokens", 1, model), 0.1)},
		"skipped":       {Options{}, record(func(ctx context.Context, t *slogtel.Telemetry) { t.Metric(ctx, "p", "text", model) })},
		"in summary":    {Options{}, with(timingRecord("t", 1), append(attrsOf(timingRecord("t", 1)), slog.Bool(slogtel.KeyInSummary, true))...)},
		"overflowed":    {Options{MaxSeries: 1}, countRecord("too.many", 1, model)},
		"resolved":      {Options{}, resolved(countRecord("c", 1, model))},
		"all tags":      {Options{Dialect: DogStatsD}, timingRecord("t", 1, model, group, slog.Int("n", 1), slog.Bool("ok", true), slog.Int("other", 2))},
		"ordinary logs": {Options{}, slog.NewRecord(time.Now(), 0, "hello", 0)},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.TagKeys = []string{"model", "http.status", "n", "ok", "error"}
			h, err := start("127.0.0.1:8125", &c.opts, sink{}.dial, 2)
			assert.NoError(t, err)
			defer func() { _ = h.Shutdown(context.Background()) }()
			handle(t, h, countRecord("first", 1))
			ctx := context.Background()
			for range 10_000 { // pools and queues reach their size
				_ = h.Handle(ctx, c.rec)
			}
			var derived slog.Handler = h.WithAttrs([]slog.Attr{slog.Bool("ok", false)})
			_ = derived.Handle(ctx, c.rec)
			assert.Zero(t, testing.AllocsPerRun(20_000, func() { _ = h.Handle(ctx, c.rec) }))
			assert.Zero(t, testing.AllocsPerRun(20_000, func() { _ = derived.Handle(ctx, c.rec) }))
		})
	}
}

// resolved returns what middleware may make of r: its metric type is a string.
func resolved(r slog.Record) slog.Record {
	d := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		a.Value = a.Value.Resolve()
		d.AddAttrs(a)
		return true
	})
	return d
}

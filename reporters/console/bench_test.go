package console_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/lmittmann/tint"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

// keptRecord returns the record of what emit does.
func keptRecord(emit func(*slogtel.Telemetry)) slog.Record {
	var k recordKeeper
	emit(slogtel.New(&slogtel.Options{Mode: slogtel.On}, &k))
	return k.r
}

type recordKeeper struct{ r slog.Record }

func (k *recordKeeper) Enabled(context.Context, slog.Level) bool { return true }
func (k *recordKeeper) Handle(_ context.Context, r slog.Record) error {
	k.r = r.Clone()
	return nil
}
func (k *recordKeeper) WithAttrs([]slog.Attr) slog.Handler { return k }
func (k *recordKeeper) WithGroup(string) slog.Handler      { return k }

// benchRecords are what the benchmarks write.
func benchRecords() map[string]slog.Record {
	ctx := context.Background()
	log := slog.NewRecord(time.Now(), slog.LevelInfo, "request done", 0)
	log.AddAttrs(slog.String("method", "GET"), slog.Int("status", 200), slog.Duration("took", time.Millisecond))
	failed := log.Clone()
	failed.AddAttrs(slog.Any("err", errors.New("it failed")))
	return map[string]slog.Record{
		"timing": keptRecord(func(tel *slogtel.Telemetry) {
			tel.Timing(ctx, "pipeline.plan", 1240*time.Microsecond, slog.Int("files", 3))
		}),
		"counter":   keptRecord(func(tel *slogtel.Telemetry) { tel.Count(ctx, "tokens", 12_345, slog.String("model", "x")) }),
		"log":       log,
		"log error": failed,
	}
}

// BenchmarkConsole writes to io.Discard; beside each record is what tint alone
// takes to write it.
func BenchmarkConsole(b *testing.B) {
	for name, r := range benchRecords() {
		for handler, h := range map[string]slog.Handler{
			"console": console.New(io.Discard, &console.Options{Color: slogtel.On}),
			"tint":    tint.NewTextHandler(io.Discard, nil),
		} {
			b.Run(name+"/"+handler, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = h.Handle(context.Background(), r)
				}
			})
		}
	}
}

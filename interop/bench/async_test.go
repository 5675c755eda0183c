package bench

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	otellog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/slogjson"
)

// What follows is one timing of eleven attributes, put into a queue in front of
// something slow. zap's buffer is another kind of queue: what waits there is encoded
// already, on the caller's goroutine.

// dropLogs is an OpenTelemetry exporter that does nothing.
type dropLogs struct{}

func (dropLogs) Export(context.Context, []otellog.Record) error { return nil }
func (dropLogs) Shutdown(context.Context) error                 { return nil }
func (dropLogs) ForceFlush(context.Context) error               { return nil }

// zapTiming is timingRecord as zap's fields.
func zapTiming() []zap.Field {
	return []zap.Field{
		zap.String("scope", "pipeline.plan.tokenize"), zap.Int("depth", 2), zap.String("parent_scope", "pipeline.plan"),
		zap.String("metric_type", "timing"), zap.Int64("call_count", 1), zap.Float64("duration_s", 0.001234567),
		zap.Float64("start_monotonic_s", 12.345678901), zap.Float64("end_monotonic_s", 12.346913468),
		zap.Float64("start_wall_time_s", 1763850000.1234567), zap.Float64("end_wall_time_s", 1763850000.1246912),
		zap.String("model", "gemini-2.5-flash"),
	}
}

func zapJSON(to zapcore.WriteSyncer) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), to, zap.InfoLevel)
}

// bursts calls f b.N times, and flush, which is not measured, after each 1000.
func bursts(b *testing.B, f, flush func()) {
	b.ReportAllocs()
	for i := range b.N {
		f()
		if i%1000 == 999 {
			b.StopTimer()
			flush()
			b.StartTimer()
		}
	}
	b.StopTimer()
	flush()
}

// The caller's side alone: until the call returns, in bursts that the queue can hold.
func BenchmarkAsyncCaller(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		async := async.New(discard{}, nil)
		defer func() { _ = async.Shutdown(ctx) }()
		r := timingRecord()
		bursts(b, func() { _ = async.Handle(ctx, r) }, func() { _ = async.Flush(ctx) })
	})
	b.Run("otel batch processor", func(b *testing.B) {
		provider := otellog.NewLoggerProvider(otellog.WithProcessor(otellog.NewBatchProcessor(dropLogs{})))
		defer func() { _ = provider.Shutdown(ctx) }()
		h := otelslog.NewHandler("bench", otelslog.WithLoggerProvider(provider))
		r := timingRecord()
		bursts(b, func() { _ = h.Handle(ctx, r) }, func() { _ = provider.ForceFlush(ctx) })
	})
	b.Run("zap buffered", func(b *testing.B) {
		buffer := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(io.Discard), Size: 1 << 20}
		defer func() { _ = buffer.Stop() }()
		log, fields := zap.New(zapJSON(buffer)), zapTiming()
		bursts(b, func() { log.Info("telemetry.timing", fields...) }, func() { _ = buffer.Sync() })
	})
	b.Run("no queue, to memory", func(b *testing.B) {
		h, r := slogjson.New(io.Discard, nil), timingRecord()
		bursts(b, func() { _ = h.Handle(ctx, r) }, func() {})
	})
}

// twoToFile has two goroutines call f, b.N times in all, and waits until all lines are
// in the file.
func twoToFile(b *testing.B, f func(), flush func() error) {
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range b.N / 2 {
				f()
			}
		})
	}
	wg.Wait()
	if err := flush(); err != nil {
		b.Fatal(err)
	}
}

func tempFile(b *testing.B) *os.File {
	f, err := os.Create(filepath.Join(b.TempDir(), "bench.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return f
}

// The time of a record from two goroutines until it is a line of a file, none of them
// lost: callers wait when the queue is full.
func BenchmarkAsyncFile(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		async := async.New(slogjson.New(tempFile(b), nil), &async.Options{Policy: async.BlockThenDrop, MaxWait: time.Hour})
		r := timingRecord()
		twoToFile(b, func() { _ = async.Handle(ctx, r) }, func() error { return async.Shutdown(ctx) })
	})
	b.Run("no queue", func(b *testing.B) {
		h, r := slogjson.New(tempFile(b), nil), timingRecord()
		twoToFile(b, func() { _ = h.Handle(ctx, r) }, func() error { return nil })
	})
	b.Run("slog.JSONHandler", func(b *testing.B) {
		h, r := slog.NewJSONHandler(tempFile(b), nil), timingRecord()
		twoToFile(b, func() { _ = h.Handle(ctx, r) }, func() error { return nil })
	})
	b.Run("zap buffered", func(b *testing.B) {
		buffer := &zapcore.BufferedWriteSyncer{WS: tempFile(b)}
		log, fields := zap.New(zapJSON(zapcore.Lock(buffer))), zapTiming()
		twoToFile(b, func() { log.Info("telemetry.timing", fields...) }, buffer.Stop)
	})
}

// A queue that stands full, because what is behind it has stopped: the cost of a drop.
func BenchmarkAsyncFull(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		stop := make(chan struct{})
		async := async.New(stuck{stop: stop}, nil)
		defer func() { _ = async.Shutdown(ctx) }()
		defer close(stop)
		r := timingRecord()
		parallel(b, func() {
			_ = async.Handle(ctx, r)
		})
	})
	b.Run("otel batch processor", func(b *testing.B) {
		stop := make(chan struct{})
		provider := otellog.NewLoggerProvider(otellog.WithProcessor(otellog.NewBatchProcessor(stuckExporter{stop: stop})))
		defer func() { _ = provider.Shutdown(ctx) }()
		defer close(stop)
		h := otelslog.NewHandler("bench", otelslog.WithLoggerProvider(provider))
		r := timingRecord()
		parallel(b, func() {
			_ = h.Handle(ctx, r)
		})
	})
}

// stuck does not return until it is told to.
type stuck struct {
	discard
	stop chan struct{}
}

func (s stuck) Handle(context.Context, slog.Record) error { <-s.stop; return nil }

type stuckExporter struct {
	dropLogs
	stop chan struct{}
}

func (s stuckExporter) Export(context.Context, []otellog.Record) error { <-s.stop; return nil }

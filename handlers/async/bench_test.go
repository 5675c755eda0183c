package async

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/forward"
)

func benchFile(b *testing.B) *os.File {
	f, err := os.Create(filepath.Join(b.TempDir(), "bench.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return f
}

// BenchmarkHandle is the caller's side: what Handle takes until it returns, with a
// next handler that discards. "dropping" is with one that stands still.
func BenchmarkHandle(b *testing.B) {
	for _, c := range []struct {
		name string
		r    slog.Record
	}{
		{"timing", testkit.TypicalTiming()},
		{"five", testkit.Record(testkit.FiveAttrs...)},
		{"LogValuer", testkit.Record(append(testkit.FiveAttrs[:5:5], slog.Any("v", numberType(1)))...)},
		{"map", testkit.Record(append(testkit.FiveAttrs[:5:5], slog.Any("v", map[string]any{"a": 1, "b": "c"}))...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			a := New(slog.DiscardHandler, &Options{Policy: BlockThenDrop})
			defer a.Shutdown(ctx)
			b.ReportAllocs()
			for b.Loop() {
				_ = a.Handle(ctx, c.r)
			}
		})
	}
	b.Run("dropping", func(b *testing.B) {
		stop := make(chan struct{})
		a := New(testkit.HandleFunc(func(context.Context, slog.Record) error { <-stop; return nil }), &Options{Size: 100})
		defer a.Shutdown(ctx)
		defer close(stop)
		r := testkit.TypicalTiming()
		b.ReportAllocs()
		for b.Loop() {
			_ = a.Handle(ctx, r)
		}
	})
}

// BenchmarkSparse is the cost when the worker sleeps at each record, and has to be
// woken: an app that logs less than once in 10 ms. The other part is of one that logs
// every 100 µs or so.
func BenchmarkSparse(b *testing.B) {
	for name, pause := range map[string]time.Duration{"asleep": 12 * time.Millisecond, "napping": 100 * time.Microsecond} {
		b.Run(name, func(b *testing.B) {
			a := New(slog.DiscardHandler, nil)
			defer a.Shutdown(ctx)
			r := testkit.TypicalTiming()
			var spent time.Duration
			for b.Loop() {
				time.Sleep(pause)
				start := time.Now()
				_ = a.Handle(ctx, r)
				spent += time.Since(start)
			}
			b.ReportMetric(float64(spent)/float64(b.N), "ns/Handle")
		})
	}
}

// BenchmarkFile is the time of a record from two goroutines to its line in a file,
// none of them dropped.
func BenchmarkFile(b *testing.B) {
	for _, c := range []struct {
		name  string
		async bool
	}{{"async", true}, {"without", false}} {
		b.Run(c.name, func(b *testing.B) {
			var h slog.Handler = slogjson.New(benchFile(b), nil)
			if c.async {
				a := New(h, &Options{Policy: BlockThenDrop, MaxWait: 1 << 40})
				defer a.Shutdown(ctx)
				h = a
			}
			r := testkit.TypicalTiming()
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for range b.N / 2 {
						_ = h.Handle(ctx, r)
					}
				})
			}
			wg.Wait()
			_ = forward.Flush(ctx, h)
		})
	}
}

// stringType is a string by kind, as telemetry's type of a metric is.
type stringType string

func (t stringType) LogValue() slog.Value { return slog.StringValue(string(t)) }

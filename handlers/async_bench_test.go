package handlers

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/event"
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

// BenchmarkAsyncHandle is the caller's side: what Handle takes until it returns, with a
// next handler that discards. "dropping" is with one that stands still.
func BenchmarkAsyncHandle(b *testing.B) {
	for _, c := range []struct {
		name string
		r    slog.Record
	}{
		{"timing", asyncTiming()},
		{"five", record(fiveAttrs...)},
		{"LogValuer", record(append(fiveAttrs[:5:5], slog.Any("v", benchType(1)))...)},
		{"map", record(append(fiveAttrs[:5:5], slog.Any("v", map[string]any{"a": 1, "b": "c"}))...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			a := NewAsync(slog.DiscardHandler, &AsyncOptions{Policy: BlockThenDrop})
			defer a.Shutdown(ctx)
			b.ReportAllocs()
			for b.Loop() {
				_ = a.Handle(ctx, c.r)
			}
		})
	}
	b.Run("dropping", func(b *testing.B) {
		stop := make(chan struct{})
		a := NewAsync(handleFunc(func(context.Context, slog.Record) error { <-stop; return nil }), &AsyncOptions{Size: 100})
		defer a.Shutdown(ctx)
		defer close(stop)
		r := asyncTiming()
		b.ReportAllocs()
		for b.Loop() {
			_ = a.Handle(ctx, r)
		}
	})
}

// BenchmarkAsyncSparse is the cost when the worker sleeps at each record, and has to be
// woken: an app that logs less than once in 10 ms. The other part is of one that logs
// every 100 µs or so.
func BenchmarkAsyncSparse(b *testing.B) {
	for name, pause := range map[string]time.Duration{"asleep": 12 * time.Millisecond, "napping": 100 * time.Microsecond} {
		b.Run(name, func(b *testing.B) {
			a := NewAsync(slog.DiscardHandler, nil)
			defer a.Shutdown(ctx)
			r := asyncTiming()
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

// BenchmarkAsyncFile is the time of a record from two goroutines to its line in a file,
// none of them dropped.
func BenchmarkAsyncFile(b *testing.B) {
	for _, c := range []struct {
		name  string
		async bool
	}{{"async", true}, {"without", false}} {
		b.Run(c.name, func(b *testing.B) {
			h := NewJSON(benchFile(b), nil)
			if c.async {
				a := NewAsync(h, &AsyncOptions{Policy: BlockThenDrop, MaxWait: 1 << 40})
				defer a.Shutdown(ctx)
				h = a
			}
			r := asyncTiming()
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

// asyncType is a string by kind, as telemetry's type of a metric is.
type asyncType string

func (t asyncType) LogValue() slog.Value { return slog.StringValue(string(t)) }

// asyncTiming is a timing as telemetry makes it.
func asyncTiming() slog.Record {
	old := timingRecord()
	r := slog.NewRecord(old.Time, old.Level, old.Message, 0)
	old.Attrs(func(a slog.Attr) bool {
		if a.Key == event.KeyMetricType {
			a.Value = slog.AnyValue(asyncType("timing"))
		}
		r.AddAttrs(a)
		return true
	})
	return r
}

package memory_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

func BenchmarkMemory(b *testing.B) {
	ctx := context.Background()
	for name, r := range map[string]slog.Record{
		"timing":    testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, ""),
		"failed":    testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, "connection refused"),
		"counter":   testkit.Metric("pipeline.plan.tokens", slogtel.TypeCounter, slog.Int64Value(3)),
		"histogram": testkit.Metric("pipeline.plan.size", slogtel.TypeHistogram, slog.Float64Value(3.5)),
		"log":       slog.Record{Message: "an ordinary record"},
	} {
		b.Run(name, func(b *testing.B) {
			mem := memory.New(nil)
			b.ReportAllocs()
			for b.Loop() {
				_ = mem.Handle(ctx, r)
			}
		})
		if name == "log" {
			continue
		}
		b.Run(name+"/series", func(b *testing.B) { // as a Telemetry makes it
			mem, r := memory.New(nil), testkit.OfSeries(r)
			b.ReportAllocs()
			for b.Loop() {
				_ = mem.Handle(ctx, r)
			}
		})
	}
}

func BenchmarkMemoryParallel(b *testing.B) {
	for _, scopes := range []int{1, 64} {
		b.Run(fmt.Sprintf("scopes=%d", scopes), func(b *testing.B) {
			mem := memory.New(nil)
			records := make([]slog.Record, scopes)
			for i := range records {
				records[i] = testkit.OfSeries(testkit.Timing(fmt.Sprintf("pipeline.plan.step%d", i), "pipeline.plan", 2, 0.00124, ""))
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					_ = mem.Handle(context.Background(), records[i%scopes])
				}
			})
		})
	}
}

// BenchmarkMemorySpan is what an app pays for a scope, with a handler that does nothing and
// with a memory.Handler: the difference is the cost of a memory.Handler.
func BenchmarkMemorySpan(b *testing.B) {
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{{"nothing", nothing{}}, {"memory", memory.New(nil)}} {
		b.Run(c.name, func(b *testing.B) {
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, c.h)
			b.ReportAllocs()
			for b.Loop() {
				_, span := tel.Start(context.Background(), "bench")
				span.End()
			}
		})
	}
}

// nothing is a handler that takes all and does nothing.
type nothing struct{ slog.Handler }

func (nothing) Enabled(context.Context, slog.Level) bool  { return true }
func (nothing) Handle(context.Context, slog.Record) error { return nil }
func (nothing) RetainsRecords() bool                      { return false }

func BenchmarkMemoryReport(b *testing.B) {
	mem := memory.New(nil)
	for i := range 100 {
		for j := range 100 {
			_ = mem.Handle(context.Background(), testkit.Timing(fmt.Sprint("s", i), "", 0, float64(j*j), ""))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		mem.Report()
	}
}

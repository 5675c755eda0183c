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
	}
}

func BenchmarkMemoryParallel(b *testing.B) {
	for _, scopes := range []int{1, 64} {
		b.Run(fmt.Sprintf("scopes=%d", scopes), func(b *testing.B) {
			mem := memory.New(nil)
			records := make([]slog.Record, scopes)
			for i := range records {
				records[i] = testkit.Timing(fmt.Sprintf("pipeline.plan.step%d", i), "pipeline.plan", 2, 0.00124, "")
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

// What an app pays for a scope with a Memory as its reporter.
func BenchmarkMemorySpan(b *testing.B) {
	_, tel := memoryOf(nil)
	b.ReportAllocs()
	for b.Loop() {
		_, span := tel.Start(context.Background(), "bench")
		span.End()
	}
}

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

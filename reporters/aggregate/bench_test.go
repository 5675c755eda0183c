package aggregate_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

func benchAggregate(b *testing.B, opts *aggregate.Options) *aggregate.Handler {
	agg := aggregate.New(slog.DiscardHandler, opts)
	b.Cleanup(func() { _ = agg.Shutdown(context.Background()) })
	b.ReportAllocs()
	return agg
}

// BenchmarkAggregate is the cost of an event: what is named decode is decoding alone, to be
// subtracted.
func BenchmarkAggregate(b *testing.B) {
	ctx := context.Background()
	timing := testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, "")
	withModel := timing.Clone()
	withModel.AddAttrs(slog.String("model", "m"))
	counter := testkit.Metric("pipeline.plan.tokens", slogtel.TypeCounter, slog.Int64Value(3))
	b.Run("decode/timing", func(b *testing.B) {
		var t slogtel.Timing
		for b.Loop() {
			t.Decode(timing)
		}
	})
	b.Run("decode/counter", func(b *testing.B) {
		var m slogtel.Metric
		for b.Loop() {
			m.Decode(counter)
		}
	})
	for name, r := range map[string]slog.Record{
		"timing":    timing,
		"key":       withModel,
		"counter":   counter,
		"gauge":     testkit.Metric("pipeline.plan.load", slogtel.TypeGauge, slog.Float64Value(3.5)),
		"histogram": testkit.Metric("pipeline.plan.size", slogtel.TypeHistogram, slog.Float64Value(3.5)),
		"passed":    testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, "refused"),
		"log":       slog.Record{Message: "an ordinary record"},
	} {
		b.Run(name, func(b *testing.B) {
			opts := new(aggregate.Options)
			if name == "key" {
				opts.Keys = []string{"model"}
			}
			agg := benchAggregate(b, opts)
			for b.Loop() {
				_ = agg.Handle(ctx, r)
			}
		})
		if name == "log" {
			continue
		}
		b.Run(name+"/series", func(b *testing.B) { // as a Telemetry makes it
			opts, r := new(aggregate.Options), testkit.OfSeries(r)
			if name == "key" {
				opts.Keys = []string{"model"}
			}
			agg := benchAggregate(b, opts)
			for b.Loop() {
				_ = agg.Handle(ctx, r)
			}
		})
	}
}

func BenchmarkAggregateParallel(b *testing.B) {
	for _, scopes := range []int{1, 64} {
		b.Run(fmt.Sprintf("scopes=%d", scopes), func(b *testing.B) {
			agg := benchAggregate(b, nil)
			records := make([]slog.Record, scopes)
			for i := range records {
				records[i] = testkit.OfSeries(testkit.Timing(fmt.Sprintf("pipeline.plan.step%d", i), "pipeline.plan", 2, 0.00124, ""))
			}
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					_ = agg.Handle(context.Background(), records[i%scopes])
				}
			})
		})
	}
}

// BenchmarkAggregateSend is the end of an interval with 1000 series.
func BenchmarkAggregateSend(b *testing.B) {
	for _, withSketch := range []bool{false, true} {
		b.Run(fmt.Sprintf("sketch=%t", withSketch), func(b *testing.B) {
			agg := benchAggregate(b, &aggregate.Options{Interval: time.Hour, Sketch: withSketch})
			ctx := context.Background()
			for b.Loop() {
				for i := range 1000 {
					_ = agg.Handle(ctx, testkit.Timing(fmt.Sprint("s", i), "", 0, float64(i), ""))
				}
				_ = agg.Flush(ctx)
			}
		})
	}
}

// BenchmarkAggregateBeyondDecoding has what an event costs besides its decoding: batches of
// both, side by side, and the median of their differences.
func BenchmarkAggregateBeyondDecoding(b *testing.B) {
	const batch = 1000
	ctx := context.Background()
	var t slogtel.Timing
	var m slogtel.Metric
	for _, c := range []struct {
		name   string
		record slog.Record
		decode func(slog.Record) bool
	}{
		{"timing", testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, ""), t.Decode},
		{"counter", testkit.Metric("pipeline.plan.tokens", slogtel.TypeCounter, slog.Int64Value(3)), m.Decode},
		{"histogram", testkit.Metric("pipeline.plan.size", slogtel.TypeHistogram, slog.Float64Value(3.5)), m.Decode},
	} {
		b.Run(c.name, func(b *testing.B) {
			agg := benchAggregate(b, nil)
			var beyond []time.Duration
			for b.Loop() {
				start := time.Now()
				for range batch {
					c.decode(c.record)
				}
				middle := time.Now()
				for range batch {
					_ = agg.Handle(ctx, c.record)
				}
				beyond = append(beyond, time.Since(middle)-middle.Sub(start))
			}
			slices.Sort(beyond)
			b.ReportMetric(float64(beyond[len(beyond)/2])/batch, "beyond-ns/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}

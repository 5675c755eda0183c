package slogtel_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

type discard = testkit.Discard

func on(reporters ...slog.Handler) *slogtel.Telemetry {
	if len(reporters) == 0 {
		reporters = []slog.Handler{discard{}}
	}
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, reporters...)
}

func BenchmarkOff(b *testing.B) {
	tel, ctx := slogtel.Disabled(), context.Background()
	b.Run("span", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, span := tel.Start(ctx, "bench")
			span.End()
		}
	})
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ctx, span := tel.Start(ctx, "bench", slog.String("model", "m"), slog.Int("n", 1))
			tel.Count(ctx, "calls", 1, slog.String("model", "m"))
			tel.Gauge(ctx, "load", 0.5)
			span.End()
		}
	})
}

func BenchmarkSpan(b *testing.B) {
	for attrs := range 4 {
		b.Run(fmt.Sprintf("attrs=%d", attrs), func(b *testing.B) {
			tel, ctx := on(), context.Background()
			list := []slog.Attr{slog.String("model", "m"), slog.Int("n", 1), slog.Bool("ok", true)}[:attrs]
			b.ReportAllocs()
			for b.Loop() {
				_, span := tel.Start(ctx, "bench", list...)
				span.End()
			}
		})
	}
}

func BenchmarkSpanReporters(b *testing.B) {
	tel, ctx := on(discard{}, discard{}, discard{}), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, span := tel.Start(ctx, "bench")
		span.End()
	}
}

func BenchmarkSpanTraceIDs(b *testing.B) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, discard{})
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, span := tel.Start(ctx, "bench")
		span.End()
	}
}

func BenchmarkSpanProfile(b *testing.B) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Profile: true}, discard{})
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, span := tel.Start(ctx, "bench")
		span.End()
	}
}

func BenchmarkDepth(b *testing.B) {
	for _, depth := range []int{1, 32} {
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			tel, ctx := on(), context.Background()
			for range depth {
				ctx, _ = tel.Start(ctx, "level")
			}
			b.ReportAllocs()
			for b.Loop() {
				_, span := tel.Start(ctx, "leaf")
				span.End()
			}
		})
	}
}

func BenchmarkParallel(b *testing.B) {
	tel, ctx := on(), context.Background()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, span := tel.Start(ctx, "bench")
			span.End()
		}
	})
}

func BenchmarkCount(b *testing.B) {
	tel := on()
	ctx, _ := tel.Start(context.Background(), "bench")
	b.ReportAllocs()
	for b.Loop() {
		tel.Count(ctx, "calls", 1, slog.String("model", "m"))
	}
}

func BenchmarkTiming(b *testing.B) {
	tel := on()
	ctx, _ := tel.Start(context.Background(), "bench")
	b.ReportAllocs()
	for b.Loop() {
		tel.Timing(ctx, "elsewhere", 1234567)
	}
}

func BenchmarkDecodeTiming(b *testing.B) {
	var r slog.Record
	tel := on(capture{&r})
	_, span := tel.Start(context.Background(), "bare")
	span.End()
	bare := r
	_, span = tel.Start(context.Background(), "bench", slog.String("model", "m"))
	span.End()
	for _, r := range []slog.Record{r, bare} {
		b.Run(fmt.Sprintf("attrs=%d", r.NumAttrs()-10), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if t, ok := slogtel.DecodeTiming(r); !ok || t.CallCount != 1 {
					b.Fatal("not the timing")
				}
			}
		})
	}
}

// capture keeps the last record.
type capture struct{ last *slog.Record }

func (capture) Enabled(context.Context, slog.Level) bool { return true }
func (c capture) Handle(_ context.Context, r slog.Record) error {
	*c.last = r.Clone()
	return nil
}
func (c capture) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c capture) WithGroup(string) slog.Handler      { return c }

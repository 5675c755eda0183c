package slogjson

import (
	"io"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
)

func plainHandler(h slog.Handler) slog.Handler { return h }

func withChain(h slog.Handler) slog.Handler {
	return h.WithAttrs([]slog.Attr{slog.String("service", "api"), slog.Int("pid", 4242)}).WithGroup("http").
		WithAttrs([]slog.Attr{slog.String("id", "abc-def")}).WithGroup("in")
}

// BenchmarkJSON sets ours beside the standard handler.
func BenchmarkJSON(b *testing.B) {
	source := record(testkit.FiveAttrs...)
	source.PC = here()
	for _, c := range []struct {
		name   string
		record slog.Record
		opts   *slog.HandlerOptions
		derive func(slog.Handler) slog.Handler
	}{
		{"timing", testkit.TypicalTiming(), nil, plainHandler},
		{"five", record(testkit.FiveAttrs...), nil, plainHandler},
		{"ten", record(testkit.TenAttrs...), nil, plainHandler},
		{"groups", record(slog.Group("req", slog.String("method", "GET"), slog.Group("user", slog.Int("id", 7), slog.String("name", "ann"))), slog.Int("status", 200)), nil, plainHandler},
		{"with", record(testkit.FiveAttrs...), nil, withChain},
		{"any", record(slog.Any("map", map[string]any{"a": 1, "b": "c"}), slog.Any("strings", []string{"a", "b"}), slog.Any("level", slog.LevelWarn)), nil, plainHandler},
		{"source", source, &slog.HandlerOptions{AddSource: true}, plainHandler},
		{"replace", record(testkit.TenAttrs...), &slog.HandlerOptions{ReplaceAttr: replacers["identity"]}, plainHandler},
	} {
		for _, h := range []struct {
			name    string
			handler slog.Handler
		}{{"ours", New(io.Discard, c.opts)}, {"std", slog.NewJSONHandler(io.Discard, c.opts)}} {
			b.Run(c.name+"/"+h.name, func(b *testing.B) {
				handler := c.derive(h.handler)
				b.ReportAllocs()
				for b.Loop() {
					handler.Handle(ctx, c.record)
				}
			})
		}
	}
}

func BenchmarkJSONWith(b *testing.B) {
	b.ReportAllocs()
	h := New(io.Discard, nil)
	for b.Loop() {
		withChain(h)
	}
}

func BenchmarkJSONParallel(b *testing.B) {
	for name, h := range map[string]slog.Handler{"ours": New(io.Discard, nil), "std": slog.NewJSONHandler(io.Discard, nil)} {
		b.Run(name, func(b *testing.B) {
			r := testkit.TypicalTiming()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					h.Handle(ctx, r)
				}
			})
		})
	}
}

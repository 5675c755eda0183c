package handlers

import (
	"io"
	"log/slog"
	"testing"
	"time"
)

// benchType resolves to the name of a metric type, as telemetry's own type does.
type benchType uint8

func (benchType) LogValue() slog.Value { return slog.StringValue("timing") }

func timingRecord() slog.Record {
	const start, duration = 1763850000.1234567, 0.001234567
	return record(
		slog.String("scope", "pipeline.plan.tokenize"), slog.Int("depth", 2), slog.String("parent_scope", "pipeline.plan"),
		slog.Any("metric_type", benchType(1)), slog.Int("call_count", 17), slog.Float64("duration_s", duration),
		slog.Float64("start_monotonic_s", 12.345678901), slog.Float64("end_monotonic_s", 12.346913468),
		slog.Float64("start_wall_time_s", start), slog.Float64("end_wall_time_s", start+duration),
		slog.String("model", "gemini-2.0-flash"))
}

var (
	fiveAttrs = []slog.Attr{slog.String("method", "GET"), slog.String("path", "/api/v1/users/42"), slog.Int("status", 200),
		slog.Duration("took", 1234567), slog.Bool("cached", true)}
	tenAttrs = append(fiveAttrs[:5:5], slog.Any("err", io.ErrUnexpectedEOF), slog.Float64("load", 0.7312), slog.Uint64("bytes", 18234),
		slog.Time("at", time.Unix(1763850000, 123456789)), slog.String("agent", `Mozilla/5.0 (X11; Linux x86_64) "quoted"`))
)

func plainHandler(h slog.Handler) slog.Handler { return h }

func withChain(h slog.Handler) slog.Handler {
	return h.WithAttrs([]slog.Attr{slog.String("service", "api"), slog.Int("pid", 4242)}).WithGroup("http").
		WithAttrs([]slog.Attr{slog.String("id", "abc-def")}).WithGroup("in")
}

// BenchmarkJSON sets ours beside the standard handler.
func BenchmarkJSON(b *testing.B) {
	source := record(fiveAttrs...)
	source.PC = here()
	for _, c := range []struct {
		name   string
		record slog.Record
		opts   *slog.HandlerOptions
		derive func(slog.Handler) slog.Handler
	}{
		{"timing", timingRecord(), nil, plainHandler},
		{"five", record(fiveAttrs...), nil, plainHandler},
		{"ten", record(tenAttrs...), nil, plainHandler},
		{"groups", record(slog.Group("req", slog.String("method", "GET"), slog.Group("user", slog.Int("id", 7), slog.String("name", "ann"))), slog.Int("status", 200)), nil, plainHandler},
		{"with", record(fiveAttrs...), nil, withChain},
		{"any", record(slog.Any("map", map[string]any{"a": 1, "b": "c"}), slog.Any("strings", []string{"a", "b"}), slog.Any("level", slog.LevelWarn)), nil, plainHandler},
		{"source", source, &slog.HandlerOptions{AddSource: true}, plainHandler},
		{"replace", record(tenAttrs...), &slog.HandlerOptions{ReplaceAttr: replacers["identity"]}, plainHandler},
	} {
		for _, h := range []struct {
			name    string
			handler slog.Handler
		}{{"ours", NewJSON(io.Discard, c.opts)}, {"std", slog.NewJSONHandler(io.Discard, c.opts)}} {
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
	h := NewJSON(io.Discard, nil)
	for b.Loop() {
		withChain(h)
	}
}

func BenchmarkJSONParallel(b *testing.B) {
	for name, h := range map[string]slog.Handler{"ours": NewJSON(io.Discard, nil), "std": slog.NewJSONHandler(io.Discard, nil)} {
		b.Run(name, func(b *testing.B) {
			r := timingRecord()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					h.Handle(ctx, r)
				}
			})
		})
	}
}

package bench

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/slogtel"
)

// keeper keeps the last record.
type keeper struct {
	discard
	last *slog.Record
}

func (k keeper) Handle(_ context.Context, r slog.Record) error {
	*k.last = r.Clone()
	return nil
}

// timingRecord is a real one: ten attributes of ours and one of the caller's.
func timingRecord() slog.Record {
	var r slog.Record
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, keeper{last: &r})
	ctx, _ := tel.Start(context.Background(), "pipeline")
	ctx, _ = tel.Start(ctx, "plan")
	tel.Timing(ctx, "tokenize", 1234567, slog.String("model", "gemini-2.5-flash"))
	return r
}

func appRecord(n int) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "request handled", 0)
	r.AddAttrs([]slog.Attr{
		slog.String("method", "GET"), slog.String("path", "/api/v1/users/42"), slog.Int("status", 200),
		slog.Duration("took", 1234567), slog.Bool("cached", true), slog.Any("err", io.ErrUnexpectedEOF),
		slog.Float64("load", 0.7312), slog.Uint64("bytes", 18234), slog.Time("at", time.Now().Add(-time.Hour)),
		slog.String("agent", `Mozilla/5.0 (X11; Linux x86_64) "quoted"`)}[:n]...)
	return r
}

func groupRecord() slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "request handled", 0)
	r.AddAttrs(slog.Group("req", slog.String("method", "GET"), slog.String("path", "/api/v1/users/42"),
		slog.Group("user", slog.Int("id", 7), slog.String("name", "ann"))), slog.Int("status", 200))
	return r
}

// jsonHandlers writes r with each of the field's JSON handlers, derived by with.
func jsonHandlers(b *testing.B, r slog.Record, with func(slog.Handler) slog.Handler) {
	for _, bc := range []struct {
		name string
		h    slog.Handler
	}{
		{"slogtel", slogjson.New(io.Discard, nil)},
		{"slog.JSONHandler", slog.NewJSONHandler(io.Discard, nil)},
		{"phuslu", phuslu.SlogNewJSONHandler(io.Discard, nil)},
		{"zerolog", zerolog.NewSlogHandler(zerolog.New(io.Discard))},
	} {
		b.Run(bc.name, func(b *testing.B) {
			h := bc.h
			if with != nil {
				h = with(h)
			}
			ctx := context.Background()
			parallel(b, func() {
				_ = h.Handle(ctx, r)
			})
		})
	}
}

func BenchmarkJSONTiming(b *testing.B)  { jsonHandlers(b, timingRecord(), nil) }
func BenchmarkJSON5Attrs(b *testing.B)  { jsonHandlers(b, appRecord(5), nil) }
func BenchmarkJSON10Attrs(b *testing.B) { jsonHandlers(b, appRecord(10), nil) }
func BenchmarkJSONGroups(b *testing.B)  { jsonHandlers(b, groupRecord(), nil) }
func BenchmarkJSONWith(b *testing.B) {
	jsonHandlers(b, appRecord(5), func(h slog.Handler) slog.Handler {
		return h.WithAttrs([]slog.Attr{slog.String("svc", "api"), slog.Int("pid", 4242)}).
			WithGroup("http").WithAttrs([]slog.Attr{slog.String("id", "abc-def")}).WithGroup("in")
	})
}

// A whole scope, from Start to its JSON line, against a span that is never exported.
func BenchmarkSpanToJSON(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogjson.New(io.Discard, nil))
		parallel(b, func() {
			_, span := tel.Start(ctx, "bench", slog.String("model", "m"))
			span.End()
		})
	})
	b.Run("otel SDK, not exported", func(b *testing.B) {
		tracer := sdkTracer()
		parallel(b, func() {
			_, span := tracer.Start(ctx, "bench", trace.WithAttributes(attribute.String("model", "m")))
			span.End()
		})
	})
}

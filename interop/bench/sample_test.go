package bench

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rs/zerolog"
	slogmulti "github.com/samber/slog-multi"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/handlers/slogjson"
)

// One in ten of a timing is kept, and becomes JSON that is discarded. The peers decide
// by chance or by counting, for each record alone, and do not write down the rate.
// (samber/slog-sampling is not in the module proxy of the place where this was written.)
func BenchmarkSample(b *testing.B) {
	ctx := context.Background()
	handle := func(b *testing.B, h slog.Handler, r slog.Record) {
		parallel(b, func() {
			_ = h.Handle(ctx, r)
		})
	}
	rules := []sample.Rule{{Scope: "api.*", Rate: 0.5}, {Scope: "pipeline*", Rate: 0.1}}
	b.Run("slogtel", func(b *testing.B) {
		sampled := sample.New(&sample.Options{Rules: rules}).Middleware
		handle(b, sampled(slogjson.New(io.Discard, nil)), timingRecord())
	})
	b.Run("slog-multi pipe", func(b *testing.B) {
		sample := slogmulti.NewHandleInlineMiddleware(func(ctx context.Context, r slog.Record, next func(context.Context, slog.Record) error) error {
			if rand.Float64() >= 0.1 {
				return nil
			}
			return next(ctx, r)
		})
		handle(b, slogmulti.Pipe(sample).Handler(slogjson.New(io.Discard, nil)), timingRecord())
	})
	b.Run("zap", func(b *testing.B) {
		core := zapcore.NewSamplerWithOptions(zapJSON(zapcore.AddSync(io.Discard)), time.Second, 1, 10)
		log, fields := zap.New(core), zapTiming()
		parallel(b, func() {
			log.Info("telemetry.timing", fields...)
		})
	})
	b.Run("zerolog", func(b *testing.B) {
		log := zerolog.New(io.Discard).Sample(&zerolog.BasicSampler{N: 10})
		parallel(b, func() {
			log.Info().Str("scope", "pipeline.plan.tokenize").Int("depth", 2).Str("parent_scope", "pipeline.plan").
				Str("metric_type", "timing").Int64("call_count", 1).Float64("duration_s", 0.001234567).
				Float64("start_monotonic_s", 12.345678901).Float64("end_monotonic_s", 12.346913468).
				Float64("start_wall_time_s", 1763850000.1234567).Float64("end_wall_time_s", 1763850000.1246912).
				Str("model", "gemini-2.5-flash").Msg("telemetry.timing")
		})
	})
	b.Run("no sampling", func(b *testing.B) {
		handle(b, slogjson.New(io.Discard, nil), timingRecord())
	})
}

//go:build !race

package reporters_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters"
	"github.com/slogtel/telemetry/slogtel"
)

func TestMemoryAllocatesNothing(t *testing.T) {
	withAttrs := timingRecord("a.b", "a", 1, 0.5, "it failed")
	withAttrs.AddAttrs(slog.String("model", "m"), slog.Any("more", []int{1, 2}), slog.Int("n", 3))
	for name, r := range map[string]slog.Record{
		"timing":    timingRecord("a.b", "a", 1, 0.5, ""),
		"attrs":     withAttrs,
		"counter":   metricRecord("a.n", slogtel.TypeCounter, slog.Int64Value(1)),
		"gauge":     metricRecord("a.g", slogtel.TypeGauge, slog.Float64Value(1)),
		"histogram": metricRecord("a.h", slogtel.TypeHistogram, slog.Float64Value(1)),
		"plain":     metricRecord("a.p", slogtel.TypePlain, slog.StringValue("text")),
		"log":       slog.Record{Message: "ordinary"},
	} {
		mem := reporters.NewMemory(nil)
		_ = mem.Handle(t.Context(), r)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = mem.Handle(t.Context(), r) }), name)
	}
	full := reporters.NewMemory(&reporters.MemoryOptions{MaxSeries: 1})
	_ = full.Handle(t.Context(), timingRecord("first", "", 0, 1, ""))
	_ = full.Handle(t.Context(), withAttrs)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = full.Handle(t.Context(), withAttrs) }), "what is forgotten")
}

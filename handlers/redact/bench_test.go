package redact

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
)

var (
	errWrapped   = fmt.Errorf("cannot load the plan: %w", fmt.Errorf("again: %w", io.EOF))
	cleanRecords = map[string]slog.Record{
		"timing": telemetryRecord(),
		"series": testkit.OfSeries(testkit.Timing("pipeline.plan.tokenize", "pipeline.plan", 2, 0.00124, "")),
		"five":   record(fiveAttrs...),
		"ten":    record(tenAttrs...),
		"groups": record(slog.Group("req", slog.String("method", "GET"), slog.Group("user", slog.Int("id", 7), slog.String("name", "ann"))), slog.Int("status", 200)),
		"error":  record(slog.Any("err", errWrapped), slog.Any("level", slog.LevelWarn), slog.Time("at", time.Unix(1, 0))),
		"struct": record(slog.Any("point", struct{ X, Y int }{1, 2})),
	}
)

// metricType resolves to what it is, as telemetry's own does.
type metricType string

func (m metricType) LogValue() slog.Value { return slog.StringValue(string(m)) }

func telemetryRecord() slog.Record {
	const start, duration = 1763850000.1234567, 0.001234567
	return record(
		slog.String("scope", "pipeline.plan.tokenize"), slog.Int("depth", 2), slog.String("parent_scope", "pipeline.plan"),
		slog.Any("metric_type", metricType("timing")), slog.Int("call_count", 17), slog.Float64("duration_s", duration),
		slog.Float64("start_monotonic_s", 12.345678901), slog.Float64("end_monotonic_s", 12.346913468),
		slog.Float64("start_wall_time_s", start), slog.Float64("end_wall_time_s", start+duration),
		slog.String("model", "gemini-2.0-flash"))
}

// Under the names of a pattern path nothing is found either.
var withPatterns = &Options{Keys: []string{"customer.*", "*_pin", "tenant"}, Allow: []string{"session_id"}, Stats: new(Stats)}

func TestRedactCleanAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, r := range cleanRecords {
		for _, opts := range []*Options{nil, withPatterns} {
			h := New(opts)(slog.DiscardHandler).WithGroup("g")
			assert.Zero(t, testing.AllocsPerRun(100, func() { _ = h.Handle(ctx, r) }), name)
		}
	}
}

// BenchmarkRedact is what Redact costs by itself, and before a handler.
func BenchmarkRedact(b *testing.B) {
	dirty := map[string]slog.Record{
		"dirty key":  record(append(fiveAttrs[:4:4], slog.String("api_key", "0123456789"))...),
		"dirty text": record(append(fiveAttrs[:4:4], slog.String("url", "https://u:secretpw1@example.com/x"))...),
		"map":        record(slog.Any("m", map[string]any{"a": 1, "b": "text", "c": []string{"x", "y"}})),
	}
	for _, set := range []map[string]slog.Record{cleanRecords, dirty} {
		for name, r := range set {
			for _, c := range []struct {
				name string
				h    slog.Handler
			}{
				{"alone", New(nil)(slog.DiscardHandler)},
				{"patterns", New(withPatterns)(slog.DiscardHandler)},
				{"JSON", newJSON(io.Discard, nil)},
				{"Redact,JSON", New(nil)(newJSON(io.Discard, nil))},
			} {
				b.Run(name+"/"+c.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						_ = c.h.Handle(ctx, r)
					}
				})
			}
		}
	}
}

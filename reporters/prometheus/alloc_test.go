//go:build !race

package prometheus_test

import (
	"log/slog"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

func TestAllocs(t *testing.T) {
	testkit.NeedsAllocs(t)
	labels := []slog.Attr{slog.String("model", "m"), slog.Group("http", slog.Int("status", 200)), slog.Bool("ok", true), slog.String("more", "x")}
	for name, r := range benchRecords(labels) {
		b := newBench(t, prometheus.Options{LabelKeys: []string{"model", "http.status", "ok"}, MaxSeries: 20})
		h := b.handler.WithAttrs([]slog.Attr{slog.String("model", "bound")})
		for range 30 { // until the series is in the table that needs no lock
			_ = h.Handle(t.Context(), r)
		}
		assert.Zero(t, testing.AllocsPerRun(200, func() { _ = h.Handle(t.Context(), r) }), name)
	}
}

func TestAllocsOfWhatIsLost(t *testing.T) {
	testkit.NeedsAllocs(t)
	b := newBench(t, prometheus.Options{MaxSeries: 2})
	for name, r := range map[string]slog.Record{
		"first":    metricRecord("x", slogtel.TypeGauge, slog.Float64Value(1)),
		"clash":    metricRecord("x", slogtel.TypeHistogram, slog.Float64Value(1)),
		"overflow": metricRecord("z", slogtel.TypeGauge, slog.Float64Value(1)),
		"negative": metricRecord("x", slogtel.TypeCounter, slog.Int64Value(-1)),
		"skipped":  metricRecord("y", slogtel.TypePlain, slog.StringValue("text")),
		"counted":  timingRecord("x", 1, slog.String(slogtel.KeyError, "failed"), slog.Bool(slogtel.KeyInSummary, true)),
		"log":      {Message: "ordinary"},
	} {
		if name != "first" {
			_ = b.handler.Handle(t.Context(), metricRecord("x", slogtel.TypeGauge, slog.Float64Value(1)))
		}
		_ = b.handler.Handle(t.Context(), r)
		assert.Zero(t, testing.AllocsPerRun(200, func() { _ = b.handler.Handle(t.Context(), r) }), name)
	}
}

// Exemplars are built once a second; between two of them nothing is.
func TestAllocsWithTraceIDs(t *testing.T) {
	testkit.NeedsAllocs(t)
	b := newBench(t, prometheus.Options{})
	r := timingRecord("a", .5, slog.String("trace_id", traceA), slog.String("span_id", spanA))
	for range 10 {
		_ = b.handler.Handle(t.Context(), r)
	}
	assert.Less(t, testing.AllocsPerRun(5000, func() { _ = b.handler.Handle(t.Context(), r) }), 1.)
}

// What is kept of an event is a copy: a name may be part of something huge.
func TestKeepsNothingOfTheRecord(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"k"}, NativeFactor: 1})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 20 {
		huge := string(make([]byte, 1<<20)) + "abcdefghijklmnopqrstuvwxyz"
		end := huge[len(huge)-1-i:]
		_ = b.handler.Handle(t.Context(), metricRecord(end, slogtel.TypeGauge, slog.Float64Value(1), slog.String("k", end)))
		_ = b.handler.Handle(t.Context(), timingRecord(end, 1, slog.String("trace_id", end), slog.String("span_id", end), slog.String("k", huge)))
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(2<<20))
	runtime.KeepAlive(b)
}

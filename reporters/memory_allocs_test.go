//go:build !race

package reporters_test

import (
	"log/slog"
	"runtime"
	"strconv"
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

func TestMemoryMillionScopes(t *testing.T) {
	if testing.Short() {
		t.Skip("a million scopes take some seconds")
	}
	mem := reporters.NewMemory(nil)
	before := memoryHeap()
	const n, most = 1_000_000, 4096
	var full int64
	for i := range n {
		if i == most {
			full = memoryHeap()
		}
		_ = mem.Handle(t.Context(), timingRecord("tenant_"+strconv.Itoa(i), "", 0, float64(i), ""))
	}
	assert.Less(t, full-before, int64(6<<20))
	assert.Less(t, memoryHeap()-full, int64(1<<20))
	s := mem.Snapshot()
	assert.Len(t, s.Scopes, most)
	assert.EqualValues(t, n-most, s.Forgotten.Timings)
	mem.Reset()
	s = reporters.Snapshot{}
	assert.Less(t, memoryHeap()-before, int64(1<<20), "Reset gives the memory back")
	runtime.KeepAlive(mem)
}

func memoryHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

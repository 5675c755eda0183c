//go:build !race

package memory_test

import (
	"log/slog"
	"runtime"
	"strconv"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

func TestAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	withAttrs := testkit.Timing("a.b", "a", 1, 0.5, "it failed")
	withAttrs.AddAttrs(slog.String("model", "m"), slog.Any("more", []int{1, 2}), slog.Int("n", 3))
	for name, r := range map[string]slog.Record{
		"timing":    testkit.Timing("a.b", "a", 1, 0.5, ""),
		"attrs":     withAttrs,
		"counter":   testkit.Metric("a.n", slogtel.TypeCounter, slog.Int64Value(1)),
		"gauge":     testkit.Metric("a.g", slogtel.TypeGauge, slog.Float64Value(1)),
		"histogram": testkit.Metric("a.h", slogtel.TypeHistogram, slog.Float64Value(1)),
		"plain":     testkit.Metric("a.p", slogtel.TypePlain, slog.StringValue("text")),
		"log":       slog.Record{Message: "ordinary"},
	} {
		mem := memory.New(nil)
		_ = mem.Handle(t.Context(), r)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = mem.Handle(t.Context(), r) }), name)
	}
	full := memory.New(&memory.Options{MaxSeries: 1})
	_ = full.Handle(t.Context(), testkit.Timing("first", "", 0, 1, ""))
	_ = full.Handle(t.Context(), withAttrs)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = full.Handle(t.Context(), withAttrs) }), "what is forgotten")
}

func TestMillionScopes(t *testing.T) {
	if testing.Short() {
		t.Skip("a million scopes take some seconds")
	}
	mem := memory.New(nil)
	before := testkit.Heap()
	const n, most = 1_000_000, 4096
	var full int64
	for i := range n {
		if i == most {
			full = testkit.Heap()
		}
		_ = mem.Handle(t.Context(), testkit.Timing("tenant_"+strconv.Itoa(i), "", 0, float64(i), ""))
	}
	assert.Less(t, full-before, int64(6<<20))
	assert.Less(t, testkit.Heap()-full, int64(1<<20))
	s := mem.Snapshot()
	assert.Len(t, s.Scopes, most)
	assert.EqualValues(t, n-most, s.Forgotten.Timings)
	mem.Reset()
	s = memory.Snapshot{}
	assert.Less(t, testkit.Heap()-before, int64(1<<20), "Reset gives the memory back")
	runtime.KeepAlive(mem)
}

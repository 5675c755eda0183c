//go:build !race

package reporters_test

import (
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters"
	"github.com/slogtel/telemetry/slogtel"
)

func TestAggregateAllocatesNothing(t *testing.T) {
	withAttrs := timingRecord("a.b", "a", 1, 0.5, "")
	withAttrs.AddAttrs(slog.String("model", "m"), slog.Any("more", []int{1, 2}), slog.Int("n", 3))
	sampled := timingRecord("a.b", "a", 1, 0.5, "")
	sampled.AddAttrs(slog.Float64("sample_rate", 0.3))
	for name, r := range map[string]slog.Record{
		"timing":    timingRecord("a.b", "a", 1, 0.5, ""),
		"attrs":     withAttrs,
		"sampled":   sampled,
		"counter":   metricRecord("a.n", slogtel.TypeCounter, slog.Int64Value(1)),
		"gauge":     metricRecord("a.g", slogtel.TypeGauge, slog.Float64Value(1)),
		"histogram": metricRecord("a.h", slogtel.TypeHistogram, slog.Float64Value(1)),
		"log":       {Message: "ordinary"},
	} {
		for _, opts := range []*reporters.AggregateOptions{nil, {Keys: []string{"n", "model", "none"}}, {MaxSeries: 1}} {
			agg := reporters.NewAggregate(nil, opts)
			_ = agg.Handle(t.Context(), timingRecord("first", "", 0, 1, ""))
			_ = agg.Handle(t.Context(), r)
			assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = agg.Handle(t.Context(), r) }), name)
			require.NoError(t, agg.Shutdown(t.Context()))
		}
	}
}

// A million scopes take as much memory as the cap says, and give it back.
func TestAggregateMillionScopes(t *testing.T) {
	if testing.Short() {
		t.Skip("a million scopes take some seconds")
	}
	agg := reporters.NewAggregate(nil, &reporters.AggregateOptions{Interval: time.Hour})
	before := memoryHeap()
	const n, most = 1_000_000, 4096
	for i := range n {
		_ = agg.Handle(t.Context(), timingRecord("tenant_"+strconv.Itoa(i), "", 0, float64(i), ""))
	}
	assert.Less(t, memoryHeap()-before, int64(8<<20))
	assert.Equal(t, most+1, agg.Stats().Series)
	require.NoError(t, agg.Flush(t.Context()))
	assert.EqualValues(t, n-most, agg.Stats().Overflowed)
	assert.EqualValues(t, n, agg.Stats().Events)
	require.NoError(t, agg.Flush(t.Context()))
	assert.Less(t, memoryHeap()-before, int64(1<<20), "an interval leaves nothing behind")
	runtime.KeepAlive(agg)
	require.NoError(t, agg.Shutdown(t.Context()))
}

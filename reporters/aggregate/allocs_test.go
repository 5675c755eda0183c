//go:build !race

package aggregate_test

import (
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

func TestAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	withAttrs := testkit.Timing("a.b", "a", 1, 0.5, "")
	withAttrs.AddAttrs(slog.String("model", "m"), slog.Any("more", []int{1, 2}), slog.Int("n", 3))
	sampled := testkit.Timing("a.b", "a", 1, 0.5, "")
	sampled.AddAttrs(slog.Float64("sample_rate", 0.3))
	for name, r := range map[string]slog.Record{
		"timing":    testkit.Timing("a.b", "a", 1, 0.5, ""),
		"attrs":     withAttrs,
		"sampled":   sampled,
		"counter":   testkit.Metric("a.n", slogtel.TypeCounter, slog.Int64Value(1)),
		"gauge":     testkit.Metric("a.g", slogtel.TypeGauge, slog.Float64Value(1)),
		"histogram": testkit.Metric("a.h", slogtel.TypeHistogram, slog.Float64Value(1)),
		"log":       {Message: "ordinary"},
	} {
		for _, opts := range []*aggregate.Options{nil, {Keys: []string{"n", "model", "none"}}, {MaxSeries: 1}} {
			agg := aggregate.New(nil, opts)
			_ = agg.Handle(t.Context(), testkit.Timing("first", "", 0, 1, ""))
			_ = agg.Handle(t.Context(), r)
			assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = agg.Handle(t.Context(), r) }), name)
			require.NoError(t, agg.Shutdown(t.Context()))
		}
	}
}

// A million scopes take as much memory as the cap says, and give it back.
func TestMillionScopes(t *testing.T) {
	if testing.Short() {
		t.Skip("a million scopes take some seconds")
	}
	agg := aggregate.New(nil, &aggregate.Options{Interval: time.Hour})
	before := testkit.Heap()
	const n, most = 1_000_000, 4096
	for i := range n {
		_ = agg.Handle(t.Context(), testkit.Timing("tenant_"+strconv.Itoa(i), "", 0, float64(i), ""))
	}
	assert.Less(t, testkit.Heap()-before, int64(8<<20))
	assert.Equal(t, most+1, agg.Stats().Series)
	require.NoError(t, agg.Flush(t.Context()))
	assert.EqualValues(t, n-most, agg.Stats().Overflowed)
	assert.EqualValues(t, n, agg.Stats().Events)
	require.NoError(t, agg.Flush(t.Context()))
	assert.Less(t, testkit.Heap()-before, int64(1<<20), "an interval leaves nothing behind")
	runtime.KeepAlive(agg)
	require.NoError(t, agg.Shutdown(t.Context()))
}

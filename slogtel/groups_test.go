package slogtel_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What slog's own JSON handler makes a line of that is not JSON, or that has a key twice, goes out
// without that.
func TestGroupsAreTidy(t *testing.T) {
	var out slogteltest.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slog.NewJSONHandler(&out, nil))
	tel.Count(t.Context(), "a", 1, slog.Group("g", slog.Attr{}), slog.Int("n", 1))
	tel.Count(t.Context(), "a", 1, slog.Group("g", slog.Group("h", slog.Attr{}), slog.Group("i")), slog.Int("n", 1))
	tel.Count(t.Context(), "a", 1, slog.Group("g", slog.Int("k", 1), slog.Int("k", 2)), slog.Int("n", 1))
	lines := testkit.JSONLines(t, out.String())
	require.Len(t, lines, 3)
	for _, l := range lines {
		assert.EqualValues(t, 1, l["n"])
	}
	assert.Equal(t, map[string]any{"k": 2.0}, lines[2]["g"])
	assert.NotContains(t, out.String(), `"k":1`)
}

// Attributes that a handler added under a key of another kind of event are the caller's.
func TestKeysOfOtherEvents(t *testing.T) {
	r := testkit.Timing("a", "", 0, 1, "")
	r.AddAttrs(slog.String("unit", "eu"), slog.Int("value", 3))
	timing, ok := slogtel.DecodeTiming(r)
	require.True(t, ok)
	assert.Equal(t, []slog.Attr{slog.String("unit", "eu"), slog.Int("value", 3)}, timing.Attrs)
	m := testkit.Metric("a", slogtel.TypeGauge, slog.Float64Value(1))
	m.AddAttrs(slog.String("error", "e"), slog.Int("call_count", 2))
	metric, ok := slogtel.DecodeMetric(m)
	require.True(t, ok)
	assert.Equal(t, []slog.Attr{slog.String("error", "e"), slog.Int("call_count", 2)}, metric.Attrs)
}

// A trace without a span has no span_id.
func TestTraceWithoutSpan(t *testing.T) {
	var out slogteltest.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, slog.NewJSONHandler(&out, nil))
	ctx := scope.NewContext(t.Context(), scope.Info{TraceID: "0123456789abcdef0123456789abcdef"})
	tel.Count(ctx, "a", 1)
	assert.NotContains(t, out.String(), `"span_id":""`)
}

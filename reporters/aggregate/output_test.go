package aggregate_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// through sums up the same events, for next.
func through(t *testing.T, next slog.Handler) {
	synctest.Test(t, func(t *testing.T) {
		agg := aggregate.New(next, &aggregate.Options{Sketch: true, Keys: []string{"model"}})
		model := slog.String("model", "m")
		for i := range 100 {
			r := testkit.Timing("pipeline.call", "pipeline", 1, float64(i+1)/1000, map[bool]string{true: "refused"}[i == 7])
			r.AddAttrs(model, slog.Int("i", i))
			n := testkit.Metric("pipeline.call.tokens", slogtel.TypeCounter, slog.Int64Value(int64(i)))
			g := testkit.Metric("pipeline.load", slogtel.TypeGauge, slog.Float64Value(0.5))
			h := testkit.Metric("pipeline.size", slogtel.TypeHistogram, slog.Float64Value(float64(i)))
			testkit.Handle(t, agg, r, n, g, h)
		}
		time.Sleep(10 * time.Second)
		require.NoError(t, agg.Shutdown(t.Context()))
	})
}

func TestOnConsole(t *testing.T) {
	var out slogteltest.Buffer
	through(t, console.New(&out, nil))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 5)
	assert.Contains(t, lines[0], "refused")
	for i, want := range []string{
		"pipeline.call ×100 in 10s 10/s mean 50.5ms p50 50.4ms p95 94.9ms p99 98.7ms max 100ms errors 1 model=m",
		"pipeline.call.tokens +4950 ×100 in 10s 495/s",
		"pipeline.load = 0.5 ×100 in 10s min 0.5 mean 0.5 max 0.5",
		"pipeline.size ~ ×100 in 10s 10/s mean 49.5 p50 49 p95 94.1 p99 97.9 max 99",
	} {
		assert.True(t, strings.HasSuffix(lines[1+i], want), lines[1+i])
	}
}

func TestAsJSON(t *testing.T) {
	var flat, ecs slogteltest.Buffer
	through(t, jsonlines.New(&flat, nil))
	through(t, jsonlines.New(&ecs, &jsonlines.Options{Schema: jsonlines.ECS}))
	flatLines, ecsLines := testkit.JSONLines(t, flat.String()), testkit.JSONLines(t, ecs.String())
	require.Len(t, flatLines, 5)
	require.Len(t, ecsLines, 5)
	assert.Equal(t, true, flatLines[0]["in_summary"])
	for i, m := range flatLines {
		other := ecsLines[i]
		inner, _ := other["slogtel"].(map[string]any)
		require.NotNil(t, inner, "%v", other)
		if i == 0 {
			assert.Equal(t, true, inner["in_summary"])
			continue
		}
		want := map[string]any{}
		for k, v := range m {
			if k != "time" && k != "level" && k != "msg" && k != "model" {
				want[k] = v
			}
		}
		assert.Equal(t, want, inner, "both say the same")
		if m["scope"] == "pipeline.call" {
			assert.Equal(t, "m", m["model"])
			assert.Equal(t, map[string]any{"model": "m"}, other["labels"])
			assert.Equal(t, 100.0, m["count"])
			assert.Equal(t, 10.0, m["rate"])
			assert.Equal(t, 0.01, m["quantile_error"])
			assert.Contains(t, m["sketch"], "1:")
		}
	}
	// In an index that maps a field once, a float must have a point.
	for line := range strings.Lines(ecs.String()) {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		var m map[string]any
		require.NoError(t, dec.Decode(&m))
		for k, v := range m["slogtel"].(map[string]any) {
			if n, ok := v.(json.Number); ok {
				whole := map[string]bool{"count": true, "errors": true, "depth": true, "call_count": true}[k]
				assert.Equal(t, !whole, strings.ContainsAny(n.String(), ".e"), "%s: %s", k, n)
			}
		}
	}
}

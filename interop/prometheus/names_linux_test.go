package prometheus

import (
	"fmt"
	"log/slog"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	reporter "github.com/slogtel/telemetry/reporters/prometheus"
)

// TestNamesAndLimits: what the handler does not count as lost is what a real server has.
func TestNamesAndLimits(t *testing.T) {
	for _, utf8Names := range []bool{false, true} {
		t.Run(fmt.Sprintf("utf8=%v", utf8Names), func(t *testing.T) {
			a := newApp(t, &reporter.Options{
				Namespace: "app", LabelKeys: []string{"id", "http.status"}, UTF8Names: utf8Names, MaxSeriesPerMetric: 100, IdleTimeout: 10 * time.Minute,
				Help: map[string]string{"heap": "Memory in use."}, Units: map[string]string{"heap": "By", "flow": "MiBy/s"},
				OnError: func(error) {},
			})
			ctx := t.Context()
			for i := range 3000 {
				a.Count(ctx, "noisy", 1, slog.Int("id", i))
			}
			a.Timing(ctx, "q", time.Second, slog.Group("http", slog.Int("status", 500)))
			a.Count(ctx, "q", 3)
			a.Gauge(ctx, "q", 5) // clashes
			a.Gauge(ctx, "q_count", 6)
			a.Timing(ctx, "fetch", 2*time.Second)
			a.Timing(ctx, "fetch_ms", 3*time.Second)
			a.Gauge(ctx, "heap", 7)
			a.Gauge(ctx, "flow", 8)
			a.Count(ctx, "end", math.MaxInt64)
			a.Count(ctx, "end", 1)
			a.Gauge(ctx, "gone", 1)
			require.Equal(t, 1, a.handler.Delete("gone"))
			d := start(t, a.address())
			a.finish(t, d)
			for query, want := range map[string]float64{
				"count(app_noisy_total)": 100, `app_q_seconds_sum{http_status="500"}`: 1, "app_q_total": 3, "app_q_count_value": 6,
				"app_fetch_seconds_sum": 2, "app_fetch_ms_seconds_sum": 3, "app_heap_bytes": 7, "app_flow_mebibytes_per_second": 8,
				"app_end_total": math.MaxInt64,
				`app_slogtel_dropped_events_total{reason="overflow"}`:  2900,
				`app_slogtel_dropped_events_total{reason="clash"}`:     1,
				`app_slogtel_dropped_events_total{reason="saturated"}`: 1,
			} {
				assert.Equal(t, want, d.number(query), query)
			}
			assert.False(t, d.has("app_q"))
			assert.False(t, d.has("app_gone"))
			assert.Contains(t, a.text(t), "# HELP app_heap_bytes Memory in use.\n")
		})
	}
}

// TestPromtoolUnits: names with units pass Prometheus' own check.
func TestPromtoolUnits(t *testing.T) {
	_, tool := find(t)
	a := newApp(t, &reporter.Options{Namespace: "app", Units: map[string]string{"heap": "By", "rate": "1", "spent": "s", "hits": "{hit}"}})
	a.Gauge(t.Context(), "heap", 1)
	a.Gauge(t.Context(), "rate", 0.5)
	a.Count(t.Context(), "spent", 1)
	a.Histogram(t.Context(), "hits", 1)
	cmd := exec.CommandContext(t.Context(), tool, "check", "metrics")
	cmd.Stdin = strings.NewReader(a.text(t))
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err)
	assert.Empty(t, string(out))
}

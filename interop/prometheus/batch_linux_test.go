package prometheus

import (
	"bytes"
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/interop/internal/batchrun"
	reporter "github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// TestBatch: all events of a real run of the batch example, in their order, through
// the handler to a real server. What that answers is what the Memory of the run saw.
func TestBatch(t *testing.T) {
	run, err := batchrun.Run(t.Context(), "-q", "-local-limit", "3", "-batch-tokens", "4000", "-retries", "10", "scope", "slogtel", "README.md")
	require.NoError(t, err)
	require.Equal(t, "ok", run.Status)
	seen := run.Metrics.Memory
	require.Zero(t, seen.Forgotten)
	require.True(t, len(seen.Scopes) > 5 && len(seen.Counters) > 5 && len(seen.Gauges) > 0 && len(seen.Histograms) > 0, "%+v", seen)

	registry := prom.NewPedanticRegistry()
	handler, err := reporter.New(registry, &reporter.Options{Namespace: "app"})
	require.NoError(t, err)
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(server.Close)
	events := 0
	for line := range bytes.Lines(run.Lines) {
		r, err := batchrun.Record(line)
		require.NoError(t, err)
		require.NoError(t, handler.Handle(t.Context(), r))
		events++
	}
	d := start(t, strings.TrimPrefix(server.URL, "http://"))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, handler)
	tel.Gauge(t.Context(), "finished", 1)
	require.Eventually(t, func() bool { return d.has("app_finished") }, ready, 100*time.Millisecond, "no scrape")

	name := func(path, unit string) string {
		return "app_" + strings.TrimSuffix(strings.ReplaceAll(path, ".", "_"), unit) + unit
	}
	total := int64(0)
	for _, s := range seen.Scopes {
		timing := name(s.Scope, "_seconds")
		assert.EqualValues(t, s.Calls, d.number(timing+"_count"), timing)
		assert.EqualValues(t, s.Errors, d.number(timing+"_errors_total"), timing)
		assert.InDelta(t, s.TotalSeconds, d.number(timing+"_sum"), 1e-9*math.Max(1, s.TotalSeconds), timing)
		total += s.Calls
	}
	for _, c := range seen.Counters {
		assert.EqualValues(t, c.Sum, d.number(name(c.Scope, "_total")), c.Scope)
		total += c.Count
	}
	for _, g := range seen.Gauges {
		assert.Equal(t, g.Last, d.number(name(g.Scope, "")), g.Scope)
		total += g.Count
	}
	for _, h := range seen.Histograms {
		assert.EqualValues(t, h.Count, d.number(name(h.Scope, "")+"_count"), h.Scope)
		assert.Equal(t, h.Sum, d.number(name(h.Scope, "")+"_sum"), h.Scope)
		total += h.Count
	}
	assert.EqualValues(t, events, total, "there is nothing else")
	st := handler.Stats()
	assert.Zero(t, st.Skipped+st.Clashed+st.Negative+st.Overflowed+st.Truncated, fmt.Sprintf("%+v", st))
}

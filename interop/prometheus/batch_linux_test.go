package prometheus

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	reporter "github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// runBatch runs the batch example over some files of this repository. It returns what
// its Memory saw, and its events: the records that its telemetry.jsonl was made of.
func runBatch(t *testing.T) (seen memory.Snapshot, events []slog.Record) {
	t.Helper()
	dir := t.TempDir()
	program, out, telemetry := filepath.Join(dir, "batch"), filepath.Join(dir, "result.json"), filepath.Join(dir, "telemetry.jsonl")
	for _, args := range [][]string{
		{"go", "build", "-o", program, "./examples/batch"},
		{program, "-q", "-local-limit", "3", "-batch-tokens", "4000", "-retries", "10", "-out", out, "-telemetry", telemetry, "scope", "slogtel", "README.md"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = "../.."
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		printed, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", printed)
	}
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	var result struct {
		Metrics struct{ Memory memory.Snapshot }
	}
	require.NoError(t, json.Unmarshal(data, &result))
	data, err = os.ReadFile(telemetry)
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		events = append(events, recordOf(t, line))
	}
	return result.Metrics.Memory, events
}

// recordOf turns a line of telemetry.jsonl back into its record.
func recordOf(t *testing.T, line string) slog.Record {
	t.Helper()
	var e map[string]any
	require.NoError(t, json.Unmarshal([]byte(line), &e), line)
	r := slog.NewRecord(time.Now(), slog.LevelInfo, e[slog.MessageKey].(string), 0)
	for key, v := range e {
		f, isNumber := v.(float64)
		switch {
		case key == slog.MessageKey || key == slog.TimeKey || key == slog.LevelKey:
		case isNumber && (key == slogtel.KeyDepth || key == slogtel.KeyCallCount || key == slogtel.KeyValue && e[slogtel.KeyMetricType] == "counter"):
			r.AddAttrs(slog.Int64(key, int64(f)))
		case isNumber:
			r.AddAttrs(slog.Float64(key, f))
		default:
			r.AddAttrs(slog.Any(key, v))
		}
	}
	require.True(t, slogtel.IsTelemetry(r), line)
	return r
}

// TestBatch: all events of a real run of the batch example, in their order, through
// the handler to a real server. What that answers is what the Memory of the run saw.
func TestBatch(t *testing.T) {
	seen, events := runBatch(t)
	require.Zero(t, seen.Forgotten)
	require.True(t, len(seen.Scopes) > 5 && len(seen.Counters) > 5 && len(seen.Gauges) > 0 && len(seen.Histograms) > 0, "%+v", seen)

	registry := prom.NewPedanticRegistry()
	handler, err := reporter.New(registry, &reporter.Options{Namespace: "app"})
	require.NoError(t, err)
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(server.Close)
	for _, r := range events {
		require.NoError(t, handler.Handle(t.Context(), r))
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
	assert.EqualValues(t, len(events), total, "there is nothing else")
	st := handler.Stats()
	assert.Zero(t, st.Skipped+st.Clashed+st.Negative+st.Overflowed+st.Truncated, fmt.Sprintf("%+v", st))
}

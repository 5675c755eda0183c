package shipping

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lokiConfig is one Loki with all in it, on 127.0.0.1, with files in a folder. The two
// periods are why it is ready in a second and not in ten.
const lokiConfig = `
auth_enabled: false
server: {http_listen_address: 127.0.0.1, http_listen_port: %d, grpc_listen_address: 127.0.0.1, grpc_listen_port: %d, log_level: warn}
common:
  instance_addr: 127.0.0.1
  path_prefix: %q
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %[3]q, rules_directory: %[3]q}}
schema_config:
  configs: [{from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
memberlist: {bind_addr: [127.0.0.1], bind_port: %d}
frontend: {scheduler_dns_lookup_period: 200ms}
frontend_worker: {dns_lookup_duration: 200ms}
analytics: {reporting_enabled: false}
`

func startLoki(t *testing.T) string {
	t.Helper()
	bin := loki.path(t)
	port, dir := freePort(t), t.TempDir()
	config := filepath.Join(dir, "loki.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, lokiConfig, port, freePort(t), dir, freePort(t)), 0o644))
	start(t, nil, bin, "-config.file", config)
	waitFor(t, local(port)+"/ready")
	return local(port)
}

// logQL returns the answer to a query about the last hour: values by scope, or how many
// lines there are.
func logQL(t *testing.T, server, query string) (values map[string]float64, lines int) {
	t.Helper()
	path, params := "/loki/api/v1/query", url.Values{"query": {query}}
	if strings.HasPrefix(query, "{") {
		path = "/loki/api/v1/query_range"
		params.Set("since", "1h")
		params.Set("limit", "5000")
	}
	resp, err := http.Get(server + path + "?" + params.Encode())
	require.NoError(t, err)
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
				Values [][]any
			}
		}
	}
	require.Equal(t, http.StatusOK, resp.StatusCode, query)
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	values = make(map[string]float64)
	for _, r := range answer.Data.Result {
		lines += len(r.Values)
		if r.Metric == nil {
			continue
		}
		require.NotContains(t, values, r.Metric["scope"])
		values[r.Metric["scope"]], err = strconv.ParseFloat(r.Value[1].(string), 64)
		require.NoError(t, err)
	}
	return values, lines
}

// inLoki waits for the lines of the run, and compares the answers to the documented
// queries, each changed as the page says where it must be for a shipper.
func inLoki(t *testing.T, server string, r *run, changed func(query string) string) {
	t.Helper()
	change := func(query string) string { return changed(interval.ReplaceAllString(query, "[1h]")) }
	total := change(`sum(count_over_time({job="slogtel"}[5m]))`)
	require.Eventually(t, func() bool {
		values, _ := logQL(t, server, total)
		return values[""] == float64(r.lines())
	}, ready, 200*time.Millisecond, "lines wanted: %d", r.lines())

	ask := func(heading string, i int) map[string]float64 {
		values, _ := logQL(t, server, change(documented(t, heading, "logql")[i]))
		return values
	}
	a := &answers{
		p95: ask(askP95, 0), errorRate: ask(askErrors, 0), total: ask(askSlowest, 0),
		rate: ask(askCounter, 0), sum: ask(askCounter, 1),
		interpolated: true, window: time.Hour.Seconds(),
	}
	a.agree(t, r)

	all, _ := logQL(t, server, change(`quantile_over_time(0.95, {job="slogtel"} | json | metric_type="timing" | unwrap duration_s [5m]) by (scope)`))
	assert.Equal(t, a.p95, all, "with all fields taken out of the lines")

	failed := 0
	for _, s := range r.memory.Scopes {
		failed += int(s.Errors)
	}
	for _, query := range dashboardQueries(t) {
		values, lines := logQL(t, server, change(query))
		assert.NotEmpty(t, len(values)+lines, query)
		if strings.HasPrefix(query, "{") {
			assert.Equal(t, failed, lines, query)
		}
	}
}

// TestCollectorToLoki ships flat lines with the OpenTelemetry Collector into Loki.
func TestCollectorToLoki(t *testing.T) {
	heavy(t)
	r := theRun(t)
	bin, server := collector.path(t), startLoki(t)
	path := filepath.Join(t.TempDir(), "telemetry.jsonl")
	start(t, []string{"SLOGTEL_FILE=" + path, "SLOGTEL_STATE=" + t.TempDir(), "LOKI_URL=" + server},
		bin, "--config", example(t, "otelcol.yaml"))
	selector := `{service_name="myapp"}`
	copyTo(t, path, r.flat, func(lines int) {
		require.Eventually(t, func() bool {
			values, _ := logQL(t, server, `sum(count_over_time(`+selector+`[1h]))`)
			return values[""] == float64(lines)
		}, ready, 200*time.Millisecond)
	})
	inLoki(t, server, r, func(query string) string { return strings.ReplaceAll(query, `{job="slogtel"}`, selector) })
}

// TestTelegrafToLoki ships flat lines with telegraf into Loki.
func TestTelegrafToLoki(t *testing.T) {
	heavy(t)
	r := theRun(t)
	bin, server := telegraf.path(t), startLoki(t)
	path := filepath.Join(t.TempDir(), "telemetry.jsonl")
	start(t, []string{"SLOGTEL_FILE=" + path, "LOKI_URL=" + server}, bin, "--config", example(t, "telegraf.conf"))
	copyTo(t, path, r.flat, func(lines int) {
		require.Eventually(t, func() bool {
			values, _ := logQL(t, server, `sum(count_over_time({job="slogtel"}[1h]))`)
			return values[""] == float64(lines)
		}, ready, 200*time.Millisecond)
	})
	names := regexp.MustCompile(`\| json( [a-z_]+(, [a-z_]+)*)?`)
	inLoki(t, server, r, func(query string) string { return names.ReplaceAllString(query, "| logfmt") })
}

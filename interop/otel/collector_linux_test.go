package otel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// startCollector starts a Collector that writes spans to a file and shows metrics to a Prometheus.
func startCollector(t *testing.T) (otlp, file, metrics string) {
	t.Helper()
	bin := servers.Collector.Path(t)
	in, out, dir := testkit.FreePort(t), testkit.FreePort(t), t.TempDir()
	file = filepath.Join(dir, "traces.json")
	config := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:%d
exporters:
  file:
    path: %s
  prometheus:
    endpoint: 127.0.0.1:%d
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [file]
    metrics:
      receivers: [otlp]
      exporters: [prometheus]
`, in, file, out), 0o600))
	servers.Start(t, nil, bin, "--config", config)
	metrics = fmt.Sprintf("127.0.0.1:%d", out)
	servers.WaitFor(t, "http://"+metrics+"/metrics")
	return fmt.Sprintf("http://127.0.0.1:%d", in), file, metrics
}

// collected returns the spans that the Collector's file exporter wrote: OTLP as JSON, where ids are
// in hex and not, as JSON of protobuf has bytes, in base64.
func collected(t *testing.T, file string) byID {
	t.Helper()
	content, _ := os.ReadFile(file)
	all := byID{}
	for line := range bytes.Lines(content) {
		var batch struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []map[string]json.RawMessage }
			}
		}
		if json.Unmarshal(line, &batch) != nil {
			continue // still being written
		}
		for _, resource := range batch.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, raw := range scope.Spans {
					ids := map[string]string{}
					for _, key := range []string{"traceId", "spanId", "parentSpanId"} {
						_ = json.Unmarshal(raw[key], new(string))
						var id string
						_ = json.Unmarshal(raw[key], &id)
						ids[key] = id
						delete(raw, key)
					}
					delete(raw, "links")
					rest, err := json.Marshal(raw)
					require.NoError(t, err)
					var s traces.Span
					require.NoError(t, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(rest, &s))
					seen := ofProto(&s)
					seen.Trace, seen.ID, seen.Parent = ids["traceId"], ids["spanId"], ids["parentSpanId"]
					require.NotContains(t, all, seen.ID)
					all[seen.ID] = seen
				}
			}
		}
	}
	return all
}

func TestServiceThroughTheCollector(t *testing.T) {
	servers.Heavy(t)
	otlp, file, _ := startCollector(t)
	want := runService(t, otlp)
	checkService(t, want)
	var got byID
	require.Eventually(t, func() bool { got = collected(t, file); return len(got) >= len(want) }, servers.Ready, 100*time.Millisecond)
	assert.Equal(t, want, got)
}

// A real Prometheus scrapes the Collector: its sums are those of the memory reporter.
func TestMetricsInPrometheus(t *testing.T) {
	servers.Heavy(t)
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("Prometheus (Debian package prometheus) is not installed")
	}
	otlp, _, metrics := startCollector(t)
	w := newWorkload(t, otlp)
	w.run(t, 100_000)
	require.NoError(t, w.tel.Shutdown(t.Context()))

	dir, address := t.TempDir(), fmt.Sprintf("127.0.0.1:%d", testkit.FreePort(t))
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
  - job_name: collector
    static_configs: [{targets: [%q]}]
`, metrics), 0o600))
	servers.Start(t, nil, prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=warn")
	servers.WaitFor(t, "http://"+address+"/-/ready")
	query := func(q string) float64 {
		resp, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(q))
		if err != nil {
			return 0
		}
		defer resp.Body.Close()
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		if json.NewDecoder(resp.Body).Decode(&answer) != nil || len(answer.Data.Result) != 1 {
			return 0
		}
		f, _ := strconv.ParseFloat(fmt.Sprint(answer.Data.Result[0].Value[1]), 64)
		return f
	}
	require.Eventually(t, func() bool { return query("sum(work_items_total)") > 0 }, servers.Ready, 100*time.Millisecond)
	sums, counts := w.want()
	assert.InDelta(t, sums["work.items"], query("sum(work_items_total)"), 0)
	assert.InDelta(t, counts["work.size"], query("sum(work_size_count)"), 0)
	assert.InEpsilon(t, sums["work.size"], query("sum(work_size_sum)"), 1e-9)
	assert.InDelta(t, counts["work.step"], query("sum(work_step_duration_seconds_count)"), 0)
	assert.InDelta(t, sums["failures"], query("sum(work_step_errors_total)"), 0)
}

package shipping

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// exportOTLP runs examples/otel, which exports its log records to endpoint. What else it exports
// goes to a server that takes anything.
func exportOTLP(t *testing.T, endpoint string) error {
	t.Helper()
	rest := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer rest.Close()
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = "../../examples/otel"
	cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+rest.URL, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT="+endpoint+"/v1/logs")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// TestOTLPToVictoriaLogs sends events through the OpenTelemetry SDK to a server that
// takes OTLP.
func TestOTLPToVictoriaLogs(t *testing.T) {
	server := startVictoriaLogs(t)
	require.NoError(t, exportOTLP(t, server+"/insert/opentelemetry"))
	rows := map[string]map[string]string{}
	require.Eventually(t, func() bool { // a count may be there before the rows are
		for _, row := range logsQL(t, server, "*") {
			rows[row["scope"]] = row
		}
		return len(rows) >= 4
	}, ready, 100*time.Millisecond)
	checkOTLP(t, rows)
}

// checkOTLP looks at the events of examples/otel by scope, as they arrived: all
// attributes as text.
func checkOTLP(t *testing.T, rows map[string]map[string]string) {
	t.Helper()
	require.Len(t, rows, 4)
	order := rows["order"]
	for path, row := range rows {
		assert.Equal(t, order["trace_id"], row["trace_id"], path)
		assert.Len(t, row["trace_id"], 32, path)
	}
	assert.Equal(t, "42", order["id"])
	assert.Equal(t, "timing", order["metric_type"])
	assert.Len(t, order["parent_span_id"], 16, "the span of OpenTelemetry")
	assert.Equal(t, order["span_id"], rows["order.load"]["parent_span_id"])
	assert.Equal(t, "no address", rows["order.notify"]["error"])
	assert.Equal(t, "3", rows["order.load.rows"]["value"])
	assert.Equal(t, "counter", rows["order.load.rows"]["metric_type"])
}

// TestOTLPToCollector sends the same to a real Collector, which writes what it got to
// a file.
func TestOTLPToCollector(t *testing.T) {
	servers.Heavy(t)
	bin := servers.Collector.Path(t)
	dir, port := t.TempDir(), testkit.FreePort(t)
	config, file := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "logs.json")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:%d
exporters:
  file:
    path: %s
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [file]
`, port, file), 0o600))
	servers.Start(t, nil, bin, "--config", config)
	require.Eventually(t, func() bool {
		return exportOTLP(t, local(port)) == nil // until the Collector listens
	}, ready, time.Second)

	rows := map[string]map[string]string{}
	require.Eventually(t, func() bool {
		content, _ := os.ReadFile(file)
		rows = collected(content)
		return len(rows) == 4
	}, ready, 100*time.Millisecond)
	checkOTLP(t, rows)
	for path, row := range rows {
		assert.Equal(t, row["trace_id"], row["trace of the log record"], path)
	}
}

// collected returns the log records that the Collector's file exporter wrote, by scope.
func collected(content []byte) map[string]map[string]string {
	rows := map[string]map[string]string{}
	for line := range strings.Lines(string(content)) {
		var batch struct {
			ResourceLogs []struct {
				ScopeLogs []struct {
					LogRecords []struct {
						TraceID    string
						Attributes []struct {
							Key   string
							Value map[string]any
						}
					}
				}
			}
		}
		if json.Unmarshal([]byte(line), &batch) != nil {
			continue // still being written
		}
		for _, resource := range batch.ResourceLogs {
			for _, scope := range resource.ScopeLogs {
				for _, record := range scope.LogRecords {
					row := map[string]string{"trace of the log record": record.TraceID}
					for _, a := range record.Attributes {
						for _, v := range a.Value { // one member, named after the kind
							row[a.Key] = fmt.Sprint(v)
						}
					}
					rows[row["scope"]] = row
				}
			}
		}
	}
	return rows
}

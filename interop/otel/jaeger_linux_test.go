package otel

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// startJaeger starts a Jaeger that keeps traces in memory, and returns where it takes OTLP/HTTP
// and where its API is.
func startJaeger(t *testing.T) (otlp, api string) {
	t.Helper()
	bin := servers.Jaeger.Path(t)
	in, http, grpc := testkit.FreePort(t), testkit.FreePort(t), testkit.FreePort(t)
	config := filepath.Join(t.TempDir(), "jaeger.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [jaeger_storage_exporter]
  telemetry:
    metrics:
      level: none
extensions:
  jaeger_storage:
    backends:
      here:
        memory:
          max_traces: 100000
  jaeger_query:
    storage:
      traces: here
    http:
      endpoint: 127.0.0.1:%d
    grpc:
      endpoint: 127.0.0.1:%d
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:%d
exporters:
  jaeger_storage_exporter:
    trace_storage: here
`, http, grpc, in), 0o600))
	servers.Start(t, []string{"OTEL_TRACES_SAMPLER=always_off"}, bin, "--config", config)
	api = fmt.Sprintf("http://127.0.0.1:%d", http)
	servers.WaitFor(t, api+"/api/services")
	return fmt.Sprintf("http://127.0.0.1:%d", in), api
}

// notTags are what Jaeger shows as tags of a span beside its attributes.
var notTags = map[string]bool{"span.kind": true, "error": true, "otel.status_code": true, "otel.status_description": true, "otel.scope.name": true, "otel.scope.version": true}

// jaegerTrace asks Jaeger's API for a trace.
func jaegerTrace(t *testing.T, api, id string) byID {
	t.Helper()
	resp, err := http.Get(api + "/api/traces/" + id)
	require.NoError(t, err)
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil
	}
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var answer struct {
		Data []struct {
			Spans []struct {
				TraceID, SpanID, OperationName string
				StartTime, Duration            int64
				References                     []struct{ RefType, SpanID string }
				Tags                           []struct {
					Key   string
					Value any
				}
				Warnings []string
			}
		}
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	require.Len(t, answer.Data, 1)
	all := byID{}
	for _, s := range answer.Data[0].Spans {
		seen := spanSeen{Trace: s.TraceID, ID: s.SpanID, Name: s.OperationName, Start: s.StartTime, Duration: s.Duration, Kind: "internal", Attrs: map[string]string{}}
		assert.Empty(t, s.Warnings, s.OperationName)
		for _, r := range s.References {
			if r.RefType == "CHILD_OF" {
				seen.Parent = r.SpanID
			}
		}
		failed, text := false, ""
		for _, tag := range s.Tags {
			switch tag.Key {
			case "span.kind":
				seen.Kind = fmt.Sprint(tag.Value)
			case "error":
				failed = tag.Value == true
			case "otel.status_description":
				text = fmt.Sprint(tag.Value)
			}
			if !notTags[tag.Key] {
				flatten(seen.Attrs, tag.Key, tag.Value)
			}
		}
		if failed {
			seen.Error = text
		}
		require.NotContains(t, all, seen.ID)
		all[seen.ID] = seen
	}
	return all
}

// checkJaeger compares each trace with that of Jaeger's API, span by span.
func checkJaeger(t *testing.T, api string, want byID) {
	t.Helper()
	for id, spans := range want.byTrace() {
		var got byID
		require.Eventually(t, func() bool {
			got = jaegerTrace(t, api, id)
			return len(got) >= len(spans)
		}, servers.Ready, 50*time.Millisecond, "trace %s", id)
		assert.Equal(t, spans, got)
	}
}

func TestServiceInJaeger(t *testing.T) {
	servers.Heavy(t)
	otlp, api := startJaeger(t)
	want := runService(t, otlp, "OTEL_METRICS_EXPORTER=none") // Jaeger takes only traces
	checkService(t, want)
	checkJaeger(t, api, want)
}

func TestBatchInJaeger(t *testing.T) {
	servers.Heavy(t)
	otlp, api := startJaeger(t)
	file := runBatch(t)
	replay(t, file, otlp)
	want := linesOf(t, file)
	checkBatch(t, want)
	checkJaeger(t, api, want)
}

package shipping

import (
	"path/filepath"
	"testing"

	"github.com/slogtel/telemetry/interop/servers"
)

// TestCollectorToVictoriaLogs ships flat lines with the OpenTelemetry Collector into VictoriaLogs, by
// OTLP. The lines stay text, as in Loki.
func TestCollectorToVictoriaLogs(t *testing.T) {
	servers.Heavy(t)
	r := theRun(t)
	bin, server := servers.Collector.Path(t), startVictoriaLogs(t)
	path := filepath.Join(t.TempDir(), "telemetry.jsonl")
	config := example(t, "otelcol.yaml", "${env:LOKI_URL:-http://127.0.0.1:3100}/otlp", server+"/insert/opentelemetry")
	servers.Start(t, []string{"SLOGTEL_FILE=" + path, "SLOGTEL_STATE=" + t.TempDir()}, bin, "--config", config)
	const selector = `service.name:=myapp`
	copyTo(t, path, r.flat, func(lines int) { arrived(t, server, selector, lines) })
	arrived(t, server, selector, r.lines())
	askVictoriaLogs(t, server, "logsql logfmt", 1, `{job="slogtel"}`, selector, "unpack_logfmt", "unpack_json").agree(t, r)
}

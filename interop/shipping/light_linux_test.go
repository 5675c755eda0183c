package shipping

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/interop/servers"
)

// TestTelegrafToLokiPush ships flat lines with telegraf into VictoriaLogs, in the way of
// Loki.
func TestTelegrafToLokiPush(t *testing.T) {
	r := theRun(t)
	bin, server := telegraf.Path(t), startVictoriaLogs(t)
	path := filepath.Join(t.TempDir(), "telemetry.jsonl")
	servers.Start(t, []string{"SLOGTEL_FILE=" + path, "LOKI_URL=" + server, "LOKI_PUSH=/insert/loki/api/v1/push"},
		bin, "--config", example(t, "telegraf.conf"))
	// Not {job="slogtel"}: that there is no such stream would be remembered for ten seconds.
	copyTo(t, path, r.flat, func(lines int) { arrived(t, server, `job:=slogtel`, lines) })
	arrived(t, server, `job:=slogtel`, r.lines())
	askVictoriaLogs(t, server, "logsql logfmt", 1).agree(t, r)
}

// TestRsyslogToElasticsearchBulk ships the lines of both schemas with rsyslog into
// VictoriaLogs, in the way of Elasticsearch.
func TestRsyslogToElasticsearchBulk(t *testing.T) {
	r := theRun(t)
	rsyslog, server := findRsyslog(t), startVictoriaLogs(t)
	indexes := map[string]*atomic.Int64{"slogtel-flat": new(atomic.Int64), "slogtel-ecs": new(atomic.Int64)}
	elastic := asElasticsearch(t, server, indexes)

	dir := t.TempDir()
	flat, ecs := filepath.Join(dir, "telemetry.jsonl"), filepath.Join(dir, "telemetry-ecs.jsonl")
	ours := example(t, "rsyslog.conf",
		"/var/log/myapp/telemetry.jsonl", flat, "/var/log/myapp/telemetry-ecs.jsonl", ecs, "http://127.0.0.1:9200", elastic)
	conf := filepath.Join(dir, "rsyslog.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, "global(workDirectory=%q)\ninclude(file=%q)\n", dir, ours), 0o644))
	servers.Start(t, rsyslog.env(), rsyslog.bin, "-n", "-M", rsyslog.modules, "-f", conf, "-i", filepath.Join(dir, "pid"))

	const isFlat, isECS = `scope:*`, `"slogtel.scope":*`
	copyTo(t, flat, r.flat, func(lines int) { arrived(t, server, isFlat, lines) })
	copyTo(t, ecs, r.ecs, func(lines int) { arrived(t, server, isECS, lines) })
	arrived(t, server, isFlat, r.lines())
	arrived(t, server, isECS, r.lines())
	for name, n := range indexes {
		assert.EqualValues(t, r.lines(), n.Load(), name)
	}

	t.Run("flat", func(t *testing.T) { askVictoriaLogs(t, server, "logsql", 1).agree(t, r) })
	t.Run("ecs", func(t *testing.T) { askVictoriaLogs(t, server, "logsql ecs", 1e-9).agree(t, r) })
}

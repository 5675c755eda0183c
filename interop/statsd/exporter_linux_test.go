package statsd

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

var exporterProgram = &servers.Program{
	Name: "statsd_exporter", Version: "v0.31.0", Build: servers.GoInstall("github.com/prometheus/statsd_exporter@v0.31.0"),
}

// An exporter is a running statsd_exporter.
type exporter struct {
	*servers.Daemon
	host string
	port int    // of UDP and TCP
	web  int    // of HTTP
	sock string // of packets
}

func startExporter(t *testing.T) *exporter {
	t.Helper()
	e := &exporter{host: "127.0.0.1", port: testkit.FreePort(t), web: testkit.FreePort(t), sock: filepath.Join(t.TempDir(), "statsd.sock")}
	e.start(t)
	return e
}

// start starts it, again if need be, and waits until it answers.
func (e *exporter) start(t *testing.T) {
	t.Helper()
	path := exporterProgram.Path(t)
	_ = os.Remove(e.sock)
	e.Daemon = servers.Start(t, nil, path,
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", e.web),
		fmt.Sprintf("--statsd.listen-udp=%s:%d", e.host, e.port),
		fmt.Sprintf("--statsd.listen-tcp=%s:%d", e.host, e.port),
		"--statsd.listen-unixgram="+e.sock)
	eventually(t, func() bool { _, err := e.scrape(); return err == nil }, "statsd_exporter does not answer")
}

// address returns where it listens, in the form that statsd.New takes.
func (e *exporter) address(network string) string {
	if network == "unixgram" {
		return "unixgram://" + e.sock
	}
	return fmt.Sprintf("%s://%s:%d", network, e.host, e.port)
}

// metrics are the samples of a scrape: of each name, by their labels as written.
type metrics map[string]map[string]float64

func (e *exporter) scrape() (metrics, error) {
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", e.web))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", resp.Status)
	}
	m := metrics{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			continue
		}
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			return nil, err
		}
		name, labels, _ := strings.Cut(line[:at], "{")
		if m[name] == nil {
			m[name] = map[string]float64{}
		}
		m[name][strings.TrimSuffix(labels, "}")] = v
	}
	return m, lines.Err()
}

func (e *exporter) mustScrape(t *testing.T) metrics {
	t.Helper()
	m, err := e.scrape()
	require.NoError(t, err)
	return m
}

// sum adds up the samples of all labels.
func (m metrics) sum(name string) (total float64) {
	for _, v := range m[name] {
		total += v
	}
	return total
}

// bad is the number of lines and tags that the exporter could not read.
func (m metrics) bad() float64 {
	return m.sum("statsd_exporter_sample_errors_total") + m.sum("statsd_exporter_tag_errors_total") +
		m.sum("statsd_exporter_events_error_total") + m.sum("statsd_exporter_events_conflict_total") +
		m.sum("statsd_exporter_tcp_too_long_lines_total")
}

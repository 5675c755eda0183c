package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
	"github.com/slogtel/telemetry/internal/testkit"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

const answers = "GET /work 200\nGET /items/7 200\nGET /items/8 200\nPOST /orders 500\nGET /no/such/page 404\nGET /healthz 200\n"

func TestSelfLoad(t *testing.T) {
	dir := t.TempDir()
	stdout, stderr, code := runmain.Run(t, dir, "-json", "t.jsonl", "-rounds", "3")
	require.Zero(t, code, stderr)
	assert.Equal(t, answers, stdout)
	assert.Contains(t, stderr, "http.server.get_items_id")
	assert.Regexp(t, "order lost.*scope=http.server.post_orders", stderr, "the app's own log knows its scope")
	scopes := make(map[string]int)
	traces := make(map[any]bool)
	for _, e := range testkit.JSONFile(t, filepath.Join(dir, "t.jsonl")) {
		scopes[e["scope"].(string)]++
		traces[e["trace_id"]] = true
	}
	assert.Len(t, traces, 1, "client, service and dependency are one trace")
	assert.Equal(t, map[string]int{
		"visit":                                    1,
		"visit.http.client.get":                    5,
		"visit.http.client.post":                   1,
		"http.server.get_work":                     1,
		"http.server.get_items_id":                 2,
		"http.server.get_items_id.http.client.get": 2,
		"http.server.get_items_id.found":           2,
		"http.server.get_stock_id":                 2,
		"http.server.post_orders":                  1,
		"http.server.post_orders.store":            1,
		"http.server.unmatched":                    1,
	}, scopes)
}

func TestWithoutTelemetry(t *testing.T) {
	for _, mode := range []string{"off", "bare"} {
		stdout, stderr, code := runmain.Run(t, t.TempDir(), "-mode", mode, "-rounds", "3")
		assert.Zero(t, code, stderr)
		assert.Equal(t, answers, stdout)
		assert.NotContains(t, stderr, "http.server")
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-mode", "maybe"}, {"what"}} {
		_, _, code := runmain.Run(t, t.TempDir(), args...)
		assert.Equal(t, 2, code)
	}
	_, stderr, code := runmain.Run(t, t.TempDir(), "-addr", "127.0.0.1:-1")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "httpserver: ")
}

// The server as a service: until a signal, with StatsD and summaries.
func TestServe(t *testing.T) {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer daemon.Close()
	dir := t.TempDir()
	cmd := runmain.Command(t, dir, "-addr", "127.0.0.1:0", "-json", "t.jsonl", "-statsd", daemon.LocalAddr().String(), "-statsd-packet", "8192", "-aggregate", "1h")
	pipe, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	stderr := bufio.NewReader(pipe)
	line, err := stderr.ReadString('\n')
	require.NoError(t, err)
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
	require.NotEmpty(t, url, line)
	for range 3 {
		resp, err := http.Get(url + "/work")
		require.NoError(t, err)
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		assert.Len(t, body, 64)
	}
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	rest, _ := io.ReadAll(stderr)
	require.NoError(t, cmd.Wait(), "%s", rest)
	assert.Contains(t, string(rest), "dropped=0")

	events := testkit.JSONFile(t, filepath.Join(dir, "t.jsonl"))
	require.Len(t, events, 1, "one summary, sent by the shutdown")
	assert.Equal(t, "telemetry.summary", events[0]["msg"])
	assert.Equal(t, "http.server.get_work", events[0]["scope"])
	assert.EqualValues(t, 3, events[0]["count"])

	require.NoError(t, daemon.SetReadDeadline(time.Now().Add(time.Minute)))
	packet := make([]byte, 64<<10)
	n, _, err := daemon.ReadFrom(packet)
	require.NoError(t, err)
	assert.Contains(t, string(packet[:n]), "httpserver.http.server.get_work:")
}

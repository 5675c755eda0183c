package statsd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// etsyProgram is a folder with the script and what it needs.
var etsyProgram = &servers.Program{
	Name: "node_modules", Version: "statsd-0.9.0",
	Build: func(ctx context.Context, work, _ string) error {
		if _, err := servers.Command(ctx, work, nil, "node", "--version"); err != nil {
			return err
		}
		_, err := servers.Command(ctx, work, nil, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "statsd@0.9.0")
		return err
	},
}

// oracle is a backend for Etsy's statsd that writes what each interval has brought.
const oracle = `
const fs = require('fs');
exports.init = function (startup, config, events) {
  events.on('flush', function (time, metrics) {
    const timers = {};
    for (const name in metrics.timers) {
      const values = metrics.timers[name];
      let sum = 0;
      for (const v of values) sum += v;
      if (values.length) timers[name] = { count: values.length, sum: sum };
    }
    fs.appendFileSync(config.oracle, JSON.stringify({ counters: metrics.counters, gauges: metrics.gauges, timers: timers }) + '\n');
  });
  return true;
};
`

// An etsy is a running statsd of Etsy's.
type etsy struct {
	*servers.Daemon
	port  int // of UDP and TCP
	admin int
	sock  string // of a stream
	file  string // of the oracle
}

func startEtsy(t *testing.T) *etsy {
	t.Helper()
	script := filepath.Join(etsyProgram.Path(t), "statsd", "stats.js")
	dir := t.TempDir()
	e := &etsy{port: testkit.FreePort(t), admin: testkit.FreePort(t), sock: filepath.Join(dir, "statsd.sock"), file: filepath.Join(dir, "flushes.json")}
	backend := filepath.Join(dir, "oracle.js")
	require.NoError(t, os.WriteFile(backend, []byte(oracle), 0o644))
	require.NoError(t, os.WriteFile(e.file, nil, 0o644))
	config := filepath.Join(dir, "config.js")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `{
  servers: [
    { server: "./servers/udp", address: "127.0.0.1", port: %[1]d },
    { server: "./servers/tcp", address: "127.0.0.1", port: %[1]d },
    { server: "./servers/tcp", socket: %[2]q },
  ],
  mgmt_address: "127.0.0.1", mgmt_port: %[3]d,
  flushInterval: 200, backends: [%[4]q], oracle: %[5]q, deleteIdleStats: true,
}`, e.port, e.sock, e.admin, backend, e.file), 0o644))
	e.Daemon = servers.Start(t, nil, "/usr/bin/env", "node", script, config)
	eventually(t, func() bool { _, err := e.ask("health"); return err == nil }, "Etsy's statsd does not answer")
	eventually(t, func() bool { _, err := os.Stat(e.sock); return err == nil }, "Etsy's statsd has no socket")
	return e
}

func (e *etsy) address(network string) string {
	if network == "unix" {
		return "unix://" + e.sock
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", network, e.port)
}

// ask sends a command to the admin port and returns the answer: one line, or those up to END.
func (e *etsy) ask(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", e.admin), time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write([]byte(command + "\n")); err != nil {
		return "", err
	}
	var answer strings.Builder
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if lines.Text() == "END" {
			return answer.String(), nil
		}
		answer.WriteString(lines.Text() + "\n")
		if command == "health" {
			return answer.String(), nil
		}
	}
	return answer.String(), fmt.Errorf("no END: %w", lines.Err())
}

// A flush is what the oracle has written, of one interval or of all.
type flush struct {
	Counters map[string]float64
	Gauges   map[string]float64
	Timers   map[string]struct{ Count, Sum float64 }
}

// flushed returns all that was flushed so far, added up.
func (e *etsy) flushed(t *testing.T) flush {
	t.Helper()
	data, err := os.ReadFile(e.file)
	require.NoError(t, err)
	data = data[:strings.LastIndexByte(string(data), '\n')+1] // a line may be half written
	all := flush{map[string]float64{}, map[string]float64{}, map[string]struct{ Count, Sum float64 }{}}
	for line := range strings.Lines(string(data)) {
		var f flush
		require.NoError(t, json.Unmarshal([]byte(line), &f))
		for name, v := range f.Counters {
			all.Counters[name] += v
		}
		for name, v := range f.Gauges {
			all.Gauges[name] = v
		}
		for name, v := range f.Timers {
			sum := all.Timers[name]
			sum.Count += v.Count
			sum.Sum += v.Sum
			all.Timers[name] = sum
		}
	}
	return all
}

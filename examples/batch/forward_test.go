package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
)

// daemon returns an address and, when the only connection to it has ended, what came.
func daemon(t *testing.T) (address string, received <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	all := make(chan string, 1)
	go func() {
		defer close(all)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		data, _ := io.ReadAll(conn)
		all <- string(data)
	}()
	return "tcp://" + l.Addr().String(), all
}

// TestStatsD compares what comes to the daemon with what the memory reporter saw.
func TestStatsD(t *testing.T) {
	address, received := daemon(t)
	r := runWith(t, t.Context(), "-batch-tokens", "64", "-statsd", address, files(t, map[string]string{"a.md": prose, "b.md": prose}))
	require.Equal(t, exitOK, r.code, r.stderr)
	memory, sum := r.env.Metrics.Memory, r.env.Metrics.StatsD
	require.NotNil(t, memory)
	require.NotNil(t, sum)

	counters, gauges, timings := map[string]int64{}, map[string]float64{}, map[string]int64{}
	for line := range strings.Lines(<-received) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		require.True(t, ok, line)
		value, typ, _ := strings.Cut(rest, "|")
		v, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err, line)
		switch name = strings.TrimPrefix(name, "batch."); typ {
		case "c":
			counters[name] += int64(v)
		case "g":
			gauges[name] = v
		case "ms":
			timings[name]++
		}
	}
	for _, c := range memory.Counters {
		assert.Equal(t, c.Sum, counters[c.Scope], c.Scope)
	}
	for _, g := range memory.Gauges {
		assert.Equal(t, g.Last, gauges[g.Scope], g.Scope)
	}
	for _, s := range memory.Scopes {
		assert.Equal(t, s.Calls, timings[s.Scope], s.Scope)
	}
	for _, h := range memory.Histograms {
		assert.Equal(t, h.Count, timings[h.Scope], h.Scope)
	}
	events, err := os.ReadFile(r.telemetry)
	require.NoError(t, err)
	assert.EqualValues(t, bytes.Count(events, []byte("\n")), sum.Events)
	assert.Equal(t, sum.Events, sum.Sent)
	assert.Contains(t, r.stdout, "statsd "+address+": sent "+strconv.FormatInt(sum.Sent, 10))
}

// TestStatsDAway: that nobody listens costs the events and not the run.
func TestStatsDAway(t *testing.T) {
	r := runWith(t, t.Context(), "-statsd", "tcp://"+testkit.Refused(t), files(t, map[string]string{"a.md": prose}))
	assert.Equal(t, exitOK, r.code, r.stderr)
	sum := r.env.Metrics.StatsD
	require.NotNil(t, sum)
	assert.Positive(t, sum.Events)
	assert.Equal(t, sum.Events, sum.Dropped)
	assert.Contains(t, sum.LastError, "connection refused")
	assert.Contains(t, r.stdout, "dropped "+strconv.FormatInt(sum.Dropped, 10))
}

package report

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// The figures are those of a memory reporter that is given the events of the httpserver
// example, and the calls are those that were made. The example itself keeps no figures, so
// that its lines are read here a second time, by encoding/json, and made records again.
func TestAgreesWithHTTPServerExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the program ends by a signal")
	}
	dir := t.TempDir()
	program, lines := filepath.Join(dir, "httpserver"), filepath.Join(dir, "t.jsonl")
	out, err := exec.Command("go", "build", "-o", program, "../../../../examples/httpserver").CombinedOutput()
	require.NoError(t, err, "%s", out)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-json", lines, "-rounds", "3")
	pipe, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	stderr := bufio.NewReader(pipe)
	first, err := stderr.ReadString('\n')
	require.NoError(t, err)
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(first)
	require.NotEmpty(t, url, first)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, stderr)
	}()

	const clients, rounds = 4, 25
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for range rounds {
				for _, r := range [][2]string{{"GET", "/work"}, {"GET", "/items/7"}, {"POST", "/orders"}, {"GET", "/no/such/page"}, {"GET", "/healthz"}} {
					req, err := http.NewRequestWithContext(ctx, r[0], url+r[1], nil)
					assert.NoError(t, err)
					resp, err := client.Do(req)
					if assert.NoError(t, err) {
						_, _ = io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				}
			}
		})
	}
	running.Wait()
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	<-drained
	require.NoError(t, cmd.Wait())

	want, got := replayed(t, lines), report(t, "", lines)
	assert.Zero(t, got.Lines.Bad+got.Lines.Skipped+got.Lines.Filtered)
	agree(t, &want, got)

	type figures struct{ calls, errors int64 }
	made := make(map[string]figures)
	for _, s := range got.Scopes {
		if strings.HasPrefix(s.Scope, "http.server.") {
			made[strings.TrimPrefix(s.Scope, "http.server.")] = figures{s.Calls, s.Errors}
		}
	}
	const n = clients * rounds
	assert.Equal(t, map[string]figures{
		"get_work": {n, 0}, "get_items_id": {n, 0}, "get_items_id.http.client.get": {n, 0}, "get_stock_id": {n, 0},
		"post_orders": {n, n}, "post_orders.store": {n, n}, "unmatched": {n, 0},
	}, made)
	require.Len(t, got.Counters, 1)
	assert.Equal(t, Counter{named{Scope: "http.server.get_items_id.found", ParentScope: "http.server.get_items_id", Count: n}, json.Number(fmt.Sprint(n))}, got.Counters[0])
}

// replayed gives the events of a file in the flat schema to a Memory, as records.
func replayed(t *testing.T, file string) memory.Snapshot {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	memory, events := memory.New(nil), 0
	for dec := json.NewDecoder(f); ; events++ {
		var line struct {
			Time time.Time
			Msg  string
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, json.Unmarshal(raw, &line))
		var keys map[string]any
		require.NoError(t, json.Unmarshal(raw, &keys))
		r := slog.NewRecord(line.Time, slog.LevelInfo, line.Msg, 0)
		for key, v := range keys {
			number, _ := v.(float64)
			switch key {
			case "time", "level", "msg":
			case slogtel.KeyDepth, slogtel.KeyCallCount:
				r.AddAttrs(slog.Int64(key, int64(number)))
			case slogtel.KeyValue:
				require.Equal(t, string(slogtel.TypeCounter), keys[slogtel.KeyMetricType], "the example has no others")
				r.AddAttrs(slog.Int64(key, int64(number)))
			default:
				r.AddAttrs(slog.Any(key, v))
			}
		}
		require.True(t, slogtel.IsTelemetry(r), "%s", raw)
		require.NoError(t, memory.Handle(t.Context(), r))
	}
	require.NotZero(t, events)
	return memory.Snapshot()
}

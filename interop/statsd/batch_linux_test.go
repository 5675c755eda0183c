package statsd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
)

// A batchRun is what one run of the batch example leaves in its result.json: what
// its Memory saw, and what became of the events on their way to the daemon.
type batchRun struct {
	Status  string
	Metrics struct {
		Memory memory.Snapshot
		StatsD struct{ Events, Sent, Dropped, Skipped, Packets int64 }
	}
	events int // in its telemetry.jsonl
}

// batchFolder is where the example was built; "" before.
var batchFolder string

// batchProgram builds the example once and returns its path.
var batchProgram = sync.OnceValues(func() (path string, err error) {
	if batchFolder, err = os.MkdirTemp("", "slogtel-batch-"); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	path = filepath.Join(batchFolder, "batch")
	return path, run(ctx, "../..", nil, "go", "build", "-o", path, "./examples/batch")
})

func TestMain(m *testing.M) {
	code := m.Run()
	if batchFolder != "" {
		_ = os.RemoveAll(batchFolder)
	}
	os.Exit(code)
}

// runBatch runs the example over this repository, with the provider that it has in
// itself, which turns some requests away.
func runBatch(t *testing.T, address string) (r batchRun) {
	t.Helper()
	program, err := batchProgram()
	require.NoError(t, err)
	dir := t.TempDir()
	out, telemetry := filepath.Join(dir, "result.json"), filepath.Join(dir, "telemetry.jsonl")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-q", "-statsd", address, "-local-limit", "3", "-batch-tokens", "4000", "-retries", "10",
		"-out", out, "-telemetry", telemetry, "../../scope", "../../slogtel", "../../README.md", "no-such-file.go")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	printed, err := cmd.CombinedOutput()
	exit := new(exec.ExitError)
	require.ErrorAs(t, err, &exit, "a file is missing: %s", printed)
	require.Equal(t, 1, exit.ExitCode(), "%s", printed)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &r))
	require.Equal(t, "partial", r.Status)
	data, err = os.ReadFile(telemetry)
	require.NoError(t, err)
	r.events = bytes.Count(data, []byte("\n"))
	s := r.Metrics.StatsD
	t.Logf("%d events, %d sent in %d packets", s.Events, s.Sent, s.Packets)
	require.EqualValues(t, r.events, s.Events)
	require.Equal(t, s.Events, s.Sent, "%+v", s)
	m := r.Metrics.Memory
	require.Zero(t, m.Forgotten)
	require.True(t, len(m.Scopes) > 5 && len(m.Counters) > 5 && len(m.Gauges) > 0 && len(m.Histograms) > 0, "%+v", m)
	return r
}

// values are what there must be at the daemon, by name.
type values struct {
	counters, gauges   map[string]float64
	counts, timingSums map[string]float64 // of timings, in seconds
	histogramSums      map[string]float64 // of histograms, whose counts are in counts
}

func (r batchRun) values() values {
	v := values{map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}}
	m := r.Metrics.Memory
	for _, c := range m.Counters {
		v.counters["batch."+c.Scope] += float64(c.Sum)
	}
	for _, g := range m.Gauges {
		v.gauges["batch."+g.Scope] = g.Last
	}
	for _, s := range m.Scopes {
		v.counts["batch."+s.Scope] += float64(s.Calls)
		v.timingSums["batch."+s.Scope] += s.TotalSeconds
	}
	for _, h := range m.Histograms {
		v.counts["batch."+h.Scope] += float64(h.Count)
		v.histogramSums["batch."+h.Scope] += h.Sum
	}
	return v
}

// arrived waits until a daemon has as many timings as were made, which come last.
func (v values) arrived(t *testing.T, count func(name string) float64) {
	t.Helper()
	eventually(t, func() bool {
		for name, n := range v.counts {
			if count(name) != n {
				return false
			}
		}
		return true
	}, "not all has arrived")
}

// The real batch example, statsd_exporter, and result.json say the same.
func TestBatchAtExporter(t *testing.T) {
	for _, network := range []string{"udp", "tcp", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			e := startExporter(t)
			begin := time.Now()
			r := runBatch(t, e.address(network))
			t.Logf("it took %v", time.Since(begin).Round(time.Millisecond))
			want := r.values()
			name := func(path string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(path) }
			var m metrics
			want.arrived(t, func(path string) float64 {
				m = e.mustScrape(t)
				return m.sum(name(path) + "_count")
			})
			eventually(t, func() bool { // the sums leave after them
				m = e.mustScrape(t)
				for path, sum := range want.counters {
					if m.sum(name(path)) != sum {
						return false
					}
				}
				return true
			}, "the counters are not all there: %v", want.counters)
			for path, sum := range want.counters {
				assert.Equal(t, sum, m.sum(name(path)), path)
			}
			for path, last := range want.gauges {
				assert.Len(t, m[name(path)], 1, path)
				assert.Equal(t, last, m.sum(name(path)), path)
			}
			for path, sum := range want.timingSums {
				assert.InDelta(t, sum, m.sum(name(path)+"_sum"), 1e-6*max(1, sum), path)
			}
			for path, sum := range want.histogramSums {
				assert.InEpsilon(t, sum, 1000*m.sum(name(path)+"_sum"), 1e-9, path) // it takes them for milliseconds
			}
			assert.Zero(t, m.bad())
			if network == "udp" {
				assert.Zero(t, kernelDrops(t, e.port))
				assert.EqualValues(t, r.Metrics.StatsD.Packets, m.sum("statsd_exporter_udp_packets_total"))
			}
		})
	}
}

// The same at the original daemon.
func TestBatchAtEtsy(t *testing.T) {
	for _, network := range []string{"udp", "unix"} {
		t.Run(network, func(t *testing.T) {
			e := startEtsy(t)
			want := runBatch(t, e.address(network)).values()
			want.arrived(t, func(path string) float64 { return e.flushed(t).Timers[path].Count })
			eventually(t, func() bool {
				got := e.flushed(t).Counters
				for path, sum := range want.counters {
					if got[path] != sum {
						return false
					}
				}
				return true
			}, "the counters are not all there: %v", want.counters)
			got := e.flushed(t)
			for path, last := range want.gauges {
				assert.Contains(t, got.Gauges, path)
				assert.Equal(t, last, got.Gauges[path], path)
			}
			for path, sum := range want.timingSums {
				assert.InDelta(t, sum, got.Timers[path].Sum/1000, 1e-6*max(1, sum), path)
			}
			for path, sum := range want.histogramSums {
				assert.InEpsilon(t, sum, got.Timers[path].Sum, 1e-9, path)
			}
		})
	}
}

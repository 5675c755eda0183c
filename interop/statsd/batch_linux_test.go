package statsd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/interop/internal/batchrun"
	"github.com/slogtel/telemetry/reporters/memory"
)

// runBatch runs the example over this repository, with the provider that it has in
// itself, which turns some requests away.
func runBatch(t *testing.T, address string) *batchrun.Result {
	t.Helper()
	r, err := batchrun.Run(t.Context(), "-q", "-statsd", address, "-local-limit", "3", "-batch-tokens", "4000", "-retries", "10",
		"scope", "slogtel", "README.md", "no-such-file.go")
	require.NoError(t, err)
	require.Equal(t, "partial", r.Status, "a file is missing")
	s, m := r.Metrics.StatsD, r.Metrics.Memory
	t.Logf("%d events, %d sent in %d packets", s.Events, s.Sent, s.Packets)
	require.EqualValues(t, bytes.Count(r.Lines, []byte("\n")), s.Events)
	require.Equal(t, s.Events, s.Sent, "%+v", s)
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

func valuesOf(m memory.Snapshot) values {
	v := values{map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}}
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
			want := valuesOf(r.Metrics.Memory)
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
			want := valuesOf(runBatch(t, e.address(network)).Metrics.Memory)
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

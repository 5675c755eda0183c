package statsd

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/statsd"
)

// shutdown ends h, which may take as long as the daemon takes to read.
func shutdown(t *testing.T, h *statsd.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, h.Shutdown(ctx))
}

// Over a reliable socket everything arrives, when the queue has room for what a fast
// app makes: the daemon has what the Memory has.
func TestExporterHasEverything(t *testing.T) {
	for _, c := range []struct {
		name, network string
		o             statsd.Options
		unit          float64 // of a histogram at the daemon
	}{
		{"tcp DogStatsD", "tcp", statsd.Options{Dialect: statsd.DogStatsD}, 1},
		{"tcp DogStatsD packed", "tcp", statsd.Options{Dialect: statsd.DogStatsD, PackValues: true}, 1},
		{"unixgram InfluxDB", "unixgram", statsd.Options{Dialect: statsd.InfluxDB}, 1},
		{"unixgram SignalFX", "unixgram", statsd.Options{Dialect: statsd.SignalFX, HistogramType: "h"}, 1},
		{"tcp plain", "tcp", statsd.Options{FoldTags: true}, 1000}, // ms, which it turns into seconds
	} {
		t.Run(c.name, func(t *testing.T) {
			e := startExporter(t)
			c.o.Prefix, c.o.TagKeys, c.o.QueueSize = "app", []string{"model"}, events()
			h := open(t, e.address(c.network), c.o)
			begin := time.Now()
			w := produce(h, events())
			took := time.Since(begin)
			shutdown(t, h)
			w.logSpeed(t, h, took)
			s := h.Stats()
			assert.EqualValues(t, events(), s.Events())
			assert.EqualValues(t, events(), s.Sent)

			want := w.totals()
			var m metrics
			eventually(t, func() bool {
				m = e.mustScrape(t)
				all := m.total("app_plan", "_count") == want.planned && m.total("app_size", "_count") == want.sizes &&
					m.total("app_requests", "") == want.requests
				for g, last := range want.loads { // packets come in any order
					all = all && m.total(fmt.Sprintf("app_load%d", g), "") == last
				}
				return all
			}, "not all has arrived: %+v", want)
			assert.InEpsilon(t, want.planSeconds, m.total("app_plan", "_sum"), 1e-9)
			assert.InEpsilon(t, want.sizeSum, m.total("app_size", "_sum")*c.unit, 1e-9)
			assert.Zero(t, m.bad())
			if !c.o.FoldTags {
				assert.Len(t, m["app_requests"], 3, "%v", m["app_requests"])
				assert.Contains(t, m["app_requests"], `model="a"`)
			}
		})
	}
}

// total adds up a metric with that name, or with tags folded into it.
func (m metrics) total(name, suffix string) (total float64) {
	for n := range m {
		if base, ok := strings.CutSuffix(n, suffix); ok && (base == name || strings.HasPrefix(base, name+"_model_")) {
			total += m.sum(n)
		}
	}
	return total
}

// Over UDP the daemon and the kernel may lose packets, and say how many: each that was
// sent is accounted for. What the app's side drops when the socket is too slow is
// counted by Stats.
func TestExporterAccountsForUDP(t *testing.T) {
	e := startExporter(t)
	h := open(t, e.address("udp"), statsd.Options{Dialect: statsd.DogStatsD, Prefix: "app", TagKeys: []string{"model"}})
	begin := time.Now()
	w := produce(h, events())
	took := time.Since(begin)
	shutdown(t, h)
	w.logSpeed(t, h, took)
	s := h.Stats()
	assert.EqualValues(t, events(), s.Events())
	assert.EqualValues(t, events(), s.Sent+s.Dropped)

	var m metrics
	eventually(t, func() bool {
		m = e.mustScrape(t)
		return int64(m.sum("statsd_exporter_udp_packets_total"))+kernelDrops(t, e.port) == s.Packets
	}, "%d packets were sent, %d were dropped by the kernel", s.Packets, kernelDrops(t, e.port))
	lost := kernelDrops(t, e.port) + int64(m.sum("statsd_exporter_udp_packet_drops_total"))
	t.Logf("%d packets, of which the daemon's side lost %d", s.Packets, lost)
	want := w.totals()
	if lost == 0 {
		eventually(t, func() bool {
			m = e.mustScrape(t)
			timings := m.sum("app_plan_count") + m.sum("app_size_count")
			return m.sum("app_requests") == want.requests && timings == want.planned+want.sizes-float64(s.Dropped)
		}, "what was not dropped has not arrived")
	}
	assert.LessOrEqual(t, m.sum("app_requests"), want.requests)
	assert.Zero(t, m.bad())
}

// kernelDrops returns how many packets the kernel has dropped before a UDP socket.
func kernelDrops(t *testing.T, port int) int64 {
	f, err := os.Open("/proc/net/udp")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 12 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			n, err := strconv.ParseInt(fields[12], 10, 64)
			require.NoError(t, err)
			return n
		}
	}
	t.Fatalf("no UDP socket at port %d", port)
	return 0
}

// The original daemon, in the two dialects that it reads.
func TestEtsyHasEverything(t *testing.T) {
	for _, c := range []struct {
		network string
		dialect statsd.Dialect
		tagged  func(name, model string) string
	}{
		{"unix", statsd.Plain, func(name, model string) string { return name + ".model." + model }},
		{"tcp", statsd.Graphite, func(name, model string) string { return name + ";model=" + model }},
	} {
		t.Run(c.network+" "+c.dialect.String(), func(t *testing.T) {
			e := startEtsy(t)
			n := events() / 4 / 32 * 32 // it reads some 100 000 lines a second
			h := open(t, e.address(c.network), statsd.Options{
				Dialect: c.dialect, FoldTags: true, Prefix: "app", TagKeys: []string{"model"}, QueueSize: n,
			})
			begin := time.Now()
			w := produce(h, n)
			took := time.Since(begin)
			shutdown(t, h)
			w.logSpeed(t, h, took)
			assert.EqualValues(t, n, h.Stats().Sent)

			want := w.totals()
			models := []string{"a", "b_c_d__", "c"}
			var got totals
			var f flush
			eventually(t, func() bool {
				f = e.flushed(t)
				got = totals{}
				for _, model := range models {
					got.requests += f.Counters[c.tagged("app.requests", model)]
					plan, size := f.Timers[c.tagged("app.plan", model)], f.Timers[c.tagged("app.size", model)]
					got.planned += plan.Count
					got.planSeconds += plan.Sum / 1000
					got.sizes += size.Count
					got.sizeSum += size.Sum
				}
				return got.requests == want.requests && got.planned == want.planned && got.sizes == want.sizes
			}, "not all has arrived: %+v", want)
			assert.InEpsilon(t, want.planSeconds, got.planSeconds, 1e-9)
			assert.InEpsilon(t, want.sizeSum, got.sizeSum, 1e-9)
			for g, last := range want.loads {
				assert.Equal(t, last, f.Gauges[fmt.Sprintf("app.load%d", g)])
			}
			stats, err := e.ask("stats")
			require.NoError(t, err)
			assert.Contains(t, stats, "messages.bad_lines_seen: 0\n")
		})
	}
}

// The admin port shows what the daemon holds at the moment.
func TestEtsyAdminPort(t *testing.T) {
	e := startEtsy(t)
	h := open(t, e.address("udp"), statsd.Options{Prefix: "admin"})
	eventually(t, func() bool {
		produce(h, 32) // anew: the daemon forgets at each flush
		require.NoError(t, h.Flush(t.Context()))
		counters, err := e.ask("counters")
		require.NoError(t, err)
		gauges, err := e.ask("gauges")
		require.NoError(t, err)
		return strings.Contains(counters, "'admin.requests'") && strings.Contains(gauges, "'admin.load3'")
	}, "the admin port does not show the metrics")
}

// The daemon scales back what was sampled.
func TestEtsyScalesSamples(t *testing.T) {
	e := startEtsy(t)
	h := open(t, e.address("tcp"), statsd.Options{SampleRates: statsd.SampleRates{Counter: 0.25}})
	n := 40_000
	w := produce(h, n)
	shutdown(t, h)
	s := h.Stats()
	sampled := w.totals()
	assert.EqualValues(t, n, s.Sent+s.SampledOut)
	assert.InEpsilon(t, 0.75*float64(n)/4, float64(s.SampledOut), 0.05)
	eventually(t, func() bool { return e.flushed(t).Timers["plan"].Count == sampled.planned }, "not all has arrived")
	assert.InEpsilon(t, sampled.requests, e.flushed(t).Counters["requests"], 0.1, "the sum, scaled back by the daemon")
}

// What a sampling handler has kept stands for the rest, at the daemons too.
func TestDaemonsScaleSampledRecords(t *testing.T) {
	const n = 1000
	make1 := func(t *testing.T, address string, o statsd.Options) {
		h := open(t, address, o)
		for i := range n {
			for kind, name := range map[uint8]string{0x0: "all", 0x4: "half", 0x8: "quarter"} {
				require.NoError(t, h.Handle(t.Context(), record(name, "", float64(i), kind)))         // a counter
				require.NoError(t, h.Handle(t.Context(), record(name+"_ms", "", float64(i), kind+2))) // a timing
			}
		}
		shutdown(t, h)
		require.EqualValues(t, 6*n, h.Stats().Sent)
	}
	const sum = n * (n - 1) / 2
	exporter := func(t *testing.T, o statsd.Options) {
		e := startExporter(t)
		make1(t, e.address("tcp"), o)
		for name, scale := range map[string]float64{"all": 1, "half": 2, "quarter": 4} {
			eventually(t, func() bool {
				m := e.mustScrape(t)
				return m.sum(name) == scale*sum && m.sum(name+"_ms_count") == scale*n
			}, "%s is not scaled", name)
			assert.InEpsilon(t, scale*sum/1000, e.mustScrape(t).sum(name+"_ms_sum"), 1e-9)
		}
		assert.Zero(t, e.mustScrape(t).bad())
	}
	t.Run("exporter", func(t *testing.T) { exporter(t, statsd.Options{Dialect: statsd.DogStatsD}) })
	t.Run("exporter packed", func(t *testing.T) { exporter(t, statsd.Options{Dialect: statsd.DogStatsD, PackValues: true}) })
	t.Run("Etsy", func(t *testing.T) { // of whose timers the oracle has the values as they came
		e := startEtsy(t)
		make1(t, e.address("tcp"), statsd.Options{})
		for name, scale := range map[string]float64{"all": 1, "half": 2, "quarter": 4} {
			eventually(t, func() bool {
				f := e.flushed(t)
				return f.Counters[name] == scale*sum && f.Timers[name+"_ms"].Count == n
			}, "%s is not scaled", name)
		}
	})
}

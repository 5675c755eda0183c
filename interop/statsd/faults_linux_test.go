package statsd

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// steady makes an event of each kind of metric that is lossless or not, n times, and
// keeps how long the calls took.
func (w *workload) steady(h *statsd.Handler, n int) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, w.memory, h)
	ctx := context.Background()
	for range n {
		begin := time.Now()
		tel.Count(ctx, "requests", 1, slog.String("model", "a"))
		w.calls.add(time.Since(begin))
		begin = time.Now()
		tel.Timing(ctx, "plan", time.Millisecond)
		w.calls.add(time.Since(begin))
	}
}

func newWorkload() *workload { return &workload{memory: memory.New(nil)} }

// has waits until the exporter has so many requests and timings.
func (e *exporter) has(t *testing.T, n int) {
	t.Helper()
	eventually(t, func() bool {
		m := e.mustScrape(t)
		return m.sum("app_requests") == float64(n) && m.sum("app_plan_count") == float64(n)
	}, "%s: want %d of each", e.host, n)
}

func faultOptions() statsd.Options {
	return statsd.Options{Dialect: statsd.DogStatsD, Prefix: "app", FlushInterval: 50 * time.Millisecond, OnError: func(error) {}}
}

// The daemon comes after the app: what was recorded before arrives.
func TestAbsentAtStart(t *testing.T) {
	for _, network := range []string{"tcp", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			e := startExporter(t)
			e.Kill()
			h := open(t, e.address(network), faultOptions())
			w := newWorkload()
			w.steady(h, 100)
			eventually(t, func() bool { return h.Stats().Errors > 2 }, "nothing was tried")
			w.steady(h, 100)
			e.start(t)
			e.has(t, 200)
			w.steady(h, 100)
			e.has(t, 300)
			s := h.Stats()
			assert.EqualValues(t, 600, s.Sent)
			assert.Zero(t, s.Dropped)
			w.logSpeed(t, h, 0)
		})
	}
	t.Run("udp", func(t *testing.T) { // where what is sent to nobody is lost, and counted
		e := startExporter(t)
		e.Kill()
		h := open(t, e.address("udp"), faultOptions())
		w := newWorkload()
		w.steady(h, 100)
		eventually(t, func() bool { return h.Stats().Pending == 0 }, "nothing was sent")
		e.start(t)
		w.steady(h, 100)
		e.has(t, 100)
		s := h.Stats()
		assert.EqualValues(t, 200, s.Sent)
		assert.EqualValues(t, 200, s.Dropped, "the refused ones")
		assert.ErrorIs(t, s.LastError, syscall.ECONNREFUSED)
	})
}

// The daemon is killed and comes back: sending resumes, and nothing is lost that was
// not in the dead one's hands.
func TestKilledAndRestarted(t *testing.T) {
	for _, network := range []string{"tcp", "unixgram", "udp"} {
		t.Run(network, func(t *testing.T) {
			e := startExporter(t)
			h := open(t, e.address(network), faultOptions())
			w := newWorkload()
			w.steady(h, 100)
			e.has(t, 100)
			for round := range 3 {
				before := h.Stats()
				e.Kill()
				if network == "tcp" { // what is written before the end of the stream has been read goes nowhere
					eventually(t, func() bool { return h.Stats().Errors > before.Errors }, "nobody has noticed")
				}
				w.steady(h, 50)
				eventually(t, func() bool { return h.Stats().Errors > before.Errors || h.Stats().Pending == 0 }, "nobody has noticed")
				w.steady(h, 50)
				if network == "udp" {
					eventually(t, func() bool { return h.Stats().Pending == 0 }, "packets were not sent to nobody")
				}
				e.start(t)
				w.steady(h, 100)
				want := 200
				if network == "udp" {
					want = 100
				}
				e.has(t, want)
				s := h.Stats()
				if network == "udp" {
					assert.EqualValues(t, 200*(round+1), s.Dropped)
				} else {
					assert.Zero(t, s.Dropped)
				}
				assert.EqualValues(t, 2*(100+200*(round+1)), s.Events())
				assert.Equal(t, s.Events(), s.Sent+s.Dropped)
			}
			shutdown(t, h)
			w.logSpeed(t, h, 0)
		})
	}
}

// The daemon stands still for ten seconds while the app makes more events than any
// buffer holds. The calls stay fast, the memory does not grow, the loss is counted to
// the last event, and all goes on afterwards.
func TestStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	const pause = 10 * time.Second
	for _, network := range []string{"tcp", "unixgram", "unix"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			var d *servers.Daemon
			var address string
			var count func() (requests, timings float64)
			if network == "unix" {
				e := startEtsy(t)
				d, address = e.Daemon, e.address(network)
				count = func() (float64, float64) {
					f := e.flushed(t)
					return f.Counters["app.requests"], f.Timers["app.plan"].Count
				}
			} else {
				e := startExporter(t)
				d, address = e.Daemon, e.address(network)
				count = func() (float64, float64) {
					m := e.mustScrape(t)
					return m.sum("app_requests"), m.sum("app_plan_count")
				}
			}
			o := faultOptions()
			if network == "unix" {
				o.Dialect = statsd.Plain
			}
			h := open(t, address, o)
			w := newWorkload()
			w.steady(h, 1000)
			eventually(t, func() bool { r, p := count(); return r == 1000 && p == 1000 }, "the daemon does not work at all")

			made := 1000
			var peak int64
			load := func(d time.Duration) { // some 200 000 calls a second
				for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(4 * time.Millisecond) {
					w.steady(h, 1000)
					made += 1000
					if made%50_000 == 0 {
						peak = max(peak, testkit.Heap())
					}
				}
			}
			load(pause / 5)
			alive := w.calls.take()
			before := testkit.Heap()
			peak = before
			d.Signal(syscall.SIGSTOP)
			load(pause)
			stopped, still := h.Stats(), w.calls.take()
			d.Signal(syscall.SIGCONT)

			w.steady(h, 1000)
			made += 1000
			eventually(t, func() bool { return h.Stats().Pending == 0 }, "sending does not resume")
			s := h.Stats()
			assert.EqualValues(t, 2*made, s.Events())
			assert.EqualValues(t, 2*made, s.Sent+s.Dropped)
			assert.EqualValues(t, 1, s.Connects, "the connection was kept")
			eventually(t, func() bool { r, p := count(); return r == float64(made) && p == float64(int64(made)-s.Dropped) },
				"%d were made, %d dropped", made, s.Dropped)
			grown := peak - before
			assert.Less(t, grown, int64(32<<20), "the memory grows")
			w.logSpeed(t, h, pause)
			t.Logf("calls before took %s; while the daemon stood still %s; %d pending, %d dropped, the heap grew by %d KiB",
				alive, still, stopped.Pending, stopped.Dropped, grown>>10)
		})
	}
}

// The name points to a new address while the old one still works.
func TestNewAddress(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			old := startExporter(t)
			moved := &exporter{host: "127.0.0.2", port: old.port, web: testkit.FreePort(t), sock: t.TempDir() + "/statsd.sock"}
			moved.start(t)
			var ip atomic.Pointer[string]
			ip.Store(&old.host)
			o := faultOptions()
			o.ResolveInterval = 20 * time.Millisecond
			o.Lookup = func(context.Context, string) ([]string, error) { return []string{*ip.Load()}, nil }
			h := open(t, fmt.Sprintf("%s://statsd.example:%d", network, old.port), o)
			w := newWorkload()
			w.steady(h, 100)
			old.has(t, 100)
			ip.Store(&moved.host)
			eventually(t, func() bool { return h.Stats().Connects == 2 }, "it goes on to the old address")
			w.steady(h, 100)
			moved.has(t, 100)
			old.has(t, 100)
			assert.Zero(t, h.Stats().Dropped)

			nowhere := "127.0.0.3" // nobody listens there
			ip.Store(&nowhere)
			eventually(t, func() bool { return h.Stats().Errors > 0 || h.Stats().Connects == 3 }, "it goes on to the old address")
			w.steady(h, 100)
			ip.Store(&moved.host)
			if network == "tcp" {
				moved.has(t, 200)
				assert.Zero(t, h.Stats().Dropped)
			}
			shutdown(t, h)
			require.EqualValues(t, 600, h.Stats().Events())
		})
	}
}

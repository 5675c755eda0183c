package statsd

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

const goroutines = 8

// events is how many the tests of conservation make.
func events() int {
	if testing.Short() {
		return 50_000
	}
	return 1_000_000
}

// A workload is a known number of events, which a Memory has seen as well.
type workload struct {
	memory *memory.Handler
	calls  latencies
}

// open returns a handler for a test, which is shut down at its end.
func open(t *testing.T, address string, o statsd.Options) *statsd.Handler {
	t.Helper()
	if o.OnError == nil {
		o.OnError = func(err error) { t.Log(err) }
	}
	var mu sync.Mutex
	over, report := false, o.OnError
	o.OnError = func(err error) { // it may come after the end, when t must not be used
		mu.Lock()
		defer mu.Unlock()
		if !over {
			report(err)
		}
	}
	h, err := statsd.New(address, &o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = h.Shutdown(ctx)
		mu.Lock()
		defer mu.Unlock()
		over = true
	})
	return h
}

// produce makes n events from several goroutines: a quarter of each kind.
func produce(h *statsd.Handler, n int) *workload {
	w := &workload{memory: memory.New(nil)}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, w.memory, h)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			ctx := context.Background()
			model := []slog.Attr{slog.String("model", "a"), slog.String("model", "b|c:d\n#"), slog.String("model", "c")}
			load := fmt.Sprintf("load%d", g)
			for i := range n / goroutines {
				begin := time.Now()
				switch i % 4 {
				case 0:
					tel.Count(ctx, "requests", int64(i%7), model[i%3])
				case 1:
					tel.Timing(ctx, "plan", time.Duration(i%1000)*1234*time.Nanosecond, model[i%3])
				case 2:
					tel.Histogram(ctx, "size", float64(i%100)*0.25, model[i%3])
				case 3:
					tel.Gauge(ctx, load, float64(i)-1000.5)
				}
				w.calls.add(time.Since(begin))
			}
		})
	}
	wg.Wait()
	return w
}

// totals are what there must be at the daemon.
type totals struct {
	requests       float64
	planned        float64 // number of timings
	planSeconds    float64
	sizes, sizeSum float64
	loads          [goroutines]float64
	gauges         float64 // number of events
}

func (w *workload) totals() (all totals) {
	s := w.memory.Snapshot()
	for _, c := range s.Counters {
		all.requests += float64(c.Sum)
	}
	for _, c := range s.Scopes {
		all.planned += float64(c.Calls)
		all.planSeconds += c.TotalSeconds
	}
	for _, c := range s.Histograms {
		all.sizes += float64(c.Count)
		all.sizeSum += c.Sum
	}
	for _, c := range s.Gauges {
		all.gauges += float64(c.Count)
		for g := range all.loads {
			if c.Scope == fmt.Sprintf("load%d", g) {
				all.loads[g] = c.Last
			}
		}
	}
	return all
}

// logSpeed says what is of interest, and is never asserted.
func (w *workload) logSpeed(t *testing.T, h *statsd.Handler, took time.Duration) {
	s := h.Stats()
	t.Logf("%d events in %v; calls took %v; %d sent in %d packets, %d dropped, %d errors",
		s.Events(), took.Round(time.Millisecond), &w.calls, s.Sent, s.Packets, s.Dropped, s.Errors)
}

package statsd

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{FlushInterval: time.Hour})
		derived := h.WithGroup("g").(*Handler)
		handle(t, h, countRecord("a", 1), timingRecord("t", time.Millisecond))
		require.NoError(t, derived.Shutdown(t.Context()))
		assert.Equal(t, []string{"t:1|ms\na:1|c"}, n.take())
		require.NoError(t, h.Shutdown(t.Context()), "again")
		require.NoError(t, h.Flush(t.Context()), "afterwards")

		handle(t, h, countRecord("a", 1), countRecord("new", 1), timingRecord("t", time.Millisecond), gaugeRecord("g", 1))
		slog.New(h).Info("an ordinary log")
		s := h.Stats()
		assert.EqualValues(t, 2, s.Sent)
		assert.EqualValues(t, 4, s.Dropped)
		assert.EqualValues(t, 6, s.Events())
		assert.Empty(t, n.take())
		for _, c := range n.conns {
			<-c.closed
		}
	})
}

func TestShutdownWithoutDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{refuse: syscall.ECONNREFUSED}
		h := open(t, &n, "tcp://127.0.0.1:8125", nil)
		handle(t, h, countRecord("a", 1), countRecord("a", 1))
		time.Sleep(time.Minute)
		begin := time.Now()
		err := h.Shutdown(context.Background())
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		assert.ErrorContains(t, err, "2 events lost")
		assert.Zero(t, time.Since(begin), "it tries once, and does not wait")
		assert.EqualValues(t, 2, h.Stats().Dropped)
		assert.EqualValues(t, 2, h.Stats().Events())
	})
	synctest.Test(t, func(t *testing.T) {
		n := network{refuse: syscall.ECONNREFUSED}
		h := open(t, &n, "tcp://127.0.0.1:8125", nil)
		time.Sleep(time.Minute)
		n.set(func() { n.refuse = nil })
		handle(t, h, countRecord("a", 1))
		assert.NoError(t, h.Shutdown(context.Background()), "it tries once more")
		assert.Equal(t, []string{"a:1|c\n"}, n.take())
	})
}

func TestShutdownOfBlockedWrite(t *testing.T) {
	for _, limit := range []time.Duration{0, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			n := network{write: func(c *conn, b []byte) (int, error) { return c.block() }}
			h := open(t, &n, "tcp://127.0.0.1:8125", &Options{WriteTimeout: time.Hour})
			handle(t, h, countRecord("a", 1))
			time.Sleep(2 * time.Second)
			ctx, want := context.Background(), closeTimeout
			if limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, limit)
				defer cancel()
				want = limit
			}
			begin := time.Now()
			second := make(chan error)
			go func() { time.Sleep(time.Millisecond); second <- h.Shutdown(context.Background()) }()
			err := h.Shutdown(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, "1 events lost")
			assert.Equal(t, want, time.Since(begin))
			assert.NoError(t, <-second)
			assert.EqualValues(t, 1, h.Stats().Dropped)
		})
	}
}

func TestFlushGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{write: func(c *conn, b []byte) (int, error) { return c.block() }}
		h := open(t, &n, "tcp://127.0.0.1:8125", &Options{WriteTimeout: time.Hour})
		handle(t, h, countRecord("a", 1))
		stop := errors.New("stop")
		for range 3 {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, stop)
			assert.ErrorIs(t, h.Flush(ctx), stop)
			cancel()
		}
		done := make(chan error)
		go func() { done <- h.Flush(context.Background()) }()
		synctest.Wait()
		_ = h.Shutdown(t.Context())
		assert.Error(t, <-done, "a flush ends with the handler; the event was lost")
	})
}

// Every event is counted once, whatever happens, and as soon as Handle returns.
func TestConservation(t *testing.T) {
	const goroutines, rounds = 8, 2000
	var fails, total int
	n := network{only: "unix"}
	n.write = func(_ *conn, b []byte) (int, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if total++; total%7 == 0 {
			fails++
			return 0, syscall.EPIPE
		}
		return len(b), nil
	}
	h := openShards(t, &n, "unix:///run/statsd.sock", &Options{
		FlushInterval: time.Millisecond, MaxPacketSize: 200, QueueSize: 500, MaxSeries: 20, OnError: func(error) {},
		TagKeys: []string{"k"}, Dialect: InfluxDB, SampleRates: SampleRates{Timing: 0.5},
	}, 4)
	tel := telemetry(h)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			ctx := context.Background()
			for i := range rounds {
				tel.Count(ctx, "c", 1, slog.Int("k", i%4))
				tel.Timing(ctx, "t", time.Microsecond*time.Duration(i), slog.Int("k", g))
				tel.Gauge(ctx, "g", float64(i), slog.Int("k", i)) // too many series
				tel.Metric(ctx, "text", "no number")
				if i%500 == 0 {
					s := h.Stats()
					assert.LessOrEqual(t, s.Events(), int64(4*goroutines*rounds))
					_ = h.WithAttrs([]slog.Attr{slog.Int("k", i)}).Handle(ctx, countRecord("c", 1))
				}
			}
		})
	}
	wg.Wait()
	const want = goroutines * (4*rounds + 4)
	assert.EqualValues(t, want, h.Stats().Events())
	_ = h.Shutdown(t.Context())
	s := h.Stats()
	assert.EqualValues(t, want, s.Events())
	assert.Zero(t, s.Pending)
	assert.EqualValues(t, goroutines*rounds, s.Skipped)
	assert.Positive(t, s.Overflowed)
	assert.Positive(t, s.SampledOut)

	timings := int64(0)
	for _, p := range n.take() {
		timings += int64(strings.Count(p, "|ms"))
		assert.Equal(t, len(p), strings.LastIndexByte(p, '\n')+1)
	}
	assert.LessOrEqual(t, timings, s.Sent)
	assert.Positive(t, timings)
}

func TestCloseRacesHandle(t *testing.T) {
	for range 50 {
		var n network
		h := openShards(t, &n, "127.0.0.1:8125", &Options{FlushInterval: time.Millisecond}, 2)
		r, c := timingRecord("t", time.Millisecond), countRecord("c", 1)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 100 {
					handle(t, h, r, c)
				}
			})
		}
		wg.Go(func() { _ = h.Flush(context.Background()) })
		wg.Go(func() { assert.NoError(t, h.Shutdown(context.Background())) })
		wg.Wait()
		s := h.Stats()
		assert.Zero(t, s.Pending)
		assert.EqualValues(t, 800, s.Sent+s.Dropped)
		all := strings.Join(n.take(), "\n")
		assert.LessOrEqual(t, strings.Count(all, "|ms"), int(s.Sent))
	}
}

func TestNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which waits for all goroutines, and fails when that is in vain
		for range 200 {
			for _, address := range []string{"tcp://statsd.example:8125", "127.0.0.1:8125"} {
				var n network
				h, err := start(address, &Options{Lookup: func(context.Context, string) ([]string, error) { return []string{"::1"}, nil }}, n.dial, 2)
				require.NoError(t, err)
				handle(t, h, countRecord("a", 1))
				require.NoError(t, h.Shutdown(t.Context()))
				require.Len(t, n.conns, 1)
				for _, c := range n.conns {
					<-c.closed
				}
			}
		}
	})
}

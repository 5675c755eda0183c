package statsd

import (
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

func TestIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{FlushInterval: 10 * time.Second})
		synctest.Wait()
		time.Sleep(9 * time.Second)
		handle(t, h, countRecord("a", 1), countRecord("a", 1), timingRecord("t", time.Millisecond))
		synctest.Wait()
		assert.Empty(t, n.take(), "the interval is not over")
		assert.EqualValues(t, 3, h.Stats().Pending)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"t:1|ms\na:2|c"}, n.take())
		assert.Zero(t, h.Stats().Pending)

		handle(t, h, countRecord("a", 5))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a:5|c"}, n.take())

		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Empty(t, n.take(), "nothing is repeated")
	})
}

func TestFullPacketsLeaveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{FlushInterval: time.Hour, MaxPacketSize: 200})
		synctest.Wait()
		r := timingRecord("name", 1234567)
		for range 100 {
			handle(t, h, r)
		}
		synctest.Wait()
		packets := n.take()
		lines := 0
		for _, p := range packets {
			assert.LessOrEqual(t, len(p), 200)
			assert.Greater(t, len(p), 200-len("name:1.234567|ms\n"))
			assert.False(t, strings.HasSuffix(p, "\n"))
			lines += strings.Count(p, "\n") + 1
		}
		assert.Greater(t, lines, 75)
		s := h.Stats()
		assert.EqualValues(t, lines, s.Sent)
		assert.EqualValues(t, 100-lines, s.Pending)
		require.NoError(t, h.Flush(t.Context()))
		assert.EqualValues(t, 100, h.Stats().Sent)
	})
}

func TestStreamsEndWithANewline(t *testing.T) {
	for _, address := range []string{"tcp://127.0.0.1:8125", "unix:///run/statsd.sock"} {
		var n network
		if address != "tcp://127.0.0.1:8125" {
			n.only = "unix"
		}
		h := open(t, &n, address, &Options{MaxPacketSize: 128})
		for range 20 {
			handle(t, h, timingRecord("name", 1234567))
		}
		for _, p := range sent(t, h, &n) {
			assert.LessOrEqual(t, len(p), 128)
			assert.True(t, strings.HasSuffix(p, "\n"))
		}
		require.NoError(t, h.Shutdown(t.Context()))
		assert.EqualValues(t, 20, h.Stats().Sent)
	}
}

func TestDaemonAbsentAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []error
		var mu sync.Mutex
		n := network{refuse: syscall.ECONNREFUSED}
		h := open(t, &n, "tcp://127.0.0.1:8125", &Options{OnError: func(err error) {
			mu.Lock()
			defer mu.Unlock()
			reports = append(reports, err)
		}})
		handle(t, h, countRecord("a", 1), timingRecord("t", time.Millisecond))
		time.Sleep(30 * time.Second)
		handle(t, h, countRecord("a", 1))
		synctest.Wait()
		s := h.Stats()
		assert.EqualValues(t, 3, s.Pending)
		assert.ErrorIs(t, s.LastError, syscall.ECONNREFUSED)
		attempts := len(n.dialed())
		assert.Equal(t, int64(attempts), s.Errors)
		assert.Greater(t, attempts, 8)
		assert.Less(t, attempts, 20, "the waits grow")
		mu.Lock()
		assert.Len(t, reports, 1, "at most one a minute")
		mu.Unlock()
		assert.ErrorIs(t, h.Flush(t.Context()), syscall.ECONNREFUSED)

		n.set(func() { n.refuse = nil })
		time.Sleep(maxBackoff + time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"t:1|ms\na:2|c\n"}, n.take(), "what could be merged was merged")
		assert.EqualValues(t, 3, h.Stats().Sent)

		n.set(func() { n.refuse = syscall.ECONNREFUSED; _ = n.conns[0].Close() })
		time.Sleep(time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		assert.Len(t, reports, 2)
		assert.ErrorContains(t, reports[1], "errors more since the last report")
	})
}

func TestConnectionLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{only: "unix"}
		h := open(t, &n, "unix:///run/statsd.sock", nil)
		handle(t, h, countRecord("a", 1))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		n.set(func() { _ = n.conns[0].Close() }) // the daemon closes it
		synctest.Wait()
		assert.EqualValues(t, 2, h.Stats().Connects, "a connection that lasted is opened again at once")
		handle(t, h, countRecord("a", 2))
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"a:1|c\n", "a:2|c\n"}, n.take())
		assert.EqualValues(t, 2, h.Stats().Sent)
	})
}

func TestFailingWrites(t *testing.T) {
	t.Run("once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fails := 1
			n := network{write: func(_ *conn, b []byte) (int, error) {
				if fails--; fails >= 0 {
					return 0, syscall.EPIPE
				}
				return len(b), nil
			}}
			h := open(t, &n, "unixgram:///run/statsd.sock", nil)
			handle(t, h, countRecord("a", 1))
			assert.Error(t, h.Flush(t.Context()))
			time.Sleep(time.Second)
			synctest.Wait()
			assert.Equal(t, []string{"a:1|c"}, n.take(), "it is written again over a new connection")
			assert.EqualValues(t, 1, h.Stats().Sent)
		})
	})
	t.Run("always", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := network{write: func(*conn, []byte) (int, error) { return 0, syscall.EPIPE }}
			h := open(t, &n, "unixgram:///run/statsd.sock", nil)
			handle(t, h, countRecord("a", 1))
			time.Sleep(time.Minute)
			synctest.Wait()
			assert.EqualValues(t, 1, h.Stats().Dropped, "one packet does not stand in the way for ever")
		})
	})
	t.Run("in part", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := network{write: func(c *conn, b []byte) (int, error) { return 3, syscall.EPIPE }}
			h := open(t, &n, "tcp://127.0.0.1:8125", nil)
			handle(t, h, countRecord("a", 1))
			time.Sleep(time.Minute)
			synctest.Wait()
			assert.EqualValues(t, 1, h.Stats().Dropped, "what was written in part is not written again")
			assert.Zero(t, h.Stats().Pending)
		})
	})
	t.Run("too large", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := network{write: func(*conn, []byte) (int, error) { return 0, syscall.EMSGSIZE }}
			h := open(t, &n, "127.0.0.1:8125", nil)
			handle(t, h, countRecord("a", 1))
			require.NoError(t, h.Flush(t.Context()))
			assert.EqualValues(t, 1, h.Stats().Dropped)
			assert.ErrorContains(t, h.Stats().LastError, "MaxPacketSize")
			assert.EqualValues(t, 1, h.Stats().Connects)
		})
	})
}

// Over UDP an error is about a packet before the one that meets it.
func TestRefusedPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listening := false
		pending := make(map[*conn]bool)
		n := network{}
		n.write = func(c *conn, b []byte) (int, error) {
			if pending[c] {
				pending[c] = false
				return 0, syscall.ECONNREFUSED
			}
			pending[c] = !listening
			return len(b), nil
		}
		h := open(t, &n, "127.0.0.1:8125", nil)
		for i := range 5 {
			handle(t, h, countRecord("a", int64(i)))
			require.NoError(t, h.Flush(t.Context()))
		}
		s := h.Stats()
		assert.EqualValues(t, 4, s.Dropped, "all but the last, of which nobody has heard yet")
		assert.EqualValues(t, 1, s.Sent)
		assert.EqualValues(t, 4, s.Errors)
		listening = true
		handle(t, h, countRecord("a", 9))
		require.NoError(t, h.Flush(t.Context()))
		s = h.Stats()
		assert.EqualValues(t, 5, s.Dropped)
		assert.EqualValues(t, 1, s.Sent)
		assert.EqualValues(t, 1, s.Packets)
		assert.EqualValues(t, 1, s.Connects)
	})
}

func TestSlowDaemonCostsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var blocked bool
		n := network{write: func(c *conn, b []byte) (int, error) {
			if blocked {
				return c.block()
			}
			return len(b), nil
		}}
		h := open(t, &n, "tcp://127.0.0.1:8125", &Options{QueueSize: 100, MaxPacketSize: 128, WriteTimeout: time.Hour})
		synctest.Wait()
		n.set(func() { blocked = true })
		for i := range 1000 {
			handle(t, h, timingRecord("t", time.Duration(i)*time.Millisecond), countRecord("c", 1))
		}
		time.Sleep(time.Minute)
		s := h.Stats()
		assert.EqualValues(t, 2000, s.Events())
		assert.Greater(t, s.Dropped, int64(800))
		assert.GreaterOrEqual(t, s.Pending, int64(1000+50))
		n.set(func() { blocked = false; _ = n.conns[0].Close() }) // ends the write
		time.Sleep(time.Minute)
		synctest.Wait()
		all := strings.Join(n.take(), "")
		assert.Contains(t, all, "t:999|ms\n")
		assert.Contains(t, all, "c:1000|c\n", "counters are merged, not dropped")
		s = h.Stats()
		assert.Zero(t, s.Pending)
		assert.EqualValues(t, 2000, s.Events())
		assert.EqualValues(t, strings.Count(all, "t:")+1000, s.Sent)
	})
}

func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{only: "unix"}
		n.write = func(c *conn, b []byte) (int, error) {
			if len(n.dialed()) == 1 {
				return c.block()
			}
			return len(b), nil
		}
		h := open(t, &n, "unix:///run/statsd.sock", &Options{WriteTimeout: 7 * time.Second})
		handle(t, h, countRecord("a", 1))
		time.Sleep(7 * time.Second)
		synctest.Wait()
		assert.Empty(t, n.take())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a:1|c\n"}, n.take())
	})
}

func TestUnusedSeriesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := openShards(t, &n, "127.0.0.1:8125", &Options{MaxSeries: 200, TagKeys: []string{"id"}, Dialect: DogStatsD}, 4)
		for round := range 3 {
			for i := range 199 {
				handle(t, h, countRecord("x", 1, slog.Int("id", 1000*round+i)))
			}
			handle(t, h, countRecord("often", 1))
			assert.EqualValues(t, 200, h.Stats().Series)
			for range 11 {
				time.Sleep(time.Minute)
				handle(t, h, countRecord("often", 1))
			}
			synctest.Wait()
			assert.EqualValues(t, 1, h.Stats().Series)
		}
		assert.Zero(t, h.Stats().Overflowed)
		require.NoError(t, h.Flush(t.Context()))
		assert.EqualValues(t, 3*(200+11), h.Stats().Sent)
	})
}

package statsd

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// times keeps when each packet was written.
func times(n *network) *[]time.Time {
	var at []time.Time
	n.write = func(_ *conn, b []byte) (int, error) {
		at = append(at, time.Now())
		return len(b), nil
	}
	return &at
}

// mostIn returns the most packets that were written within any span of time d.
func mostIn(at []time.Time, d time.Duration) (most int) {
	for i := range at {
		n := 0
		for j := i; j < len(at) && at[j].Sub(at[i]) < d; j++ {
			n++
		}
		most = max(most, n)
	}
	return most
}

func many(t *testing.T, h *Handler, series int) {
	t.Helper()
	for i := range series {
		handle(t, h, countRecord(fmt.Sprintf("pipeline.stage_%05d.requests_handled", i), 1))
	}
}

// The packets of many series leave over the interval, in another order each time.
func TestManySeriesArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		at := times(&n)
		h := openShards(t, &n, "127.0.0.1:8125", nil, 4)
		var orders []string
		for range 3 {
			many(t, h, 10_000)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			packets := n.take()
			assert.Greater(t, len(packets), 200)
			assert.LessOrEqual(t, mostIn(*at, 10*time.Millisecond), burst+10)
			span := (*at)[len(*at)-1].Sub((*at)[0])
			assert.Greater(t, span, 700*time.Millisecond)
			assert.Less(t, span, time.Second)
			*at = nil
			orders = append(orders, packets[0])
			names := linesOf(packets)
			slices.Sort(names)
			assert.Len(t, slices.Compact(names), 10_000)
		}
		assert.NotEqual(t, orders[0], orders[1])
		assert.EqualValues(t, 30_000, h.Stats().Sent)
	})
}

// Whoever waits does not wait for the interval; whoever has little time waits less.
func TestFlushIsSoon(t *testing.T) {
	for name, end := range map[string]func(*Handler, context.Context) error{"flush": (*Handler).Flush, "shutdown": (*Handler).Shutdown} {
		for _, limit := range []time.Duration{0, 200 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				var n network
				at := times(&n)
				h := openShards(t, &n, "127.0.0.1:8125", &Options{FlushInterval: time.Hour}, 4)
				many(t, h, 10_000)
				ctx, most := t.Context(), urgentWindow+50*time.Millisecond
				if limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, limit)
					defer cancel()
					most = limit
				}
				begin := time.Now()
				require.NoError(t, end(h, ctx), name)
				assert.Less(t, time.Since(begin), most)
				assert.LessOrEqual(t, mostIn(*at, 5*time.Millisecond), 2*burst)
				assert.EqualValues(t, 10_000, h.Stats().Sent)
			})
		}
	}
	synctest.Test(t, func(t *testing.T) { // in the middle of an interval
		var n network
		h := openShards(t, &n, "127.0.0.1:8125", &Options{FlushInterval: 10 * time.Second}, 4)
		many(t, h, 9_999)
		time.Sleep(11 * time.Second)
		handle(t, h, countRecord("last", 1))
		begin := time.Now()
		require.NoError(t, h.Flush(t.Context()))
		assert.Less(t, time.Since(begin), 2*time.Second)
		assert.EqualValues(t, 10_000, h.Stats().Sent)
		assert.True(t, slices.Contains(linesOf(n.take()), "last:1|c"))
	})
}

// A burst of timings is spread as well; what is too much to hold back is not dropped for it.
func TestManyTimingsArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		at := times(&n)
		h := open(t, &n, "127.0.0.1:8125", nil)
		synctest.Wait()
		r := timingRecord("pipeline.stage.requests_handled", 1234567)
		for range 4_000 {
			handle(t, h, r)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		assert.Greater(t, len(*at), 100)
		assert.LessOrEqual(t, mostIn(*at, 10*time.Millisecond), burst+20)
		assert.EqualValues(t, 4_000, h.Stats().Sent)
		for range 60_000 {
			handle(t, h, r)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		assert.EqualValues(t, 64_000, h.Stats().Sent)
	})
}

// A reader that sleeps a millisecond after each packet gets all of them.
func TestSlowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	daemon, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	var arrived []string
	var slept time.Duration
	var wg sync.WaitGroup
	wg.Go(func() {
		b := make([]byte, 2000)
		for {
			n, err := daemon.Read(b)
			if err != nil {
				return
			}
			arrived = append(arrived, string(b[:n]))
			begin := time.Now()
			time.Sleep(time.Millisecond)
			slept += time.Since(begin)
		}
	})
	h, err := New(daemon.LocalAddr().String(), &Options{OnError: func(error) {}})
	require.NoError(t, err)
	many(t, h, 10_000)
	require.Eventually(t, func() bool { return h.Stats().Pending == 0 }, time.Minute, 10*time.Millisecond)
	time.Sleep(time.Second) // what is in the socket's buffer
	_ = daemon.Close()
	wg.Wait()
	s := h.Stats()
	t.Logf("%d of %d packets arrived at a reader that sleeps %v after each", len(arrived), s.Packets, slept/time.Duration(len(arrived)+1))
	require.NoError(t, h.Shutdown(t.Context()))
	if slept/time.Duration(len(arrived)+1) > 2*time.Millisecond {
		t.Skip("this machine is too slow for its own reader")
	}
	assert.EqualValues(t, s.Packets, len(arrived))
}

// On a stream of lines a negative gauge is a zero, some time, and the value: telegraf
// reads lines with several goroutines. In a packet they stay together.
func TestNegativeGaugesOnStreams(t *testing.T) {
	for address, lines := range map[string]bool{"tcp://127.0.0.1:8125": true, "unix:///run/s.sock": true, "unixstream:///run/s.sock": false, "unixgram:///run/s.sock": false} {
		for _, how := range []string{"interval", "flush", "shutdown"} {
			synctest.Test(t, func(t *testing.T) {
				var n network
				if strings.HasPrefix(address, "unix:") {
					n.only = "unix"
				}
				at := times(&n)
				h := open(t, &n, address, nil)
				handle(t, h, gaugeRecord("g", -5), countRecord("c", 1), gaugeRecord("p", 5))
				switch how {
				case "interval":
					time.Sleep(time.Second + 2*zeroGap)
					synctest.Wait()
				case "flush":
					require.NoError(t, h.Flush(t.Context()))
				case "shutdown":
					require.NoError(t, h.Shutdown(t.Context()))
				}
				packets := n.take()
				assert.EqualValues(t, 3, h.Stats().Sent)
				if !lines {
					assert.Len(t, packets, 1)
					assert.Contains(t, packets[0], "g:0|g\ng:-5|g\n")
					return
				}
				assert.Equal(t, []string{"g:0|g\nc:1|c\np:5|g\n", "g:-5|g\n"}, packets)
				assert.Equal(t, zeroGap, (*at)[1].Sub((*at)[0]))
			})
		}
	}
}

// A connection that breaks between the zero and the value costs neither.
func TestConnectionLostBetweenZeroAndValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "tcp://127.0.0.1:8125", nil)
		handle(t, h, gaugeRecord("g", -5))
		time.Sleep(time.Second + zeroGap/2)
		synctest.Wait()
		assert.Equal(t, []string{"g:0|g\n"}, n.take())
		assert.EqualValues(t, 1, h.Stats().Pending)
		n.set(func() { _ = n.conns[0].Close() })
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"g:0|g\n", "g:-5|g\n"}, n.take())
		assert.EqualValues(t, 1, h.Stats().Sent)
		assert.EqualValues(t, 1, h.Stats().Events())
	})
}

// Timings go on leaving between the zero and the value.
func TestStreamGoesOnBetweenZeroAndValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "tcp://127.0.0.1:8125", &Options{MaxPacketSize: 200})
		handle(t, h, gaugeRecord("g", -5))
		time.Sleep(time.Second + zeroGap/2)
		for range 100 {
			handle(t, h, timingRecord("t", time.Millisecond))
		}
		synctest.Wait()
		assert.Greater(t, len(n.take()), 2)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Contains(t, linesOf(n.take()), "g:-5|g")
		assert.EqualValues(t, 101, h.Stats().Sent)
	})
}

package statsd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ips []string
		var asked int
		err := errors.New("no such host")
		lookup := func(_ context.Context, host string) ([]string, error) {
			mu.Lock()
			defer mu.Unlock()
			asked++
			if host != "statsd.example" {
				return nil, fmt.Errorf("asked for %q", host)
			}
			return ips, err
		}
		answer := func(e error, list ...string) {
			mu.Lock()
			defer mu.Unlock()
			ips, err = list, e
		}
		var n network
		h := open(t, &n, "udp://statsd.example:8125", &Options{Lookup: lookup, ResolveInterval: time.Minute, OnError: func(error) {}})
		handle(t, h, countRecord("a", 1))
		time.Sleep(20 * time.Second)
		assert.Empty(t, n.dialed(), "not resolvable yet")
		assert.EqualValues(t, 1, h.Stats().Pending)
		answer(nil, "10.0.0.1", "10.0.0.2")
		time.Sleep(10 * time.Second)
		assert.Equal(t, []string{"10.0.0.1:8125"}, n.dialed())
		assert.EqualValues(t, 1, h.Stats().Sent)

		answer(nil, "10.0.0.2", "10.0.0.1")
		time.Sleep(2 * time.Minute)
		assert.Len(t, n.dialed(), 1, "another order is no change")
		answer(errors.New("down"))
		time.Sleep(2 * time.Minute)
		assert.Len(t, n.dialed(), 1, "what is known serves while the resolver is down")
		answer(nil)
		time.Sleep(2 * time.Minute)
		assert.Len(t, n.dialed(), 1)
		answer(nil, "10.0.0.3")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		assert.Equal(t, []string{"10.0.0.1:8125", "10.0.0.3:8125"}, n.dialed())
		handle(t, h, countRecord("a", 1))
		require.NoError(t, h.Flush(t.Context()))
		assert.Zero(t, h.Stats().Dropped)
		mu.Lock()
		defer mu.Unlock()
		assert.Less(t, asked, 30)
	})
}

// Of localhost's two addresses the daemon may listen at one only.
func TestRefusedAtOneOfTwoAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := false
		n := network{}
		n.write = func(c *conn, b []byte) (int, error) {
			if !strings.HasPrefix(c.address, "[::1]") {
				return len(b), nil
			}
			if refused {
				return 0, syscall.ECONNREFUSED
			}
			refused = true
			return len(b), nil
		}
		h := open(t, &n, "localhost:8125", &Options{
			Lookup:  func(context.Context, string) ([]string, error) { return []string{"::1", "127.0.0.1"}, nil },
			OnError: func(error) {},
		})
		for range 3 {
			handle(t, h, countRecord("a", 1))
			_ = h.Flush(t.Context())
			time.Sleep(time.Second)
		}
		synctest.Wait()
		assert.Equal(t, []string{"[::1]:8125", "127.0.0.1:8125"}, n.dialed())
		s := h.Stats()
		assert.EqualValues(t, 1, s.Dropped)
		assert.EqualValues(t, 2, s.Sent)
	})
}

func TestBadLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		for name, lookup := range map[string]LookupFunc{
			"panics":              func(context.Context, string) ([]string, error) { panic("boom") },
			"nothing":             func(context.Context, string) ([]string, error) { return nil, nil },
			"ignores its context": func(context.Context, string) ([]string, error) { <-release; return nil, nil },
		} {
			var n network
			h := open(t, &n, "statsd.example:8125", &Options{Lookup: lookup, OnError: func(error) { panic("boom") }})
			time.Sleep(time.Minute)
			handle(t, h, countRecord("a", 1))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			assert.Error(t, h.Shutdown(ctx), name)
			cancel()
			assert.Empty(t, n.dialed(), name)
			assert.EqualValues(t, 1, h.Stats().Dropped, name)
		}
		close(release)
	})
}

// A look-up that ignores its context costs one goroutine, and its answer is still taken.
func TestLookupThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, calls atomic.Int64
		release := make(chan struct{})
		var n network
		h := open(t, &n, "statsd.example:8125", &Options{
			OnError: func(error) {},
			Lookup: func(context.Context, string) ([]string, error) {
				calls.Add(1)
				running.Add(1)
				defer running.Add(-1)
				<-release
				return []string{"10.0.0.1"}, nil
			},
		})
		handle(t, h, countRecord("a", 1))
		time.Sleep(10 * time.Minute)
		assert.EqualValues(t, 1, calls.Load())
		assert.EqualValues(t, 1, running.Load())
		assert.ErrorContains(t, h.Stats().LastError, "no answer")
		close(release)
		time.Sleep(maxBackoff + time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a:1|c"}, n.take())
	})
}

// What a look-up returns is checked before it is used.
func TestLookupResults(t *testing.T) {
	good, err := usable([]string{"", "10.0.0.1", "not an address", "0.0.0.0", "::", "10.0.0.1", "fe80::1%eth0", "10.0.0.1:80", "[::1]"})
	assert.NoError(t, err)
	assert.Equal(t, []string{"10.0.0.1", "fe80::1%eth0"}, good)
	good, err = usable(addresses(maxAddresses + 44))
	assert.NoError(t, err)
	assert.Len(t, good, maxAddresses)
	for _, bad := range [][]string{nil, {}, {""}, {"0.0.0.0"}, {strings.Repeat("x", 1<<20)}} {
		_, err := usable(bad)
		assert.ErrorContains(t, err, "no address")
		assert.Less(t, len(err.Error()), 200)
	}
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "statsd.example:8125", named(func(try int) []string {
			if try < 3 {
				return []string{"", "statsd"}
			}
			return []string{"", "10.0.0.1"}
		}))
		handle(t, h, countRecord("a", 1))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []string{"10.0.0.1:8125"}, n.dialed())
		assert.ErrorContains(t, h.Stats().LastError, `"statsd" is none`)
	})
}

// While the resolver is down, the addresses that are known serve.
func TestResolverGoesDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		tries := 0
		h := open(t, &n, "tcp://statsd.example:8125", &Options{
			OnError: func(error) {},
			Lookup: func(context.Context, string) ([]string, error) {
				if tries++; tries > 1 {
					return nil, errors.New("down")
				}
				return []string{"10.0.0.1"}, nil
			},
		})
		synctest.Wait()
		n.set(func() { _ = n.conns[0].Close() })
		handle(t, h, countRecord("a", 1))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a:1|c\n"}, n.take())
	})
}

package statsd

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/statsd"
)

// A thousand handlers come and go, over each kind of socket and to nobody: no
// goroutine, no descriptor and no memory is left.
func TestNothingLeaks(t *testing.T) {
	const rounds = 1000
	dir := t.TempDir()
	for _, c := range []struct {
		name   string
		listen func(t *testing.T) (address string)
	}{
		{"udp", func(t *testing.T) string {
			conn, err := net.ListenPacket("udp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			return conn.LocalAddr().String()
		}},
		{"unixgram", func(t *testing.T) string {
			path := filepath.Join(dir, "packets")
			conn, err := net.ListenPacket("unixgram", path)
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				b := make([]byte, 10_000)
				for {
					if _, _, err := conn.ReadFrom(b); err != nil {
						return
					}
				}
			}()
			return "unixgram://" + path
		}},
		{"tcp", func(t *testing.T) string { return "tcp://" + accept(t, "tcp", "127.0.0.1:0") }},
		{"unix", func(t *testing.T) string { return "unix://" + accept(t, "unix", filepath.Join(dir, "stream")) }},
		{"nobody", func(*testing.T) string { return "unix://" + filepath.Join(dir, "nobody") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := c.listen(t)
			round := func() {
				h, err := statsd.New(address, &statsd.Options{OnError: func(error) {}})
				require.NoError(t, err)
				newWorkload().steady(h, 1)
				if err := h.Shutdown(t.Context()); c.name != "nobody" {
					require.NoError(t, err)
				}
			}
			for range 20 {
				round()
			}
			files, routines, memory := openFiles(t), runtime.NumGoroutine(), testkit.Heap()
			for range rounds {
				round()
			}
			eventually(t, func() bool {
				runtime.GC()                                                         // of the connections that the other side has accepted
				return openFiles(t) <= files && runtime.NumGoroutine() <= routines+1 // eventually's own
			}, "%d files were open and are %d, %d goroutines were there and are %d", files, openFiles(t), routines, runtime.NumGoroutine())
			assert.Less(t, testkit.Heap()-memory, int64(4<<20))
		})
	}
}

// accept reads what comes to a listener, and returns its address.
func accept(t *testing.T, network, address string) string {
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(list)
}

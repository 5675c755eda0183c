package statsd

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func addresses(n int) (ips []string) {
	for i := range n {
		ips = append(ips, fmt.Sprintf("10.0.%d.%d", i/100, i%100+1))
	}
	return ips
}

// named returns the options for a name with these addresses, which come in another
// order, or others of them, each time.
func named(ips func(try int) []string) *Options {
	tries := 0
	return &Options{
		FlushInterval: time.Second, OnError: func(error) {},
		Lookup: func(context.Context, string) ([]string, error) { tries++; return ips(tries), nil },
	}
}

func rotated(ips []string, by int) []string {
	by %= len(ips)
	return append(append([]string(nil), ips[by:]...), ips[:by]...)
}

// Only the last of twenty addresses listens. However slowly refusals come, in whatever
// order the look-ups bring them, and if only some are brought at a time, it is found.
func TestOneOfTwentyAddresses(t *testing.T) {
	all := addresses(20)
	last := all[19] + ":8125"
	for name, lookup := range map[string]func(try int) []string{
		"unchanged": func(int) []string { return all },
		"rotated":   func(try int) []string { return rotated(all, try*7) },
		"some":      func(try int) []string { return rotated(all, try*7)[:8] },
	} {
		for _, kind := range []string{"refused at once", "refused later", "unreachable"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					written := make(map[*conn]bool)
					n := network{}
					refusal := func(address string) error {
						if address != last {
							return syscall.ECONNREFUSED
						}
						return nil
					}
					n.write = func(c *conn, b []byte) (int, error) {
						switch {
						case c.address == last:
						case kind == "unreachable":
							return 0, syscall.EHOSTUNREACH
						case written[c]:
							return 0, syscall.ECONNREFUSED
						}
						written[c] = true
						return len(b), nil
					}
					if kind == "refused at once" {
						n.refusal = refusal
					}
					h := open(t, &n, "statsd.example:8125", named(lookup))
					for range 120 {
						handle(t, h, countRecord("a", 1))
						time.Sleep(time.Second)
					}
					synctest.Wait()
					s := h.Stats()
					assert.Contains(t, n.dialed(), last)
					if name != "some" { // where it is given up again when a look-up does not bring it
						assert.Equal(t, last, n.conns[len(n.conns)-1].address)
						assert.Greater(t, s.Sent, int64(60), "most of the time")
					}
					assert.EqualValues(t, 120, s.Events())
					if kind == "refused at once" && name != "some" {
						assert.EqualValues(t, 120, s.Sent, "not one is lost")
					}
					assert.Error(t, s.LastError)
					assert.Less(t, len(n.dialed()), 200)
				})
			})
		}
	}
}

// The same with real sockets.
func TestOneOfTwentyAddressesForReal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8")
	}
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			got := make(chan string, 1)
			var port int
			if network == "udp" {
				daemon, err := net.ListenPacket("udp", "127.0.0.20:0")
				require.NoError(t, err)
				defer daemon.Close()
				port = daemon.LocalAddr().(*net.UDPAddr).Port
				go func() {
					b := make([]byte, 100)
					n, _, _ := daemon.ReadFrom(b)
					got <- string(b[:n])
				}()
			} else {
				daemon, err := net.Listen("tcp", "127.0.0.20:0")
				require.NoError(t, err)
				defer daemon.Close()
				port = daemon.Addr().(*net.TCPAddr).Port
				go func() {
					if c, err := daemon.Accept(); err == nil {
						b := make([]byte, 100)
						n, _ := c.Read(b)
						got <- string(b[:n])
						_ = c.Close()
					}
				}()
			}
			var ips []string
			for i := range 20 {
				ips = append(ips, fmt.Sprintf("127.0.0.%d", i+1))
			}
			h, err := New(fmt.Sprintf("%s://statsd.example:%d", network, port), named(func(int) []string { return ips }))
			require.NoError(t, err)
			handle(t, h, countRecord("a", 1))
			require.NoError(t, h.Shutdown(t.Context()), "the first packet is not lost")
			assert.Equal(t, "a:1|c", strings.TrimSpace(<-got))
			assert.ErrorIs(t, h.Stats().LastError, syscall.ECONNREFUSED)
		})
	}
}

// Addresses of which none listens are tried again and again, but not without a pause.
func TestNoneOfTwentyAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{refusal: func(string) error { return syscall.ECONNREFUSED }}
		h := open(t, &n, "statsd.example:8125", named(func(int) []string { return addresses(20) }))
		for range 60 {
			handle(t, h, countRecord("a", 1))
			time.Sleep(time.Second)
		}
		synctest.Wait()
		s := h.Stats()
		assert.Zero(t, s.Pending)
		assert.ErrorIs(t, s.LastError, syscall.ECONNREFUSED)
		assert.Less(t, len(n.dialed()), 60/5*20+20+60)
	})
}

// A dial that hangs is said within a second, and the next address is tried.
func TestDialsThatHang(t *testing.T) {
	for _, count := range []int{1, 5} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			slow := func(ctx context.Context, kind, address string) (net.Conn, error) {
				if count > 1 && address == "10.0.0.5:8125" {
					return n.dial(ctx, kind, address)
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}
			o := named(func(int) []string { return addresses(count) })
			h, err := start("tcp://statsd.example:8125", o, slow, 1)
			require.NoError(t, err)
			handle(t, h, countRecord("a", 1))
			time.Sleep(minDialTimeout + time.Millisecond)
			synctest.Wait()
			assert.ErrorIs(t, h.Stats().LastError, context.DeadlineExceeded)
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if count > 1 {
				assert.Equal(t, []string{"a:1|c\n"}, n.take())
			}
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_ = h.Shutdown(ctx)
			assert.LessOrEqual(t, time.Since(begin), time.Second)
		})
	}
}

// An address that takes three seconds to answer is reached in the end.
func TestSlowDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h, err := start("tcp://10.0.0.1:8125", &Options{OnError: func(error) {}}, func(ctx context.Context, kind, address string) (net.Conn, error) {
			select {
			case <-time.After(3 * time.Second):
				return n.dial(ctx, kind, address)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}, 1)
		require.NoError(t, err)
		handle(t, h, countRecord("a", 1))
		time.Sleep(15 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a:1|c\n"}, n.take())
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// readFrame reads one packet of DataDog's agent from a stream.
func readFrame(r io.Reader) (string, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	b := make([]byte, binary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(r, b)
	return string(b), err
}

// Each form of a Unix socket, for real: what the address says, what there is, and what
// arrives.
func TestUnixSockets(t *testing.T) {
	for _, c := range []struct {
		scheme, socket string
		dialect        Dialect
		want           string // frame, line, packet, or nothing
	}{
		{"unix", "unixgram", DogStatsD, "packet"},
		{"unix", "unixgram", Plain, "packet"},
		{"unix", "unix", DogStatsD, "frame"},
		{"unix", "unix", Plain, "line"},
		{"unixgram", "unixgram", Plain, "packet"},
		{"unixstream", "unix", DogStatsD, "frame"},
		{"unixstream", "unix", Plain, "frame"},
		{"unixstream", "unixgram", DogStatsD, ""},
		{"unixgram", "unix", DogStatsD, ""},
		{"unix", "", DogStatsD, ""},
	} {
		t.Run(fmt.Sprintf("%s at %s %s", c.scheme, c.socket, c.dialect), func(t *testing.T) {
			dir, err := os.MkdirTemp("", "statsd") // the test's own may be too long for a socket
			require.NoError(t, err)
			defer os.RemoveAll(dir)
			path := filepath.Join(dir, "s")
			got := make(chan string, 1)
			switch c.socket {
			case "unixgram":
				l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
				if err != nil {
					t.Skipf("no sockets for packets here: %v", err)
				}
				defer l.Close()
				go func() {
					b := make([]byte, 100)
					n, _ := l.Read(b)
					got <- string(b[:n])
				}()
			case "unix":
				l, err := net.Listen("unix", path)
				require.NoError(t, err)
				defer l.Close()
				go func() {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					defer conn.Close()
					if c.want == "frame" {
						text, _ := readFrame(conn)
						got <- text
						return
					}
					text, _ := io.ReadAll(conn)
					got <- string(text)
				}()
			}
			h, err := New(c.scheme+"://"+path, &Options{Dialect: c.dialect, OnError: func(error) {}})
			require.NoError(t, err)
			handle(t, h, countRecord("a", 1))
			err = h.Shutdown(t.Context())
			switch c.want {
			case "":
				assert.Error(t, err)
				assert.Error(t, h.Stats().LastError)
				assert.EqualValues(t, 1, h.Stats().Dropped)
				return
			case "line":
				assert.Equal(t, "a:1|c\n", <-got)
			default:
				assert.Equal(t, "a:1|c", <-got)
			}
			assert.NoError(t, err)
			assert.EqualValues(t, 1, h.Stats().Sent)
			assert.Zero(t, h.Stats().Errors)
		})
	}
}

// Of a stream many packets come, each whole.
func TestFrames(t *testing.T) {
	n := network{only: "unix"}
	h := open(t, &n, "unixstream:///run/statsd.sock", &Options{MaxPacketSize: 200})
	for i := range 100 {
		handle(t, h, timingRecord("name", time.Duration(i)*time.Millisecond))
	}
	require.NoError(t, h.Flush(t.Context()))
	all := strings.NewReader(strings.Join(n.take(), ""))
	count, bytes := 0, int64(0)
	for {
		text, err := readFrame(all)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		assert.LessOrEqual(t, len(text), 200)
		bytes += int64(len(text))
		count += len(strings.Split(text, "\n"))
	}
	assert.Equal(t, 100, count)
	assert.Equal(t, bytes, h.Stats().Bytes)
}

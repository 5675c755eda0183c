package testkit

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// FreePort returns a port of 127.0.0.1 on which nothing listens, neither by TCP nor by UDP, for a program
// that must be told its port. The port is below those that systems hand out by themselves (32768 and up on
// Linux, 49152 and up elsewhere), so that no listener of another test on port 0 takes it meanwhile.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 10000 + rand.IntN(22000)
		address := fmt.Sprintf("127.0.0.1:%d", port)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		u, err := net.ListenPacket("udp", address)
		_ = l.Close()
		if err == nil {
			_ = u.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// Refused returns a TCP address that refuses connections: a port that was free a moment ago might not. The
// test is skipped where a service has port 1.
func Refused(t testing.TB) string {
	t.Helper()
	const address = "127.0.0.1:1"
	if c, err := net.Dial("tcp", address); err == nil {
		_ = c.Close()
		t.Skipf("something listens on %s", address)
	}
	return address
}

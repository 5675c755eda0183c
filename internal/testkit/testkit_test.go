package testkit

import (
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRound(t *testing.T) {
	for in, want := range map[string]string{
		`{"p95":995.0861290475259}`:      `{"p95":995.086129}`,
		`{"p95":995.08612904752}`:        `{"p95":995.086129}`,
		"1.0100000000000005":             "1.01",
		"0.30000000000000004,0.5":        "0.3,0.5",
		"1.2345678901234567e-07":         "1.23456789e-07",
		"995.1 and 9007199254740993":     "995.1 and 9007199254740993", // whole numbers have all their digits
		"2026-01-02T03:04:05.123456789Z": "2026-01-02T03:04:05.123456789Z",
	} {
		assert.Equal(t, want, Round(in))
	}
}

func TestRerun(t *testing.T) {
	if os.Getenv("SLOGTEL_TESTKIT_CHILD") != "" {
		os.Exit(7)
	}
	cmd := Rerun(t, "-test.run=^TestRerun$")
	cmd.Env = append(os.Environ(), "SLOGTEL_TESTKIT_CHILD=1")
	require.Error(t, cmd.Run())
	assert.Equal(t, 7, cmd.ProcessState.ExitCode())
}

func TestPorts(t *testing.T) {
	port := FreePort(t)
	assert.Less(t, port, 32768)
	address := "127.0.0.1:" + strconv.Itoa(port)
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	defer l.Close()
	u, err := net.ListenPacket("udp", address)
	require.NoError(t, err)
	defer u.Close()
	_, err = net.Dial("tcp", Refused(t))
	assert.Error(t, err)
}

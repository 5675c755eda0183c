package statsd_test

import (
	"log/slog"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestContract(t *testing.T) {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer daemon.Close()
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		h, err := statsd.New(daemon.LocalAddr().String(), &statsd.Options{
			Dialect: statsd.DogStatsD,
			TagKeys: []string{"fork", "owner", "a", "g.b", "bad", "in.bad"},
		})
		require.NoError(t, err)
		return h
	}, nil)
}

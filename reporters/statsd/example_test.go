package statsd_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// An app that logs to several places already gets its telemetry to a StatsD daemon
// by one handler more.
func Example() {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0") // in place of a real one
	if err != nil {
		panic(err)
	}
	defer daemon.Close()

	metrics, err := statsd.New(daemon.LocalAddr().String(), &statsd.Options{
		Dialect: statsd.DogStatsD,
		Prefix:  "shop",
		TagKeys: []string{"model"},
	})
	if err != nil {
		panic(err) // a malformed address or option
	}

	// The app's own fan-out, with the new handler in it. The levels are those of its
	// other handlers: this one takes telemetry of any level, and no logs.
	logs := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level:       slog.LevelWarn,
		ReplaceAttr: withoutTime,
	})
	logger := slog.New(slogmulti.Fanout(logs, metrics))
	logger.Warn("starting", "port", 8080)

	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, logger.Handler())
	ctx := context.Background()
	tel.Count(ctx, "orders", 2, slog.String("model", "car"), slog.Int("customer", 17))
	tel.Count(ctx, "orders", 1, slog.String("model", "car"), slog.Int("customer", 18))
	tel.Timing(ctx, "checkout", 1500*time.Microsecond)
	if err := metrics.Shutdown(ctx); err != nil {
		panic(err)
	}

	packet := make([]byte, 1500)
	n, _, err := daemon.ReadFrom(packet)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", packet[:n])
	fmt.Println("sent:", metrics.Stats().Sent)
	// Output:
	// level=WARN msg=starting port=8080
	// shop.checkout:1.5|ms
	// shop.orders:3|c|#model:car
	// sent: 3
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// Sets and changes of gauges are ordinary metrics of a Telemetry; the handler is told
// which of them they are.
func ExampleOptions_sets() {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer daemon.Close()
	metrics, err := statsd.New(daemon.LocalAddr().String(), &statsd.Options{
		Sets:        []string{"*.visitors"},
		GaugeDeltas: []string{"shop.open_carts"},
	})
	if err != nil {
		panic(err)
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, metrics)
	ctx := context.Background()
	for _, id := range []string{"anna", "ben", "anna"} {
		tel.Metric(ctx, "shop.visitors", id)
		tel.Gauge(ctx, "shop.open_carts", 1)
	}
	if err := metrics.Shutdown(ctx); err != nil {
		panic(err)
	}
	packet := make([]byte, 1500)
	n, _, err := daemon.ReadFrom(packet)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", packet[:n])
	// Unordered output:
	// shop.visitors:anna|s
	// shop.visitors:ben|s
	// shop.open_carts:+3|g
}

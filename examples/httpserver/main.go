// Httpserver is a service that logs with slog, has routes, a slow dependency and a
// route that fails, and to which slogtel/httptel was added: a line for its server and a
// line for its client.
//
//	go run ./examples/httpserver                       # sends itself a few requests, and ends
//	go run ./examples/httpserver -addr localhost:8080  # serves until SIGINT or SIGTERM
//	wrk -t2 -c16 -d10s http://localhost:8080/work      # from elsewhere: load it
//
// The log and the telemetry go to standard error, for the eye; with -json FILE the
// telemetry also to a file of JSON lines, with -aggregate 10s as summaries of ten seconds
// each, and with -statsd HOST:PORT to a StatsD daemon. To one on the same machine
// -statsd-packet 8192 sends the same in about a sixth of the packets. -quiet leaves only warnings
// on standard error.
//
// To see what telemetry costs, run it with -mode on, off (the lines are there, the
// Telemetry is off) and bare (the lines are not there), and load /work, which computes
// for 50 µs. How much that is, is measured at the start and logged as rounds; to compare
// runs, give -rounds to each of them.
//
// It exits with 1 when it cannot serve or write, and with 2 for a wrong flag.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	addr      string
	mode      string
	json      string
	statsd    string
	packet    int
	aggregate time.Duration
	quiet     bool
	rounds    int
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "", "`address` to serve on; empty: a few requests of its own")
	flag.StringVar(&o.mode, "mode", "on", "`on`, off, or bare: without the library")
	flag.StringVar(&o.json, "json", "", "`file` for telemetry as JSON lines")
	flag.StringVar(&o.statsd, "statsd", "", "`address` of a StatsD daemon, such as localhost:8125")
	flag.IntVar(&o.packet, "statsd-packet", 0, "`bytes` of a packet to StatsD, at most; 0: 1432, or 8192 over a Unix socket")
	flag.DurationVar(&o.aggregate, "aggregate", 0, "`interval` of summaries in -json; 0: each event")
	flag.BoolVar(&o.quiet, "quiet", false, "only warnings on standard error")
	flag.IntVar(&o.rounds, "rounds", 0, "rounds of work in /work; 0: as many as take 50 µs")
	flag.Parse()
	if flag.NArg() > 0 || o.mode != "on" && o.mode != "off" && o.mode != "bare" {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "httpserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, errOut io.Writer) (err error) {
	obs, err := observe(o, errOut)
	if err != nil {
		return err
	}
	if o.rounds <= 0 {
		o.rounds = calibrate(50 * time.Microsecond)
	}
	stock, stopStock, err := start("127.0.0.1:0", obs.server(newDependency()), obs.log)
	if err != nil {
		return errors.Join(err, obs.close())
	}
	service := service{
		log:    obs.log,
		tel:    obs.tel,
		client: &http.Client{Transport: obs.client(&http.Transport{MaxIdleConnsPerHost: 64}), Timeout: 5 * time.Second},
		stock:  stock,
		rounds: o.rounds,
	}
	url, stopService, err := start(cmp.Or(o.addr, "127.0.0.1:0"), obs.server(service.routes()), obs.log)
	if err != nil {
		return errors.Join(err, stopStock(), obs.close())
	}
	obs.log.Info("serving", "url", url, "mode", o.mode, "rounds", o.rounds)
	if o.addr == "" {
		err = load(ctx, obs, url, out)
	} else {
		<-ctx.Done()
	}
	// The telemetry last: what is still being served has events, too.
	return errors.Join(err, stopService(), stopStock(), obs.close())
}

// start returns the URL of a server, and what ends it: that waits for the requests that are being
// served, ten seconds at most.
func start(address string, h http.Handler, logger *slog.Logger) (url string, stop func() error, err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelError)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if served := <-served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}

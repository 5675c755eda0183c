// Metrics is a small web service whose telemetry a Prometheus server can scrape.
//
//	go run ./examples/metrics        # from the folder reporters/prometheus
//	curl 'http://127.0.0.1:9464/count?text=to+be+or+not+to+be'
//	curl http://127.0.0.1:9464/metrics
//	curl -H 'Accept: application/openmetrics-text' http://127.0.0.1:9464/metrics   # with exemplars
//
// A Prometheus server finds it with
//
//	scrape_configs:
//	  - job_name: words
//	    static_configs: [{targets: ["127.0.0.1:9464"]}]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9464", "`address` to serve at")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "metrics:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, address string, stdout, stderr io.Writer) error {
	service, err := newService(stderr)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "see http://%s/count?text=to+be+or+not+to+be and http://%[1]s/metrics\n", l.Addr())
	server := &http.Server{Handler: service, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = server.Shutdown(ctx)
	if failure := <-ended; !errors.Is(failure, http.ErrServerClosed) {
		err = errors.Join(err, failure)
	}
	return err
}

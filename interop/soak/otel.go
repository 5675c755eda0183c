package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// otelVariable tells a server its name; this program is one of them, too.
const otelVariable = "SLOGTEL_SOAK_SERVER"

// serveOtel is the server otelhttp, if this process was started as that.
func serveOtel() bool {
	if os.Getenv(otelVariable) != "otelhttp" {
		return false
	}
	addr := flag.String("addr", "", "")
	rounds := flag.Int("rounds", 0, "")
	flag.Bool("quiet", false, "")
	flag.Parse()
	spans := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample()))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, compute(*rounds)) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	server := &http.Server{Addr: *addr, Handler: otelhttp.NewHandler(mux, "server", otelhttp.WithTracerProvider(spans))}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// compute is the same work as that of examples/httpserver.
func compute(rounds int) string {
	var block [1024]byte
	var sum [sha256.Size]byte
	for range rounds {
		sum = sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return hex.EncodeToString(sum[:])
}

// Otel is a program that is traced with OpenTelemetry and measures itself with
// slogtel: its events are log records of the OpenTelemetry pipeline, and its scopes
// are in the trace of the OpenTelemetry span around them.
//
//	cd examples/otel && go run .
//	cd examples/otel && go run . -endpoint http://127.0.0.1:4318
//
// Without an endpoint the log records are printed on standard output, as the SDK's
// own exporter prints them; with one they go to a Collector over OTLP/HTTP. It exits
// with 1 when they could not all be exported.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

func main() {
	endpoint := flag.String("endpoint", "", "`URL` of a Collector that takes OTLP/HTTP; empty: print")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "otel: unknown argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*endpoint); err != nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func run(endpoint string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	exporter, err := newExporter(ctx, endpoint)
	if err != nil {
		return err
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
	defer func() { err = errors.Join(err, provider.Shutdown(ctx)) }()

	tel := slogtel.New(&slogtel.Options{
		Mode:        slogtel.On,
		TraceIDs:    true,
		TraceParent: oteltel.TraceParent, // scopes join the trace of the span around them
	}, oteltel.NewLogs(provider))
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }() // before the provider's

	// What the service has already: a span for each request.
	spans := sdktrace.NewTracerProvider()
	ctx, request := spans.Tracer("otel").Start(ctx, "GET /orders/{id}")
	defer request.End()

	// What slogtel adds inside.
	ctx, order := tel.Start(ctx, "order", slog.Int("id", 42))
	defer order.End()
	_ = tel.Time(ctx, "load", func(ctx context.Context) error {
		tel.Count(ctx, "rows", 3)
		return nil
	})
	_ = tel.Time(ctx, "notify", func(context.Context) error { return errors.New("no address") })
	return nil
}

func newExporter(ctx context.Context, endpoint string) (sdklog.Exporter, error) {
	if endpoint == "" {
		return stdoutlog.New()
	}
	return otlploghttp.New(ctx, otlploghttp.WithEndpointURL(endpoint+"/v1/logs"))
}

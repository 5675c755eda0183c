// Otel is a program that has OpenTelemetry and slogtel: scopes are spans, metrics are metrics, events
// are log records, and all of it is in one trace with the spans that OpenTelemetry makes itself.
//
//	cd examples/otel && go run .
//	cd examples/otel && OTEL_SERVICE_NAME=orders OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 go run .
//
// Without an endpoint everything is printed on standard output, as the SDK's own exporters print
// it; with one it goes to a Collector over OTLP/HTTP. It exits with 1 when not all was exported. A
// program that is set up by the environment needs none of this: see slogtel/oteltel/autoexport.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	e, err := newExporters(ctx)
	if err != nil {
		return err
	}
	// OpenTelemetry as a service has it. The batch counts what the SDK's own drops without a word.
	batch := oteltel.NewBatch(e.spans)
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(batch))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e.metrics)))
	logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(e.logs)))
	defer func() { err = errors.Join(err, tracers.Shutdown(ctx), meters.Shutdown(ctx), logs.Shutdown(ctx)) }()

	// slogtel on top of it: scopes go the way of spans, metrics that of metrics.
	tel := slogtel.New(&slogtel.Options{
		Mode:        slogtel.On,
		TraceIDs:    true,
		TraceParent: oteltel.TraceParent, // a scope is a child of the span around it
		WithContext: oteltel.WithContext, // and a span of the scope around it
	}, oteltel.NewSpans(batch, nil), oteltel.NewMetrics(meters, nil), oteltel.NewLogs(logs))
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }() // before the providers

	// A span, a scope in it, and in that a span of an instrumentation such as otelhttp.
	ctx, request := tracers.Tracer("otel").Start(ctx, "GET /orders/{id}")
	defer request.End()
	ctx, order := tel.Start(ctx, "order", slog.Int("id", 42))
	defer order.End()
	_ = tel.Time(ctx, "load", func(ctx context.Context) error {
		_, query := tracers.Tracer("otel").Start(ctx, "SELECT orders")
		defer query.End()
		tel.Count(ctx, "rows", 3)
		return nil
	})
	_ = tel.Time(ctx, "notify", func(context.Context) error { return errors.New("no address") })
	return nil
}

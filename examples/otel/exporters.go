package main

import (
	"context"
	"errors"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// exporters are where the three signals go.
type exporters struct {
	spans   sdktrace.SpanExporter
	metrics sdkmetric.Exporter
	logs    sdklog.Exporter
}

// newExporters returns those of OTLP/HTTP, which read the environment, or without an endpoint
// those that print.
func newExporters(ctx context.Context) (e exporters, err error) {
	var err1, err2, err3 error
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		e.spans, err1 = stdouttrace.New()
		e.metrics, err2 = stdoutmetric.New()
		e.logs, err3 = stdoutlog.New()
	} else {
		e.spans, err1 = otlptracehttp.New(ctx)
		e.metrics, err2 = otlpmetrichttp.New(ctx)
		e.logs, err3 = otlploghttp.New(ctx)
	}
	return e, errors.Join(err1, err2, err3)
}

package autoexport

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	protocolHTTP = "http/protobuf"
	protocolGRPC = "grpc"
)

// bad is the error for a variable.
func bad(name, value, allowed string) error {
	return fmt.Errorf("environment variable %s=%.128q is not used: allowed is %s", name, value, allowed)
}

// wanted reports whether a signal is to be exported, and checks its variables.
func wanted(signal string, on bool) (bool, error) {
	switch name := "OTEL_" + signal + "_EXPORTER"; os.Getenv(name) {
	case "", "otlp":
	case "none":
		return false, nil
	default:
		return false, bad(name, os.Getenv(name), "otlp or none")
	}
	if !on {
		return false, nil
	}
	if name, value := variable(signal, "PROTOCOL"); value != "" && value != protocolHTTP && value != protocolGRPC {
		return false, bad(name, value, protocolHTTP+" or "+protocolGRPC)
	}
	if name, value := variable(signal, "ENDPOINT"); value != "" {
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return false, bad(name, value, "a URL such as http://127.0.0.1:4318")
		}
	}
	return true, nil
}

// variable returns the value of OTEL_EXPORTER_OTLP_TRACES_X or else OTEL_EXPORTER_OTLP_X.
func variable(signal, what string) (name, value string) {
	name = "OTEL_EXPORTER_OTLP_" + signal + "_" + what
	if value = os.Getenv(name); value == "" {
		name = "OTEL_EXPORTER_OTLP_" + what
		value = os.Getenv(name)
	}
	return name, value
}

// localURL is where a Collector listens that was started as it is, by OpenTelemetry's
// specification, for a signal whose endpoint is not set, and "" for one whose is. The exporters of
// Go would expect TLS there.
func localURL(signal, port, path string) string {
	if _, endpoint := variable(signal, "ENDPOINT"); endpoint != "" {
		return ""
	}
	for _, what := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE"} {
		if _, file := variable(signal, what); file != "" {
			return "https://localhost:" + port + path
		}
	}
	return "http://localhost:" + port + path
}

func newSpanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	if _, protocol := variable("TRACES", "PROTOCOL"); protocol == protocolGRPC {
		return open(ctx, localURL("TRACES", "4317", ""), otlptracegrpc.New, otlptracegrpc.WithEndpointURL)
	}
	return open(ctx, localURL("TRACES", "4318", "/v1/traces"), otlptracehttp.New, otlptracehttp.WithEndpointURL)
}

func newMetricExporter(ctx context.Context) (sdkmetric.Exporter, error) {
	if _, protocol := variable("METRICS", "PROTOCOL"); protocol == protocolGRPC {
		return open(ctx, localURL("METRICS", "4317", ""), otlpmetricgrpc.New, otlpmetricgrpc.WithEndpointURL)
	}
	return open(ctx, localURL("METRICS", "4318", "/v1/metrics"), otlpmetrichttp.New, otlpmetrichttp.WithEndpointURL)
}

// open makes an exporter: for url, or for what the environment says where that is "".
func open[E, Option any](ctx context.Context, url string, create func(context.Context, ...Option) (E, error), at func(string) Option) (E, error) {
	if url == "" {
		return create(ctx)
	}
	return create(ctx, at(url))
}

// ExportStats counts exports of metrics: each is of all metrics. With cumulative temporality the
// next one makes up for one that has failed, with delta its numbers are lost.
type ExportStats struct {
	Exported int64
	Failed   int64
}

// countingExporter counts them. A panic is an error.
type countingExporter struct {
	sdkmetric.Exporter
	exported, failed atomic.Int64
}

func (c *countingExporter) Export(ctx context.Context, m *metricdata.ResourceMetrics) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("autoexport: the exporter panicked: %v", v)
		}
		if err != nil {
			c.failed.Add(1)
		} else {
			c.exported.Add(1)
		}
	}()
	return c.Exporter.Export(ctx, m)
}

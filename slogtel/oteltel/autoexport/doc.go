// Package autoexport lets those who run a program send its telemetry to an OpenTelemetry
// Collector, or to whatever takes OTLP, by environment variables alone. An app imports it for
// that:
//
//	import _ "github.com/slogtel/telemetry/slogtel/oteltel/autoexport"
//
// and sets itself up with package reporters/fromenv. Then
//
//	SLOGTEL_REPORTERS=otlp OTEL_SERVICE_NAME=shop ./shop
//
// exports scopes as spans and metrics as metrics to http://localhost:4318. SLOGTEL_REPORTERS
// may have other reporters beside it. The name takes a value: otlp=traces and otlp=metrics
// export only the one.
//
// It is a Go module of its own, as the exporters bring gRPC and protobuf along: some 11 MB of a
// program.
//
// # The variables
//
// They are those of OpenTelemetry
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/), read by
// the exporters of OpenTelemetry for Go. Each OTEL_EXPORTER_OTLP_… may be one for traces or
// metrics only, as in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.
//
//	OTEL_SERVICE_NAME                      service.name of the resource, else SLOGTEL_SERVICE
//	OTEL_RESOURCE_ATTRIBUTES               more of it: deployment.environment.name=prod,…
//	OTEL_EXPORTER_OTLP_ENDPOINT            a URL; else http://localhost:4318, of gRPC port 4317
//	OTEL_EXPORTER_OTLP_PROTOCOL            http/protobuf, the default, or grpc
//	OTEL_EXPORTER_OTLP_HEADERS             key=value,…
//	OTEL_EXPORTER_OTLP_COMPRESSION         gzip
//	OTEL_EXPORTER_OTLP_TIMEOUT             milliseconds, 10000
//	OTEL_EXPORTER_OTLP_CERTIFICATE         a file: whom to trust
//	OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE  a file, with …_CLIENT_KEY
//	OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE        cumulative, delta or lowmemory
//	OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION explicit_bucket_histogram or
//	                                                         base2_exponential_bucket_histogram
//	OTEL_BSP_SCHEDULE_DELAY, …_MAX_QUEUE_SIZE, …_MAX_EXPORT_BATCH_SIZE, …_EXPORT_TIMEOUT
//	                                       how spans are batched
//	OTEL_METRIC_EXPORT_INTERVAL, …_TIMEOUT milliseconds, 60000
//	OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER              otlp, the default, or none
//	OTEL_SDK_DISABLED                      true: nothing is exported
//
// An invalid protocol, endpoint or exporter is an error that says what is allowed. Invalid
// values of the other variables are logged by the exporters.
//
// # What an app gets besides
//
// A program that is not set up by the environment calls [New], which reads the same variables.
// [Handler.TracerProvider] and [Handler.MeterProvider] are for what the app has of OpenTelemetry
// itself: its spans and metrics go the same way, and are in one trace with the scopes.
//
// # Losses, concurrency, shutdown
//
// An exporter that hangs, or whose server is down, never makes the app wait: spans wait in a
// bounded queue, and what finds it full is dropped and counted. [Handler.Stats] has the counts.
// All methods are safe for concurrent use. Shutdown exports what is waiting, within its context
// or, where that has no deadline, within ten seconds. What is recorded afterwards is not
// exported.
package autoexport

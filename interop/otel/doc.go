// Package otel holds the tests of slogtel/oteltel against real parts: OTLP over HTTP and gRPC, the
// instrumentations of OpenTelemetry's contrib repository, and, where they are asked for as they take
// minutes to build, the OpenTelemetry Collector and Jaeger.
package otel

package oteltel_test

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// The names that code outside of this repository is compiled against.
var (
	_ func(log.LoggerProvider, ...otelslog.Option) *oteltel.Logs                       = oteltel.NewLogs
	_ func(sdktrace.SpanProcessor, *oteltel.SpanOptions) *oteltel.Spans                = oteltel.NewSpans
	_ func(metric.MeterProvider, *oteltel.MetricOptions) *oteltel.Metrics              = oteltel.NewMetrics
	_ func(sdktrace.SpanExporter, ...sdktrace.BatchSpanProcessorOption) *oteltel.Batch = oteltel.NewBatch
	_ func(context.Context) (traceID, spanID string)                                   = oteltel.TraceParent
	_ func(context.Context, scope.Info) context.Context                                = oteltel.WithContext

	_, _, _ reporter = (*oteltel.Logs)(nil), (*oteltel.Spans)(nil), (*oteltel.Metrics)(nil)
	_                = (*oteltel.Spans).Stats
	_                = (*oteltel.Metrics).Stats
	_                = (*oteltel.Batch).Stats
)

type reporter interface {
	slog.Handler
	Flush(context.Context) error
	Shutdown(context.Context) error
}

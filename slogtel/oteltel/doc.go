// Package oteltel joins package slogtel to OpenTelemetry for Go: events become log
// records of an OpenTelemetry pipeline, and scopes take their place in its traces.
// It is a module of its own, so that only those who use OpenTelemetry depend on it.
//
//	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
//	defer provider.Shutdown(ctx)
//	tel := slogtel.New(&slogtel.Options{
//		TraceIDs:    true,
//		TraceParent: oteltel.TraceParent,
//	}, oteltel.NewHandler(provider))
//
// # Events
//
// [NewHandler] is the official bridge go.opentelemetry.io/contrib/bridges/otelslog,
// which any slog handler can be beside, with what a reporter needs besides: it
// passes on Flush, and gives log records the trace and span of their scope. The body
// is the message, telemetry.timing or telemetry.metric; the attributes are those of
// the record, with their kinds: strings, integers, doubles, groups as maps.
//
// # Traces
//
// With [TraceParent] a scope that is opened inside of an OpenTelemetry span carries
// on its trace: trace_id is that of the span, parent_span_id its id. The other way
// round there is no link: an OpenTelemetry span opened inside a scope does not know
// of it, and has for a parent the OpenTelemetry span around both.
package oteltel

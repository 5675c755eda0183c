// Package oteltel joins package slogtel to OpenTelemetry for Go: events become log
// records of an OpenTelemetry pipeline, and scopes and spans are in one trace.
// It is a module of its own, so that only those who use OpenTelemetry depend on it.
//
//	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
//	defer provider.Shutdown(ctx)
//	tel := slogtel.New(&slogtel.Options{
//		TraceIDs:    true,
//		TraceParent: oteltel.TraceParent,
//		WithContext: oteltel.WithContext,
//	}, oteltel.NewLogs(provider))
//
// # Events
//
// [NewLogs] is the official bridge go.opentelemetry.io/contrib/bridges/otelslog, with what
// a reporter needs besides: it passes on Flush, and gives log records the trace and the span
// of their scope. The body is the message, telemetry.timing or telemetry.metric. The
// attributes are those of the record, with their kinds: strings, integers, doubles, groups
// as maps. Durations are in seconds. The unit of an instrument is the attribute unit; its
// help text is not on the record, and has no place in a log record. The severity is the
// level of the record, as the bridge maps it.
//
// # Traces
//
// With [TraceParent] a scope that is opened inside of an OpenTelemetry span carries
// on its trace: trace_id is that of the span, parent_span_id its id. With [WithContext] it is
// so the other way round: a span that is started inside a scope has the scope for its parent.
// Ids are those of W3C Trace Context, https://www.w3.org/TR/trace-context/. Scopes themselves
// are not exported as spans: a backend that gets only the spans shows those inside a scope
// below a parent that it does not know.
//
// # Errors, concurrency, shutdown
//
// Everything is safe for concurrent use, as far as the provider is. Handle returns the
// bridge's error. A value whose method panics goes out as a text that says so. Flush and
// Shutdown return the exporter's error. Shutdown flushes and leaves the provider open, as
// others may be using it: whoever made it shuts it down. After the provider was shut down
// nothing is emitted, and Flush returns nil.
package oteltel

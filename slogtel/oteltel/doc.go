// Package oteltel joins package slogtel to OpenTelemetry for Go, in both directions: scopes become
// spans, metrics become metrics and events become log records, and the spans that OpenTelemetry's
// own instrumentations make inside a scope, or around it, are in one trace with it. It is a module
// of its own, so that only those who use OpenTelemetry depend on it.
//
//	batch := oteltel.NewBatch(exporter)
//	defer batch.Shutdown(ctx)
//	tel := slogtel.New(&slogtel.Options{
//		TraceIDs:    true,
//		TraceParent: oteltel.TraceParent,
//		WithContext: oteltel.WithContext,
//	}, oteltel.NewSpans(batch, nil), oteltel.NewMetrics(meterProvider, nil))
//
// Package autoexport below it does all that by the variables of the environment.
//
// # Spans
//
// [NewSpans] hands each scope that has ended to a SpanProcessor of the SDK: a [Batch], the SDK's
// own, or one that a TracerProvider has, too. The span has the scope's own trace, span and parent
// ids, and its times to the nanosecond. [NewSpans] says what its name, kind, status, attributes and
// links are. With [SpanOptions].Logs the app's logs are events of the spans they are in.
//
// # Traces, both ways
//
// With [TraceParent] a scope that is opened inside a span of OpenTelemetry is a child of it. With
// [WithContext] a span that is started inside a scope is a child of the scope, and
// trace.SpanFromContext returns the scope's span, for code that adds attributes or events to the
// active one. An instrumentation, as otelhttp or otelgrpc, needs nothing else. Where one and ours
// do the same, as otelhttp.NewHandler and httptel.NewMiddleware, use one of them.
//
// Ids are those of W3C Trace Context, https://www.w3.org/TR/trace-context/. A trace that
// OpenTelemetry or a caller in another process has begun is sampled as they say. One that a scope
// begins is always sampled.
//
// # Metrics
//
// [NewMetrics] records counters, gauges, histograms and the durations of scopes with instruments of
// a MeterProvider. Only the attributes that are listed in [MetricOptions] leave the app.
//
// # Log records
//
// [NewLogs] is the official bridge go.opentelemetry.io/contrib/bridges/otelslog, with what a
// reporter needs besides: it passes on Flush, and gives log records the trace and the span of
// their scope. The body is the message, telemetry.timing or telemetry.metric. The attributes are
// those of the record, with their kinds: strings, integers, doubles, groups as maps. Durations are
// in seconds. The unit of an instrument is the attribute unit; its help text is not on the record,
// and has no place in a log record. The severity is the level of the record, as the bridge maps it.
//
// # Errors, losses, concurrency, shutdown
//
// Everything is safe for concurrent use, as far as the provider or the processor is. What is lost
// is counted: [Spans.Stats], [Metrics.Stats], [Batch.Stats]. Handle of Logs returns the bridge's
// error, that of the others none. A value whose method panics goes out as a text that says so.
// Text that is not valid UTF-8 is mended, for an exporter would refuse the whole batch.
//
// A nil context counts as the empty one. Flush and Shutdown return the exporter's error. Shutdown flushes and leaves processors and
// providers open, as others may be using them: whoever made one shuts it down. What is
// recorded after that is not exported.
package oteltel

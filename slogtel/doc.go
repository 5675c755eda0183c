// Package slogtel records what a program does, as log/slog records.
//
// An app opens scopes around its work and records metrics inside them:
//
//	tel := slogtel.New(nil, console.New(os.Stderr, nil))
//	defer tel.Shutdown(context.Background())
//
//	ctx, span := tel.Start(ctx, "pipeline")
//	defer span.End()
//	err := tel.Time(ctx, "plan", func(ctx context.Context) error { // scope pipeline.plan
//		tel.Count(ctx, "tokens", 1234, slog.String("model", "m")) // counter pipeline.plan.tokens
//		return plan(ctx)
//	})
//
// Every event becomes one [slog.Record]. A reporter is a [slog.Handler]: any handler can be
// given to [New], and those of the packages below reporters fit into any app's logging. A nil
// *[Telemetry] and a nil *[Span] are off, so a struct field that was never set, or a span
// that was never started, needs no check.
//
// # On and off
//
// With [Options].Mode at its zero value the environment decides, once, when New is called.
// The first of SLOGTEL_TELEMETRY, GEMINI_BATCH_TELEMETRY and DEBUG that is set counts; DEBUG
// can only turn telemetry on. 1, true, on and yes mean on; 0, false, off and no mean off.
// Anything else counts as not set and is reported to OnError. When telemetry is off, New
// returns what [Disabled] returns. Its methods allocate nothing, return the context as it was
// given, and cost about as much as the calls to them.
//
// # Scopes
//
// The context carries the current scope, and nothing else does. A scope opened with a context
// is a child of that context's scope, on whatever goroutine. Its path, parent and depth are
// computed when it is first seen, so what a scope costs does not grow with its depth. A
// Telemetry remembers 8192 paths, or 1 MiB of names. A program with more has put ids into its
// names, which is reported once, see [ErrTooManyScopes]. A path has at most 2048 bytes, see
// [ErrPathTooLong].
//
// # The record
//
// The message is "telemetry.timing", "telemetry.metric" or "telemetry.summary". The time is
// when the event ended. The PC is 0. The level is Options.Level, and Options.FailLevel where
// there is an error. Attributes are flat and come in this order:
//
//	key                kind    on      meaning
//	scope              string  both    full dotted path; of a metric: current scope, dot, name
//	depth              int     both    number of enclosing scopes
//	parent_scope       string  both    path of the enclosing scope, "" at the root
//	metric_type        string  both    timing, counter, gauge, histogram; absent for Metric
//	call_count         int     timing  number of this event among those of its scope, from 1; 0: not counted
//	duration_s         float   timing  seconds, from the monotonic clock, never negative
//	start_monotonic_s  float   timing  seconds since the process started; negative for a
//	                                   Timing measured elsewhere that began before
//	end_monotonic_s    float   timing
//	start_wall_time_s  float   timing  Unix seconds
//	end_wall_time_s    float   timing  start + duration
//	value              any     metric  int of Count, float of CountFloat, Gauge and Histogram
//	unit               string  metric  of an instrument that has one
//	trace_id           string  both    with Options.TraceIDs: 32 hex digits
//	span_id            string  both    16 hex digits; of a metric: the scope it was recorded in
//	parent_span_id     string  timing  absent at the root
//	error              string  timing  absent when all went well
//	canceled           bool    timing  true, in place of error: others canceled its context
//	raw_preview        group   timing  see package preview
//	                                   then the caller's own, in the order given
//	sample_rate        float   both    added by sampling: the share of such events that is kept
//	in_summary         bool    both    true: added where a summary has counted the event
//
// The kind of metric_type is [slog.KindLogValuer] until a handler resolves it.
//
// One key has one kind, always, so that an index that maps a field once never meets another.
// A caller's attribute goes out as user_ + key if its key is one of these, one of a
// [Summary], or time, level, msg or source. Of a key given twice, outside of groups, the last
// value wins, in the place of the first. LogValuers are resolved.
//
// NaN and infinities, which JSON cannot write, are rejected, and so is a value whose method
// panics. A metric with such a value is not sent; an attribute with such a value is left
// out. Both are reported as an [*EventError].
//
// [DecodeTiming], [DecodeMetric] and [DecodeSummary] turn a record back into an event.
//
// # Summaries
//
// An aggregating reporter, such as that of package reporters/aggregate, sends one record for
// the many events of a series, with the message "telemetry.summary". [Summary] has its keys.
// An event that it has counted and sends all the same, a failed one for instance, has the
// attribute in_summary, true. Those who add up events and summaries leave these events out.
//
// # Traces across processes
//
// With Options.TraceIDs the scopes of a request have one trace_id, in all processes that carry it on.
// Packages httptel and grpctel, below this one, do so for HTTP and gRPC. For all else that has
// headers, such as the messages of a queue or the rows of a table of jobs, there are [Inject] and
// [Extract], and [Links] for a scope that has to do with several traces.
//
// # Concurrency and failure
//
// Everything here is safe for concurrent use. Reporters are called on the goroutine of the
// event, with its context, and under no lock of this package. An error or a panic of a
// reporter goes to Options.OnError and is counted by [Telemetry.Stats]; it reaches neither
// the app nor another reporter. A reporter that blocks, blocks the call that reached it: put
// a queue (package handlers/async) in front of one that may.
//
// After [Telemetry.Shutdown] every call is a no-op.
package slogtel

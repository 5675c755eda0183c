// Package slogtel records what a program does, as log/slog records.
//
// An app opens scopes around its work and records metrics inside them:
//
//	tel := slogtel.New(nil, reporters.NewConsole(os.Stderr, nil))
//	defer tel.Shutdown(context.Background())
//
//	ctx, span := tel.Start(ctx, "pipeline")
//	defer span.End()
//	err := tel.Time(ctx, "plan", func(ctx context.Context) error { // scope pipeline.plan
//		tel.Count(ctx, "tokens", 1234, slog.String("model", "m")) // counter pipeline.plan.tokens
//		return plan(ctx)
//	})
//
// Every event becomes one [slog.Record], and a reporter is a [slog.Handler]: any
// handler there is can be given to [New], and those of package reporters fit into
// any app's logging. A nil *[Telemetry] and a nil *[Span] are off, so a struct
// field that was never set, or a span that was never started, needs no check.
//
// # On and off
//
// With [Options].Mode at its zero value the environment decides, once, when New is
// called: the first of SLOGTEL_TELEMETRY, GEMINI_BATCH_TELEMETRY and DEBUG that is set, of
// which the last can only turn telemetry on. 1, true, on and yes are on; 0, false, off and
// no are off; anything else counts as not set and is reported to OnError. When it is off, New returns the one that [Disabled] returns: its
// methods allocate nothing, return the context as it was given, and cost about as
// much as the calls to them.
//
// # Scopes
//
// The current scope is carried by the context, and only by it. A scope opened with
// a context is a child of that context's scope, on whatever goroutine. Its path,
// parent and depth are computed when it is first seen: what a scope costs does not
// grow with its depth. A Telemetry remembers 8192 paths (or 1 MiB of names); more
// means that names carry ids, which is reported once, see [ErrTooManyScopes]. A path
// has at most 2048 bytes, see [ErrPathTooLong].
//
// # The record
//
// The message is "telemetry.timing", "telemetry.metric" or "telemetry.summary"; the
// time is when the event ended; the PC is 0. Attributes come flat and in this order:
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
//	sample_rate        float   both    the share of such events that was kept, where sampling dropped the rest
//	                                   then the caller's own, in the order given
//
// The kind of metric_type is [slog.KindLogValuer] until a handler resolves it. One
// key has one kind, always, so that an index that maps a field once never meets
// another. A caller's attribute with one of these keys, with one of a [Summary], or with
// time, level, msg or source, goes out as user_ + key. The level is Options.Level, and
// Options.FailLevel where there is an error. Of a key given twice, outside of groups, the last
// value wins, in the place of the first. LogValuers are resolved. NaN and infinities,
// which JSON cannot write, are rejected, as is what panics: a metric whose value is
// such is not sent, an attribute that is such is left out, and both are reported as
// an [*EventError].
//
// [DecodeTiming] and [DecodeMetric] turn a record back into an event.
//
// # Summaries
//
// An aggregating reporter, such as reporters.NewAggregate, sends one record for the
// many events of a series, with the message "telemetry.summary": [Summary] has its
// keys, and [DecodeSummary] reads it. What it still sends of the events that it has
// counted, the failed ones for instance, bears the attribute in_summary, true, which
// no other event has: those who add up events and summaries leave these events out.
//
// # Concurrency and failure
//
// Everything here is safe for concurrent use. Reporters are called on the goroutine
// of the event, with its context, and under no lock of ours. What fails or panics
// in a reporter goes to Options.OnError and is counted by [Telemetry.Stats]; it
// reaches neither the app nor another reporter. A reporter that blocks, blocks the
// call that reached it: put a queue in front of one that may.
//
// After [Telemetry.Shutdown] every call is a no-op.
package slogtel

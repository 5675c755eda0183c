// Package sample keeps a share of what happens inside scopes: of the timings, and of the
// app's own logs.
//
//	sampler := sample.New(&sample.Options{Rules: []sample.Rule{
//		{Scope: "api.health", Rate: -1}, // none
//		{Scope: "api*", Rate: 0.1},
//	}})
//	logger := slog.New(sampler.Middleware(next))
//
// # What is never dropped
//
//   - records without a scope, neither as an attribute nor from their context
//   - metrics, unless [Options].Metrics says otherwise, and summaries
//   - records at or above [Options].KeepLevel
//   - records with an error attribute that is neither nil nor empty
//   - records that [Options].Keep names
//
// They are passed on as they are, without an allocation, and so is everything at rate 1.
//
// # Traces
//
// The decision for a record with a trace_id, of its own or of its context, depends on that
// id alone. A trace is kept or dropped as a whole, through all scopes, handlers and
// processes with the same rate, and what a rate keeps is kept by any higher one, too. Only
// the errors of a dropped trace are kept. Of a W3C trace id the last 56 bits are compared
// with the rate, in the manner of OpenTelemetry's consistent probability sampling
// (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/). They
// must be random, as Telemetry's ids are. Other ids are hashed. A record without a trace id
// is decided on by itself, at random.
//
// # Scaling back
//
// A record that was kept by chance gets the attribute sample_rate, at the root level also
// when the logger has open groups. Such a record counts as 1/sample_rate records, and one
// without the attribute as one. Sums of these counts are right on average, also where
// failures are kept at another rate than successes, because each record was kept with just
// the probability that it states. How far off a sum is depends on the number of independent
// decisions, which with trace ids is the number of traces.
//
// A record that has a sample_rate already went through another sampler above this one or in
// another process. The two rates are multiplied and the attribute is replaced. With a trace
// id the first decision must have been made in the same way, by this package; without one,
// it must have been independent.
//
// # Concurrency
//
// A [Sampler] and its handlers are safe for concurrent use. The optional methods of the next
// handler (Flush, Shutdown, ScopeStarted, RetainsRecords) are passed on: it is told of all
// scopes that start, also of those whose end is dropped.
package sample

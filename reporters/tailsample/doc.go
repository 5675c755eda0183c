// Package tailsample keeps whole traces: those that failed, those that were slow, those that
// were asked for, and a share of the rest. It decides when a root scope ends, when it is known
// how it went.
//
//	tail := tailsample.New(jsonlines.New(os.Stdout, nil), &tailsample.Options{Rate: 0.05, SlowerThan: time.Second})
//	tel := slogtel.New(&slogtel.Options{TraceIDs: true}, tail)
//	slog.SetDefault(slog.New(handlers.Scope()(tail))) // with Options.Logs: logs are kept or dropped with their trace
//
// The records of a root scope and of all inside it wait in memory until the root ends. Then
// they go to the next handler, in their order, or are dropped together. Package sample
// decides at once, and keeps of a dropped trace only the errors.
//
// # What is kept
//
//   - a trace in which a scope failed, or with a record at or above [Options].KeepLevel
//   - one whose root took longer than [Options].SlowerThan, or longer than the quantile
//     [Options].Slowest of the roots of its path so far
//   - one that was asked for: its root has the attribute keep_trace, true, or [Options].Keep says so
//   - the share [Options].Rate of the others, or that which [Options].Rules have for its path
//
// To keep a trace from within, because of a header for example:
//
//	slogtel.Root(ctx).SetAttrs(slog.Bool(tailsample.KeyKeep, true))
//
// Chance depends on the trace id alone, as in package sample, so all processes with the same rate
// keep the same traces. That a trace failed, or was slow, is known only in the process where it
// happened. Errors usually reach the callers as well.
//
// # Counts stay right
//
// What is kept by chance has the attribute sample_rate, and stands for 1/sample_rate records.
// What is kept for a reason would have been kept in any case, and stands for itself. Sums that weigh
// the records by that are right on average.
//
// With [Options].Rest they are exact: what is dropped goes there, to package aggregate for
// example, whose summaries count it. Then nothing has a sample_rate.
//
// # What passes as it is
//
// Ordinary records, unless Options.Logs is set, summaries, and events outside of any root
// scope.
//
// What comes after its root has ended is kept or dropped as the trace was, and so are other roots
// that a caller's trace has in this process later: what was kept for a reason is remembered by its
// trace id, of 50,000 traces at most, and for the rest the id says the same again. Without trace ids
// a trace is remembered while scopes in it are open, for MaxAge at most.
//
// # Beside the Collector's tail sampling
//
// OpenTelemetry has it as a processor of the Collector
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/tailsamplingprocessor):
// apps send it all spans, all spans of a trace must come to the same Collector, and it decides a
// fixed time (decision_wait, 30 s) after the first one. It sees all processes of a trace. This
// package sees one, but nothing leaves the process that is not kept, the decision comes with the
// end of the root, and what is kept says how much it stands for. Given the same traces, both keep
// the same ones; docs/opentelemetry.md tells what each loses and costs.
//
// # Limits
//
// A trace is decided on early in these cases, by what is known then: its records, and how long its
// root runs, which attributes it has, and whether it has failed.
//
//   - its root runs longer than [Options].MaxAge
//   - it has [Options].MaxRecords records
//   - more than [Options].MaxWaiting records of all traces wait, and it is among the oldest, which
//     make room for a quarter of that; a record takes about 1 KiB with ten attributes
//   - it is the oldest, and more than 50,000 roots are open
//   - its root ended ten seconds ago, and a handler in front has dropped its event
//
// What follows obeys that decision, but a scope that fails later is never dropped. Stats count
// each of these.
//
// Records that wait are resolved and copied, as in package async, and handed on with their
// context, but without its end. The next handler is called by the goroutine that ends the root,
// or by a timer. If it fails or panics on one record, the others of the trace are still handed
// on.
package tailsample

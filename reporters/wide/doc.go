// Package wide makes one record of each root scope: a request, a job, a batch, with all that
// happened inside rolled up. It is the canonical log line, without structs made by hand.
//
//	tel := slogtel.New(nil, wide.New(jsonlines.New(os.Stdout, nil), nil))
//
//	ctx, span := tel.Start(ctx, "request")
//	defer span.End()
//	slogtel.Root(ctx).SetAttrs(slog.String("customer", id)) // wherever in the request it is known
//
// # The record
//
// It is the timing event of the root scope, which readers of events know, with the
// attributes of the root and one more, the group inside. Names are relative to the root
// scope, those of instruments are not.
//
//	inside.scopes.NAME      count, duration_s (their sum), max_s, errors (absent when 0)
//	inside.counters.NAME    the sum
//	inside.gauges.NAME      the last value
//	inside.histograms.NAME  count, sum, min, max
//	inside.first_error      scope and error of the first inner scope that failed
//	inside.open_scopes      inner scopes whose end has not come; absent when there are none
//	inside.cut_events       events of names beyond the limits, see [Options]; absent when 0
//
// Scopes that run at the same time each count with their whole time, so the sum can be
// more than the duration of the root. Counts of sampled events are scaled up, relative to
// the sample rate of the root: counts, sums and seconds are right on average.
//
// An attribute of the root whose key is inside becomes user_inside.
//
// # What passes as it is
//
// Ordinary log records, summaries, plain metrics, events outside of any root scope, events
// whose context was lost on the way, and what ends after its root has ended: a late child is
// counted in open_scopes, and its own event passes when it ends. So does what happens in a root
// of another Telemetry, and in one that began while events were not enabled.
//
// # Which scope is a root
//
// The outermost one of its Telemetry in the context. A scope that is open as long as the
// program is no frame for wide records: open those of a request or a job with a context that
// is not in it, as servers of net/http do.
//
// # What it takes
//
// An open root takes about 1 KiB, and 200 bytes more for each name. Beyond
// [Options].MaxOpen the one that was opened first is given up: what is known of it goes out
// as an ordinary record, "telemetry: scope still open", and so does what is open at
// Shutdown. Nothing is lost without a record or a count in [Stats].
//
// A sampler or filter in front of the [Handler] can drop the event of a root scope that has
// ended. It is given up ten seconds later, as others open: what came of it, if anything did, goes
// out as "telemetry: scope ended without its event". Inner scopes that were dropped count as open. Put
// samplers behind, where they see one record a root, but package tailsample in front: behind it
// would not see what failed inside.
//
// The next handler is told of root scopes that start, and of no others. What is to see inner
// scopes as well, such as package statsd, belongs beside the [Handler] in slogtel.New, not
// behind it.
package wide

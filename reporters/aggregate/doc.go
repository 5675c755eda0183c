// Package aggregate rolls telemetry up before it reaches a destination: in place of every
// timing, counter, gauge and histogram event, the next handler gets one summary of each
// series in an interval.
//
//	agg := aggregate.New(jsonlines.New(file, nil), nil)
//	tel := slogtel.New(nil, agg)
//	defer tel.Shutdown(context.Background()) // sends the last interval
//
// # Series
//
// A series is a scope or a metric (path, parent and type), with the values that its events
// have of [Options].Keys. Handlers derived by WithAttrs and WithGroup have series of their
// own, and their summaries have the attributes and groups that were given there.
//
// [slogtel.Summary] says what a summary holds. Its quantiles are within 1 % of the value at
// their rank. Its level is the highest of its events, and its time the end of the interval.
// [Merge] merges summaries of several processes or intervals.
//
// # What passes as it is
//
// These records go to the next handler at once, on the goroutine of the caller:
//
//   - ordinary records, and metrics without a type;
//   - summaries, and events that a summary counts already;
//   - values that are not finite, and events whose sample rate is not possible;
//   - timings that failed or were slow, see [Options].SlowerThan.
//
// Failed and slow timings are in the summary as well, so they pass with in_summary set to
// true: a reader that adds up events and summaries, such as package memory, leaves them out.
// See [slogtel.Timing].InSummary.
//
// # Sampled events
//
// Sampled events are scaled up: one with a sample rate of 0.1 counts as ten. Where 1/rate is
// not a whole number, the count and the errors of a summary are rounded. Its sum, mean and
// quantiles are not, and the sum divided by the mean is the exact number of events.
//
// # What it takes
//
// An event waits only for another event of the same series, even while the next handler
// blocks: then intervals get longer. Memory is bounded by [Options].MaxSeries. Events
// beyond that are summed up under [OverflowScope], one series a type, and counted by
// [Handler.Stats].
//
// The next handler is not told of scopes that start, as a slogtel.ScopeWatcher is: it would
// never see most of them end. A handler that counts events, but does not know summaries,
// belongs beside the [Handler] in slogtel.New, not behind it.
package aggregate

// Package statsd forwards telemetry to a StatsD daemon: a [log/slog.Handler] that
// turns each telemetry record into a StatsD metric, and ignores ordinary logs.
//
//	metrics, err := statsd.New("127.0.0.1:8125", &statsd.Options{
//		Dialect: statsd.DogStatsD,
//		Prefix:  "shop",
//		TagKeys: []string{"model", "http.status"},
//	})
//	if err != nil {
//		return err // the address or an option is malformed: the daemon need not be there
//	}
//	defer metrics.Shutdown(context.Background())
//	logger := slog.New(slogmulti.Fanout(existing, metrics))
//
// # What is sent
//
//	event                    metric                     type
//	timing                   its duration               ms, in milliseconds with fractions
//	counter                  the sum of an interval     c
//	gauge, plain number      the last of an interval    g
//	histogram                each value                 h, d or ms, as the dialect has it
//
// The name is [Options.Prefix], a dot, and the scope; a metric's scope ends in its
// name. A plain metric that holds a time.Duration is a gauge in milliseconds; one
// that holds no number has no StatsD form and is counted in [Stats].Skipped. A
// negative histogram value is skipped where the dialect has histograms as ms,
// because daemons reject it.
//
// A daemon computes its own summaries, so put this handler beside a
// reporters.Aggregate, not behind it:
//
//	tel := slogtel.New(nil, agg, metrics)
//
// Behind one it would see plain metrics, telemetry.summary records and, of all other
// events, only timings that failed or were slow, marked in_summary=true. Summaries and
// what is so marked are skipped and counted: better nothing than a picture in which
// everything fails.
//
// A record that sampling has kept says so by its attribute sample_rate. Where such
// an event is a timing, a counter or a histogram value, the daemon is told the rate,
// multiplied by that of [Options.SampleRates]. Increments are summed for each rate by
// itself, so that what the daemon scales back is right; each rate is a series of its
// own. A gauge has no rate. An event kept at less than one in a million is skipped: a
// daemon may repeat a value as often as the rate says.
//
// A gauge is absolute. Most daemons take a signed number for a change of the
// gauge, so a negative one goes out as zero and then the value, in one packet.
//
// # Tags
//
// Only attributes listed in [Options.TagKeys] become tags, besides those of
// [Options.Tags], which every metric has. An attribute in a group is listed as
// group.key, whether the group is a [slog.Group] or comes from WithGroup. Of an
// attribute given twice the last counts; a record's own wins over one of WithAttrs.
//
// Names are made of a-z, A-Z, 0-9, '_', '-' and '.', tag keys of the same, and tag
// values may have '/', '@', '+', '%' and, for DogStatsD, ':' besides. Each other
// character becomes '_'. So nothing that a name or a value holds can end a metric
// or begin another. Non-ASCII text is replaced as well: Etsy's daemon clears the
// eighth bit of what comes by TCP, and thus reads a newline in "Ċ".
//
// # Packets, memory, time
//
// Packets end between metrics. A full one leaves at once, the others every
// [Options.FlushInterval]. Sockets are only ever used on a goroutine of the
// handler's own: Handle encodes into memory, and neither waits nor returns an
// error. While the daemon is away, counters are summed on and gauges keep their
// last value; what cannot be merged is queued, and the oldest values are dropped
// when the queue is full. (Over UDP nobody can tell that it is away: packets go on
// being sent.) Series are capped by [Options.MaxSeries]; one that was not used for
// ten minutes is forgotten. With the defaults all this takes 7 MB when it is full;
// with [Options.PackValues] a line more for each series.
//
// [Handler.Stats] accounts for each record: it is sent, dropped, skipped, sampled
// out, overflowed or pending. What was sent was taken by the kernel: of what is lost
// behind that, in a connection that breaks or a buffer that overflows, nobody hears.
// Only a packet that was refused, as when no daemon listens at a UDP port of this
// host, is counted as dropped after all.
//
// All methods are safe for concurrent use. Handlers made by WithAttrs and
// WithGroup share their parent's connection, series and counts.
package statsd

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
//	counter                  the sum of an interval     c, with fractions where it is a CountFloat
//	gauge, plain number      the last of an interval    g
//	histogram                each value                 h, d or ms, as the dialect has it
//	metric of Options.Sets   each value of an interval  s
//
// The name is [Options.Prefix], a dot, and the scope; a metric's scope ends in its
// name. A plain metric that holds a time.Duration is a gauge in milliseconds; one
// that holds no number has no StatsD form and is counted in [Stats].Skipped. A
// negative histogram value is skipped where the dialect has histograms as ms,
// because daemons reject it.
//
// A daemon computes its own summaries, so put this handler beside a
// aggregate.Handler, not behind it:
//
//	tel := slogtel.New(nil, agg, metrics)
//
// Behind one it would see plain metrics, telemetry.summary records and, of all other
// events, only timings that failed or were slow, marked in_summary=true. Summaries and
// what is so marked are skipped and counted, because a picture made of them would show
// nothing but failures.
//
// A record that sampling has kept says so by its attribute sample_rate. Where such
// an event is a timing, a counter or a histogram value, the daemon is told the rate,
// multiplied by that of [Options.SampleRates]. Increments are summed for each rate by
// itself, so that what the daemon scales back is right; each rate is a series of its
// own. A gauge has no rate. An event kept at less than one in a million is skipped: a
// daemon may repeat a value as often as the rate says.
//
// The rate is told with nine digits, and the daemon scales back, whatever the order of
// events: counters exactly. Of timings and histograms most daemons take a whole number of
// values, as many as go into 1/rate; so a rate of 0.6 is told as 0.5 for two events of
// three and as none for the third, which is right on average.
//
// A gauge is absolute. Most daemons take a signed number for a change of the
// gauge, so a negative one goes out as zero and then the value, in one packet. On a
// stream of lines a tenth of a second is between them: telegraf reads the lines of a
// stream with several goroutines, and may put the second before the first. What is left
// of that: a daemon that is busy for longer may still mix them up, a value that the daemon
// reads out within that tenth is zero, and so is one whose program is killed within it.
// [Options.AbsoluteGauges] spares the zero at daemons that need none. The gauges of
// [Options.GaugeDeltas] are changes by intention.
//
// # Names
//
// A daemon has one kind of metric under one name, while a scope, a counter and a gauge of
// a Telemetry may have one path. statsd_exporter drops the second kind, and DataDog adds it
// to the first. So the kind that comes first keeps the name, and a later one has its kind
// behind it: x, x_counter, x_gauge. Names count as the same if they differ in '.', '-' and
// '_' only, and a timing or histogram x takes x_count, x_sum and x_bucket as well, which
// daemons make of it; for DogStatsD x.avg, x.median, x.max, x.min and x.95percentile besides.
// [Stats].Renamed counts the events, and OnError is told each name. Which kind comes first
// may differ between two processes that share a daemon: give each thing a name of its own
// where that matters.
//
// Names that mean something to a daemon have an m before them: those that begin with _e or
// _sc, which DataDog's agent and telegraf take for events and service checks, and what
// statsd_exporter calls its own metrics, such as go_goroutines. The tags quantile and le
// become quantile_ and le_.
//
// What no name can mend: statsd_exporter drops sets, and negative increments of a counter.
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
// [Options.FlushInterval]. By UDP, more than 32 packets leave evenly over the interval that
// follows, in an order that is another each time: a daemon's socket holds some ninety, and
// loses the rest without a word. Flush and Shutdown take half a second for the same, or half
// the time that their context has. When the queue is an eighth full nothing is held back.
//
// A name is looked up again every minute. Of several addresses each is tried in its turn, the
// one that failed longest ago first, also when the look-ups bring them in another order. By
// UDP the first packet waits 20 ms for a refusal, and then goes to the next address. A dial
// has one second, and more each round; each that fails is in [Stats].LastError.
//
// Sockets are only ever used on a goroutine of the
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
// # DataDog
//
// With the address "" and [DogStatsD] the handler is set up as DataDog's own clients are:
// DD_DOGSTATSD_URL, DD_AGENT_HOST and DD_DOGSTATSD_PORT say where the agent is, DD_ENV,
// DD_SERVICE, DD_VERSION and DD_ENTITY_ID become tags. See also AbsoluteGauges, Timestamps,
// OriginDetection and ClientTelemetry of [Options].
//
// # Units, errors, concurrency, shutdown
//
// Times are sent in milliseconds, all other values as they are given. StatsD knows neither
// units nor help texts, so those of instruments are not sent. Handle never returns an error:
// [Handler.Stats] counts what was lost and why, and [Options.OnError] is told. Flush returns
// an error where the daemon cannot be reached, Shutdown says how many events were lost.
//
// All methods are safe for concurrent use. Handlers made by WithAttrs and
// WithGroup share their parent's connection, series and counts. Nil options are the
// defaults; a nil *Handler is not valid. After Shutdown events are counted in
// [Stats].Dropped, and Flush does nothing.
package statsd

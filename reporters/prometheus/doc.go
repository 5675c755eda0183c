// Package prometheus shows telemetry to a Prometheus scrape: a [log/slog.Handler]
// that turns each telemetry record into a metric of a client_golang registry, and
// ignores ordinary logs.
//
//	registry := prometheus.NewRegistry()
//	metrics, err := slogtelprom.New(registry, &slogtelprom.Options{
//		Namespace: "shop",
//		LabelKeys: []string{"model", "http.status"},
//	})
//	if err != nil {
//		return err // an option is malformed, or the registry has such a handler
//	}
//	tel := slogtel.New(nil, metrics)
//	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
//
// It is a Go module of its own, so that only who imports it depends on client_golang.
// Folder examples/metrics has a small web service with /metrics.
//
// # Names
//
// A metric's name is [Options.Namespace], an underscore, the path with an underscore
// for each character that is no ASCII letter, digit or underscore, and a unit:
//
//	event                      metric                          type
//	timing of plan             shop_plan_seconds               histogram, classic and native
//	  those that failed        shop_plan_seconds_errors_total  counter, 0 from the first call on
//	counter plan.tokens        shop_plan_tokens_total          counter
//	gauge queue                shop_queue                      gauge
//	histogram size             shop_size                       histogram, classic and native
//	plain number ratio         shop_ratio                      gauge
//	plain time.Duration age    shop_age_seconds                gauge, in seconds
//
// A unit that the path ends in is not added again. Gauges and histograms whose path
// ends in _total, _count, _sum, _bucket or _created get the suffix _value, because in a scrape
// such names mean something else.
//
// The unit of a metric, from its instrument or [Options.Units], comes before the suffix, as a word:
// By becomes shop_heap_bytes, MiBy/s shop_flow_mebibytes_per_second, 1 is a ratio for a gauge and nothing
// for others, {request} is nothing. It is the UNIT of OpenMetrics, too. The help text is that of
// [Options.Help], else that of the instrument whose event came first. A metric keeps its help
// text, because a registry takes no other under the same name. [Options.UTF8Names] keeps paths and keys as they are, as shop.plan.tokens_total.
//
// Prometheus computes rates, means and quantiles by itself:
// rate(shop_plan_seconds_errors_total[5m]) / rate(shop_plan_seconds_count[5m])
// is the share of failures.
//
// A plain metric that holds no number and a value that is not finite have no form
// here; they are counted in [Stats].Skipped. A negative increment is left out, counted
// and reported, as [ErrNegative].
//
// As Prometheus does its own sums, put this handler beside a aggregate.Handler, not
// behind it:
//
//	tel := slogtel.New(nil, agg, metrics)
//
// Behind one it would see plain metrics, telemetry.summary records and, of all other
// events, only timings that failed or were slow, marked in_summary=true. Summaries and
// what is so marked are skipped and counted, for a share of failures made of them would
// be wrong.
//
// # Sampling
//
// A record that sampling has kept at a rate below 1 says so by its attribute
// sample_rate, and stands for 1/rate events. All counts are of those. A counter grows
// by its increment divided by the rate, and so does that of errors, both in floating point.
// A value is observed 1/rate times. client_golang has no observation with a weight, so where
// 1/rate is no whole number the value is observed the next lower or the next higher number of
// times, by chance, such that it is right on average for each value and in any order of
// events. What is left of that: the count of n such values is off by about half the square
// root of n, 50 in 10 000. Where 1/rate is a whole number it is exact.
//
// An observation takes some 0.1 µs, so that a value kept at one in a thousand takes its
// caller 0.1 ms, and all of them together what they would take without sampling. A timing or
// histogram value kept at less than one in 10 000 is skipped and counted. A gauge is what it is.
//
// # Labels
//
// Only attributes listed in [Options.LabelKeys] become labels. An attribute in a
// group is listed as group.key, whether the group is a [slog.Group] or comes from
// WithGroup. Of an attribute given twice the last counts; a record's own wins over
// one of WithAttrs. In a label's name each character that is no ASCII letter, digit
// or underscore becomes an underscore, two leading underscores become one, and le
// and quantile become exported_le and exported_quantile. A value is cut after 200
// bytes and made valid UTF-8. For constant labels, give New what
// prometheus.WrapRegistererWith returns.
//
// # Clashes
//
// One name has one type and one path. What comes second is refused: its events are
// counted in [Stats].Clashed and reported as [ErrClash], and nothing else changes.
// That is so for two events, such as a counter and a gauge of one path, for two
// paths that become one name, such as a.b_c and a.b.c (see [Options.ScopeLabel]),
// and for a metric that the app has registered itself. Each metric is registered,
// with the names of its series, when its first event comes, so the registry finds a
// clash at once and not in a scrape: what this handler adds never makes Gather
// fail. An app that registers a name after the handler has taken it gets the error;
// a Namespace of the telemetry's own keeps them apart. Collectors that describe
// nothing are outside of the registry's checks, and so of this.
//
// # Limits
//
// There are at most [Options.MaxSeries] series, and of one metric [Options.MaxSeriesPerMetric]; some are
// left for metrics that come late. With [Options.IdleTimeout] series go that had no events for
// long, and [Handler.Delete] removes those that the app knows to be over. A counter stays at 2⁶³, and an
// increment that its float64 cannot hold is not added; both are in [Stats].Saturated.
//
// # Exemplars
//
// Where an event has a trace_id ([slogtel.Options].TraceIDs), it becomes an exemplar,
// with the span_id, of its counter or of the bucket that its value falls in: the
// first event, and then at most one a second each. They are in the scrape when the
// server asks for OpenMetrics or the protobuf format. Ids that exceed the 128
// characters of an exemplar are left out.
//
// # The handler's own metrics
//
// With the Namespace before them: slogtel_dropped_events_total by reason (clash,
// negative, overflow, saturated, skipped), slogtel_truncated_events_total, slogtel_expired_series_total,
// slogtel_series and slogtel_series_limit. [Handler.Stats] has the same for the program.
//
// # Units, errors, concurrency, shutdown
//
// Times are in seconds, counts in events. Handle never returns an error: [Handler.Stats] and
// [Options.OnError] tell what was left out. Values that panic count as their text. All methods
// are safe for concurrent use. An event of a known series takes no lock, and one without
// labels is found by what its record points to. A nil registerer is the default one, nil
// options are the defaults; a nil *Handler is not valid. There is no Shutdown, because nothing
// is buffered: scrapes after the end of the Telemetry still find all values. After
// [Handler.Unregister] events are counted in [Stats].Unregistered.
//
// The formats are those of https://prometheus.io/docs/instrumenting/exposition_formats/ and
// https://prometheus.io/docs/specs/om/open_metrics_spec/, written by client_golang.
package prometheus

// Package jsonlines writes records, telemetry or not, as lines of JSON: for a log shipper, a
// log service, or the command slogtel.
//
//	h := jsonlines.New(os.Stdout, &jsonlines.Options{Service: "checkout"})
//	tel := slogtel.New(nil, h)
//
//	file, err := jsonlines.Open("/var/log/checkout/telemetry.jsonl", nil) // rotates, loses nothing
//
// Each record is one object on a line of its own, written in one Write, whose error Handle
// returns. [Schema] says how the lines look.
//
// # Flat
//
// A record is written as package slogjson writes it, which is as slog's own JSON handler does.
// But the attributes of a telemetry record always stand at the root: with WithGroup, the
// attributes added to the handler stand in their groups, and those of the event, the caller's
// own among them, do not. So that one key has one kind, an attribute that was added to the
// handler gets user_ before its key in a telemetry record if the key is one of package slogtel,
// of slog, or of the options.
//
// # ECS
//
// The lines follow Elastic's specification for ECS loggers, version 1: @timestamp,
// log.level, message and ecs.version come first, and the names with a dot are written
// as they are. A telemetry record becomes
//
//	@timestamp                    when the event ended, UTC, nine digits of the second
//	log.level                     debug, info, warn or error
//	message                       telemetry.timing, telemetry.metric, telemetry.summary
//	ecs.version                   1.6.0
//	service.name, service.version, service.environment, event.dataset   of the options
//	event.kind                    event for a timing, metric for the others
//	event.outcome                 success, failure or, where it was canceled, unknown: of a timing
//	event.duration                nanoseconds, whole
//	event.start, event.end        as @timestamp
//	error.message                 the event's error
//	trace.id, span.id             as they are
//	slogtel                       an object of what ECS has no place for:
//	  .scope .parent_scope .metric_type .parent_span_id                 strings
//	  .depth .call_count                                                whole numbers
//	  .start_monotonic_s .end_monotonic_s                               floats
//	  .value                      float, of every metric that is a number; nanoseconds of a duration
//	  .value_text                 string, of a metric that is none; JSON if it has parts
//	  .unit                       string, of an instrument that has one
//	  .canceled                   true, of a timing that was canceled
//	  .raw_preview                string, JSON
//	  .interval_s .sum .min .max .mean .p50 .p90 .p95 .p99 .last        floats, of a summary
//	  .rate .quantile_error                                             floats, of a summary
//	  .count .errors                                                    whole numbers, of a summary
//	  .sketch                     string, of a summary that has one
//	  .sample_rate                float, of what was sampled: it stands for 1/sample_rate events
//	  .in_summary                 true: a summary has counted it as well
//	labels                        an object of the caller's attributes, all strings
//	truncated                     true, of a line that was cut
//
// Floats always have a point or an exponent, so that an index that maps a field by its first
// value takes it for a float. Labels are keywords in ECS: numbers are written as their digits,
// durations as their nanoseconds, and values with parts as JSON. Their keys are those of the
// attributes, with the names of groups before them and "_" for each of . * and \. If a key
// comes twice the last one is written.
//
// An ordinary record has the first four and its attributes as labels. Of those at the
// root, trace_id and span_id become trace.id and span.id, scope becomes slogtel.scope,
// and error or err becomes error.message, with its Go type as error.type. A level that
// has no name is written as the next lower one, and as a number in slogtel.level. The
// source is log.origin.file.name, log.origin.file.line and log.origin.function. A
// record without a time gets the current one, since ECS requires a time.
//
// # GoogleCloud, Datadog and EMF
//
// These lines have the attributes of an event at the root, as Flat has them, and groups as
// objects. No key comes twice: the last one wins. What the service knows has the name that it
// has there, and a caller's attribute of such a name gets user_ before it:
//
//	GoogleCloud  time, severity, message, serviceContext, environment, and under
//	             logging.googleapis.com/ trace, spanId and sourceLocation
//	Datadog      timestamp, status, message, service, dd.env, dd.version, dd.trace_id and
//	             dd.span_id (decimal, of the last 64 bits), duration (in nanoseconds, beside
//	             duration_s), error.message and error.kind
//	EMF          as Flat, and _aws, which makes metrics in CloudWatch: duration_s and errors
//	             of a timing, value of a metric that is a number, and what a summary has
//
// The dimensions of an EMF metric are service and scope. CloudWatch bills each combination
// of a name and dimensions. An event with in_summary makes no metric, since its summary does.
// CloudWatch knows no weights: a sampled event counts as one.
package jsonlines

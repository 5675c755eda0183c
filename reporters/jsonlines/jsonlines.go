package jsonlines

import (
	"io"
	"log/slog"

	"github.com/slogtel/telemetry/handlers/slogjson"
)

// A Schema is a layout of JSON lines.
type Schema uint8

const (
	// Flat has the keys of package slogtel at the root, after slog's time, level and
	// msg. Ordinary records are written as slog's own JSON handler does.
	Flat Schema = iota

	// ECS is the Elastic Common Schema, see [NewJSON].
	ECS

	// GoogleCloud is what the agents of Google Cloud Logging read, see [NewJSON].
	GoogleCloud

	// Datadog is what Datadog's pipeline for JSON logs reads, see [NewJSON].
	Datadog

	// EMF is the embedded metric format of Amazon CloudWatch, see [NewJSON].
	EMF
)

// DefaultMaxLine is the length of a line, its newline included, that
// [JSONOptions].MaxLine is by default: what Grafana Loki takes unless told otherwise
// (max_line_size, 256KB in its configuration reference; it answers 400 to more).
const DefaultMaxLine = 256 << 10

// minMaxLine leaves room for all that a line cannot do without.
const minMaxLine = 1 << 10

// JSONOptions configure [NewJSON]. The zero value is flat lines from slog.LevelInfo on.
type Options struct {
	// Schema is one of the above. What is none of them counts as Flat.
	Schema Schema

	// Level is the least level that is written. Nil is slog.LevelInfo.
	Level slog.Leveler

	// AddSource is that of [slog.HandlerOptions]. Telemetry has no source.
	AddSource bool

	// ReplaceAttr is that of [slog.HandlerOptions]. With Flat it is shown all that slog's
	// JSON handler would show it, service, environment and version besides. With the others it
	// is shown the record's message and attributes, and those from WithAttrs, before they
	// find their places; the time, the level and the source are not its to change. A
	// record whose telemetry attributes it changes in kind is no telemetry any more.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// Service, Environment and Version name the program in every line: as service,
	// environment and version with Flat, and as service.name (and event.dataset),
	// service.environment and service.version with ECS. Empty ones are left out.
	Service, Environment, Version string

	// Project is the id of the Google Cloud project, with GoogleCloud, of which traces are:
	// with it they are projects/Project/traces/ID, which all readers understand; without,
	// the bare id.
	Project string

	// Namespace is that of the metrics, with EMF. Empty is Service, and if that is empty,
	// slogtel.
	Namespace string

	// FixedTime writes a record's time in UTC and always with nine digits of the second,
	// so that lines sort as text. With the other schemas it is always as they say.
	FixedTime bool

	// MaxLine is the most bytes of a line, the newline included. Zero is DefaultMaxLine,
	// a negative number is no limit, and less than 1024 is 1024.
	//
	// A longer line is cut inside its values and gets "truncated":true at its end. What
	// the caller gave, the message and the error are shortened, the longest first, each
	// with a "…" at the cut; where that is not enough, values other than strings become
	// null, and then the longest of the caller's attributes go. What a telemetry record
	// has besides, and the keys, stay. The line remains valid JSON.
	MaxLine int
}

// JSONStats counts what a JSON handler could not write as it was.
type Stats struct {
	Truncated int64 // lines that were cut, see [JSONOptions].MaxLine
	Dropped   int64 // lines that the writer refused, or took a part of
	LastError error // the last one of the writer, nil if there was none
}

// NewJSON returns a handler that writes each record, telemetry or not, as one JSON
// object on a line of its own, in one Write. The error of a failed Write is returned
// to the caller of Handle. A nil w discards the lines.
//
// The handler and all derived from it share one mutex, which is held during the
// Write, and one count of what went wrong:
//
//	stats := h.(interface{ Stats() reporters.JSONStats }).Stats()
//
// # Flat
//
// An ordinary record is what [handlers.NewJSON] makes of it. So is a telemetry record,
// but that it always stands at the root: with WithGroup, the attributes added to the
// handler lie in their groups, and the keys of the event, the caller's own among
// them, do not. What was added to the handler under a key of package slogtel, of
// slog, or of the options above is written with user_ before its key in a telemetry
// record, so that one key has one kind.
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
//	  .count .errors                                                    whole numbers, of a summary
//	labels                        an object of the caller's attributes, all strings
//	truncated                     true, of a line that was cut
//
// Floats have a point or an exponent, always, so that an index that maps a field by
// its first value takes it for a float. Labels are keywords in ECS: numbers are their
// digits, durations their nanoseconds, what has parts is JSON. Their keys are those of
// the attributes, with the names of groups before them and "_" for each of . * and \;
// of a key that comes twice the last one is written.
//
// An ordinary record has the first four and its attributes as labels. Of those at the
// root, trace_id and span_id become trace.id and span.id, scope becomes slogtel.scope,
// and error or err becomes error.message, with its Go type as error.type. A level that
// has no name is written as the next lower one, and as a number in slogtel.level. The
// source is log.origin.file.name, log.origin.file.line and log.origin.function. A
// record without a time gets the present one, which ECS requires.
//
// # GoogleCloud, Datadog and EMF
//
// These lines have the attributes of an event as Flat has them, at the root, and groups as
// objects; no key comes twice, the last one wins. What a service gives a meaning to has its
// name there, and a caller's attribute of such a name gets user_ before it:
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
// of a name and dimensions. An event with in_summary makes no metric, since its summary does,
// and CloudWatch knows no weights: what sampling kept counts as one.
func New(w io.Writer, opts *Options) slog.Handler {
	var o Options
	if opts != nil {
		o = *opts
	}
	h, _ := newJSON(w, &o)
	return h
}

func newJSON(w io.Writer, o *Options) (slog.Handler, *output) {
	out := newOutput(w, o)
	switch o.Schema {
	case ECS:
		return newECS(out, o), out
	case GoogleCloud, Datadog, EMF:
		return newCloud(out, o), out
	}
	next := slogjson.New(out, &slog.HandlerOptions{Level: o.Level, AddSource: o.AddSource, ReplaceAttr: out.renames.watch(o.ReplaceAttr)})
	return newFlat(next, out, o), out
}

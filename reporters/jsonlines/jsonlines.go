package jsonlines

import (
	"context"
	"io"
	"log/slog"
)

// A Schema is a layout of JSON lines.
type Schema uint8

const (
	// Flat has the keys of package slogtel at the root, after slog's time, level and
	// msg. Ordinary records are written as slog's own JSON handler does.
	Flat Schema = iota

	// ECS is the Elastic Common Schema, see the package documentation.
	ECS

	// GoogleCloud is what the agents of Google Cloud Logging read, see the package documentation.
	GoogleCloud

	// Datadog is what Datadog's pipeline for JSON logs reads, see the package documentation.
	Datadog

	// EMF is the embedded metric format of Amazon CloudWatch, see the package documentation.
	EMF
)

// DefaultMaxLine is the default of [Options].MaxLine, in bytes with the newline: what Grafana Loki takes unless told otherwise
// (max_line_size, 256KB in its configuration reference; it answers 400 to more).
const DefaultMaxLine = 256 << 10

// minMaxLine is enough for the members that are never left out.
const minMaxLine = 1 << 10

// Options configure [New]. The zero value is flat lines from slog.LevelInfo on.
type Options struct {
	// Schema is one of the above. What is none of them counts as Flat.
	Schema Schema

	// Level is the least level that is written. Nil is slog.LevelInfo.
	Level slog.Leveler

	// AddSource is that of [slog.HandlerOptions]. Telemetry has no source.
	AddSource bool

	// ReplaceAttr is that of [slog.HandlerOptions]. With Flat it gets all that slog's JSON
	// handler would give it, and service, environment and version. With the others it gets the
	// record's message and attributes, and those from WithAttrs, before they are put into
	// their places; it cannot change the time, the level and the source. If it changes the
	// kind of a telemetry attribute, the record is an ordinary one.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// Service, Environment and Version name the program in every line: as service,
	// environment and version with Flat, and as service.name (and event.dataset),
	// service.environment and service.version with ECS. Empty ones are left out.
	Service, Environment, Version string

	// Project is the id of the Google Cloud project that traces belong to, with GoogleCloud.
	// With it a trace is written as projects/Project/traces/ID, which all readers understand;
	// without it, as the bare id.
	Project string

	// Namespace is that of the metrics, with EMF. The default is Service, and if that is
	// empty, slogtel.
	Namespace string

	// FixedTime writes a record's time in UTC and always with nine digits of the second,
	// so that lines sort as text. It is for Flat: the other schemas fix the form of times.
	FixedTime bool

	// MaxLine is the most bytes of a line, the newline included. Zero is DefaultMaxLine,
	// a negative number is no limit, and less than 1024 is 1024.
	//
	// A longer line is cut inside its values and gets "truncated":true at its end. The
	// caller's strings, the message and the error are shortened, the longest first, each
	// with a "…" at the cut. If that is not enough, values other than strings become null,
	// and then the longest of the caller's attributes are left out. The other attributes of
	// telemetry, and the keys, stay. The line remains valid JSON.
	MaxLine int
}

// Stats counts what a [Handler] could not write as it was.
type Stats struct {
	Truncated int64 // lines that were cut, see [Options].MaxLine
	Dropped   int64 // lines that the writer refused, or took a part of
	LastError error // the last one of the writer, nil if there was none
}

// A Handler writes records as lines of JSON. It is safe for concurrent use. It and all that
// are derived from it share one mutex, which is held during the Write, and one count of what
// went wrong.
type Handler struct {
	out   *output
	level slog.Leveler
	flat  flat   // the schema Flat
	other *other // one of the other schemas, or nil
}

var _ slog.Handler = (*Handler)(nil)

// New returns a handler that writes lines to w. Nil opts are the defaults; a nil w discards
// the lines.
func New(w io.Writer, opts *Options) *Handler {
	var o Options
	if opts != nil {
		o = *opts
	}
	h := &Handler{out: newOutput(w, &o), level: o.Level}
	if h.level == nil {
		h.level = slog.LevelInfo
	}
	switch o.Schema {
	case ECS:
		h.other = &other{out: h.out, opts: &o, line: newECS(&o).line}
	case GoogleCloud, Datadog, EMF:
		h.other = &other{out: h.out, opts: &o, line: cloudFormats[o.Schema].line}
	default:
		h.flat = newFlat(h.out, &o)
	}
	return h
}

// Stats returns the counts so far, of h and all that share its writer.
func (h *Handler) Stats() Stats { return h.out.stats() }

// Enabled reports whether l is at least Options.Level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

// Handle writes r as one line, in one Write, and returns the writer's error.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if h.other != nil {
		return h.other.handle(r)
	}
	return h.flat.handle(ctx, &r)
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns a *Handler whose lines have these attributes, too.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	if h.other != nil {
		h2.other = h.other.withAttrs(attrs)
	} else {
		h2.flat = h.flat.withAttrs(attrs)
	}
	return &h2
}

// WithGroup returns a *Handler that puts the attributes of ordinary records into a group.
func (h *Handler) WithGroup(name string) slog.Handler {
	h2 := *h
	if h.other != nil {
		h2.other = h.other.withGroup(name)
	} else {
		h2.flat = h.flat.withGroup(name)
	}
	return &h2
}

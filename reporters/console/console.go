package console

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/lmittmann/tint"

	"github.com/slogtel/telemetry/internal/termtext"
	"github.com/slogtel/telemetry/slogtel"
)

// ConsoleOptions configure [NewConsole].
type Options struct {
	// Level is the least level that is written. Nil is slog.LevelInfo.
	Level slog.Leveler

	// Color switches colours. The zero value, slogtel.FromEnv, asks in this order:
	// NO_COLOR with any value but an empty one means none (https://no-color.org);
	// FORCE_COLOR with any such value, 0 included, means colours
	// (https://force-color.org); TERM=dumb means none; otherwise there are colours
	// when the writer is a terminal: an *os.File, or a writer around one with its
	// method Fd. This is found out once, by NewConsole.
	Color slogtel.Mode

	// TimeFormat is the layout of times, as for [time.Time.Format]. The default is
	// that of tint, time.StampMilli.
	TimeFormat string

	// NoTime leaves the time out.
	NoTime bool

	// AddSource writes the file and line of each log statement. Telemetry has none.
	AddSource bool

	// Slow is how long a scope lasts to be shown in yellow. Zero is one second, a
	// negative duration is never.
	Slow time.Duration

	// Provenance also writes the attributes by which a telemetry record is known and
	// placed, as they are in the record: scope, depth, clock readings, trace ids and
	// the exact values of what is shown rounded.
	Provenance bool
}

// NewConsole returns a handler that writes each record on a line of its own for
// the eye of a developer. Ordinary log records look as package tint
// (github.com/lmittmann/tint) writes them. Of telemetry the line says what
// happened, then the caller's attributes (here with the TimeFormat "15:04:05.000"):
//
//	12:30:01.204 INF     tokenize 1.24ms files=3
//	12:30:01.204 INF     tokens +12.3k
//	12:30:01.207 INF   plan 4.1ms
//	12:30:01.331 INF     latency ~ 0.118
//	12:30:01.332 INF   call 124ms error="status 503" attempt=1
//	12:30:01.340 INF   budget = 0.82
//	12:30:01.341 INF pipeline 1.31s
//
// A scope is indented by its depth and named relative to the scope around it. It
// is written when it ends, so it comes below what happened inside it. Durations
// and numbers are rounded to three digits. A counter shows what was added, a gauge
// its value after "=", a histogram one value after "~". A summary (message
// telemetry.summary) has the full path of its scope, the count after "×", the
// interval and the distribution:
//
//	12:30:10.000 INF pipeline.call ×1204 in 10s mean 118ms p50 96ms p95 310ms p99 1.1s max 1.31s errors 3
//
// Scopes that failed are red, slow ones yellow. An event that was sampled has its
// sample_rate among the attributes. That a summary counts it, in_summary, is for
// programs that add up, and only shown with Provenance.
//
// Whatever is in a record, a line stays one line, and nothing reaches the terminal
// that it could act on: C0 and C1 control characters, DEL, bidirectional overrides
// and bytes that are not UTF-8 are written as Go escapes. An escape sequence in an
// attribute is not removed, as tint does without colours, but shown.
//
// Each record is one Write, whose error Handle returns. Writes are serialized
// among a handler and those derived from it. A nil w discards. When w is an
// *os.File that is a Windows console without escape sequences, they are translated
// to calls of its API; a writer around one must see to that itself.
func New(w io.Writer, opts *Options) slog.Handler {
	var o Options
	if opts != nil {
		o = *opts
	}
	if w == nil {
		w = io.Discard
	}
	if o.Slow == 0 {
		o.Slow = time.Second
	}
	color := wantsColor(o.Color, w)
	return &Handler{
		tint: tint.NewTextHandler(colorWriter(w, color), &tint.Options{
			Level:      o.Level,
			TimeFormat: o.TimeFormat,
			AddSource:  o.AddSource,
			NoColor:    !color,
		}),
		style:      style{color: color, slow: o.Slow},
		clean:      cleaner{color: color},
		provenance: o.Provenance,
		noTime:     o.NoTime,
		zoneName:   strings.Contains(o.TimeFormat, "MST"),
	}
}

// console hands every record on to tint, rewritten where it is telemetry and
// cleaned where it holds what a terminal must not see.
type Handler struct {
	tint       slog.Handler // knows the attributes added so far; its mutex serializes the writes
	groups     []string     // open ones, cleaned; tint's own share memory between siblings
	style      style
	clean      cleaner
	provenance bool
	noTime     bool
	zoneName   bool // the time format has the zone's name, which is data
}

var _ slog.Handler = (*Handler)(nil)

func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.tint.Enabled(ctx, l) }

func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	switch {
	case h.noTime:
		r.Time = time.Time{}
	case h.zoneName:
		r.Time = cleanZone(r.Time)
	}
	if !eventMessage(r.Message) && len(h.groups) == 0 && h.clean.nothingIn(r) {
		return h.tint.Handle(ctx, r)
	}
	l := newLine()
	defer l.free()
	if !h.telemetry(l, r) {
		l.text = termtext.Append(l.text, r.Message)
		l.attrs = h.clean.appendRecord(l.attrs, r)
	}
	out := slog.NewRecord(r.Time, r.Level, string(l.text), r.PC)
	out.AddAttrs(h.grouped(l.attrs))
	return h.tint.Handle(ctx, out)
}

func eventMessage(message string) bool {
	switch message {
	case slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary:
		return true
	}
	return false
}

// telemetry fills in l and reports true when r is telemetry.
func (h *Handler) telemetry(l *line, r slog.Record) bool {
	switch r.Message {
	case slogtel.MessageTiming:
		if !l.timing.Decode(r) {
			return false
		}
		l.text = h.style.appendTiming(l.text, &l.timing)
		if h.provenance {
			break
		}
		if l.timing.Error != "" {
			l.attrs = append(l.attrs, h.clean.attr(slog.String(slogtel.KeyError, l.timing.Error)))
		}
		l.attrs = appendSampleRate(l.attrs, l.timing.SampleRate)
		l.attrs = h.clean.appendAttrs(l.attrs, l.timing.Attrs)
	case slogtel.MessageMetric:
		if !l.metric.Decode(r) {
			return false
		}
		var shown bool
		l.text, shown = h.style.appendMetric(l.text, &l.metric)
		if h.provenance {
			break
		}
		if !shown {
			l.attrs = append(l.attrs, h.clean.attr(slog.Attr{Key: slogtel.KeyValue, Value: l.metric.Value}))
		}
		l.attrs = appendSampleRate(l.attrs, l.metric.SampleRate)
		l.attrs = h.clean.appendAttrs(l.attrs, l.metric.Attrs)
	case slogtel.MessageSummary:
		var s summary
		if !s.read(r) {
			return false
		}
		l.text = h.style.appendSummary(l.text, &s)
		if !h.provenance {
			l.attrs = h.clean.appendSummaryRest(l.attrs, r)
		}
	default:
		return false
	}
	if h.provenance {
		l.attrs = h.clean.appendRecord(l.attrs, r)
	}
	if r.Message == slogtel.MessageTiming && l.timing.Error != "" {
		redden(l.attrs)
	}
	return true
}

// redden colours the error attribute, which is among the first of a timing event.
func redden(attrs []slog.Attr) {
	for i, a := range attrs {
		if a.Key == slogtel.KeyError {
			attrs[i] = tint.Attr(brightRed, a)
			return
		}
	}
}

// grouped puts attrs into the groups that are open, and into a group without a
// name, which a handler opens in place.
func (h *Handler) grouped(attrs []slog.Attr) slog.Attr {
	v := slog.GroupValue(attrs...)
	for _, name := range slices.Backward(h.groups) {
		v = slog.GroupValue(slog.Attr{Key: name, Value: v})
	}
	return slog.Attr{Value: v}
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	h2.tint = h.tint.WithAttrs([]slog.Attr{h.grouped(h.clean.appendAttrs(nil, attrs))})
	return &h2
}

func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := *h
	h2.groups = append(slices.Clip(h.groups), h.clean.key(name))
	return &h2
}

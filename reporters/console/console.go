package console

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/lmittmann/tint"

	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/internal/termtext"
	"github.com/slogtel/telemetry/slogtel"
)

// Options configure [New].
type Options struct {
	// Level is the least level that is written. Nil is slog.LevelInfo.
	Level slog.Leveler

	// Color switches colors. The zero value, slogtel.FromEnv, asks in this order:
	// NO_COLOR with any value but an empty one means none (https://no-color.org);
	// FORCE_COLOR with any such value, 0 included, means colors
	// (https://force-color.org); TERM=dumb means none; otherwise there are colors
	// when the writer is a terminal: an *os.File, or a writer around one with its
	// method Fd. New decides once.
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
	// the exact values of what the line shows rounded.
	Provenance bool

	// Tree keeps the lines of a root scope until it ends, and then writes it whole: parents
	// first, concurrent requests apart, see the package's documentation.
	Tree bool
}

// New returns a handler that writes to w. Nil opts are the defaults; a nil w discards.
//
// When w is an *os.File that is a Windows console without escape sequences, they are
// translated to calls of its API. A writer around such a file has to do that itself.
func New(w io.Writer, opts *Options) *Handler {
	var o Options
	if opts != nil {
		o = *opts
	}
	if w == nil {
		w = io.Discard
	}
	o.Slow = cmp.Or(o.Slow, time.Second)
	color := wantsColor(o.Color, w)
	to := colorWriter(w, color)
	var t *tree
	if o.Tree {
		t = &tree{
			open: roots.NewTable[treeRoot](maxTreeRoots), out: to, terminal: color && isTerminal(w), kept: make(map[string]*treeItem),
		}
		to = t
	}
	return &Handler{
		tree: t,
		tint: tint.NewTextHandler(to, &tint.Options{
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

// A Handler hands every record to tint, rewritten if it is telemetry, and cleaned of what a
// terminal must not see. It is safe for concurrent use.
type Handler struct {
	tree       *tree        // nil without Options.Tree
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
	if h.tree != nil {
		return h.handleTree(ctx, r)
	}
	return h.write(ctx, r)
}

// write writes a line for r.
func (h *Handler) write(ctx context.Context, r slog.Record) error {
	if !eventMessage(r.Message) && len(h.groups) == 0 && h.clean.nothingIn(r) {
		r.Time = h.time(r.Time)
		return h.tint.Handle(ctx, r)
	}
	l := newLine()
	defer l.free()
	h.fill(h.style, l, r)
	return h.emit(ctx, r, string(l.text), l.attrs)
}

// emit gives tint a line for r, which is clean.
func (h *Handler) emit(ctx context.Context, r slog.Record, message string, attrs []slog.Attr) error {
	out := slog.NewRecord(h.time(r.Time), r.Level, message, r.PC)
	out.AddAttrs(h.grouped(attrs))
	return h.tint.Handle(ctx, out)
}

// time returns the time that a line has.
func (h *Handler) time(t time.Time) time.Time {
	switch {
	case h.noTime:
		return time.Time{}
	case h.zoneName:
		return cleanZone(t)
	}
	return t
}

// fill fills in l, and reports whether r is telemetry.
func (h *Handler) fill(s style, l *line, r slog.Record) bool {
	if h.telemetry(s, l, r) {
		return true
	}
	l.text = termtext.Append(l.text, r.Message)
	l.attrs = h.clean.appendRecord(l.attrs, r)
	return false
}

func eventMessage(message string) bool {
	switch message {
	case slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary:
		return true
	}
	return false
}

// telemetry fills in l and reports true when r is telemetry.
func (h *Handler) telemetry(s style, l *line, r slog.Record) bool {
	switch r.Message {
	case slogtel.MessageTiming:
		if !l.timing.Decode(r) {
			return false
		}
		l.text = s.appendTiming(l.text, &l.timing)
		if h.provenance {
			break
		}
		if l.timing.Error != "" {
			l.attrs = append(l.attrs, h.clean.attr(slog.String(slogtel.KeyError, l.timing.Error)))
		}
		l.attrs = appendSampleRate(l.attrs, l.timing.SampleRate)
		shortenInside(l.timing.Attrs)
		l.attrs = h.clean.appendAttrs(l.attrs, l.timing.Attrs)
	case slogtel.MessageMetric:
		if !l.metric.Decode(r) {
			return false
		}
		var shown bool
		l.text, shown = s.appendMetric(l.text, &l.metric)
		if h.provenance {
			break
		}
		if !shown {
			l.attrs = append(l.attrs, h.clean.attr(slog.Attr{Key: slogtel.KeyValue, Value: l.metric.Value}))
		}
		l.attrs = appendSampleRate(l.attrs, l.metric.SampleRate)
		l.attrs = h.clean.appendAttrs(l.attrs, l.metric.Attrs)
	case slogtel.MessageSummary:
		var sum slogtel.Summary
		if !sum.Decode(r) {
			return false
		}
		l.text = s.appendSummary(l.text, &sum)
		if !h.provenance {
			l.attrs = h.clean.appendAttrs(l.attrs, sum.Attrs)
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

// redden colors the error attribute, which is among the first of a timing event.
func redden(attrs []slog.Attr) {
	for i, a := range attrs {
		if a.Key == slogtel.KeyError {
			attrs[i] = tint.Attr(brightRed, a)
			return
		}
	}
}

// grouped puts attrs into the groups that are open, and into a group without a
// name, whose members a handler writes in its place.
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

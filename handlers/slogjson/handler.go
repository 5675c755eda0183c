package slogjson

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// New returns a handler that writes each record to w as a line of JSON, as
// [slog.NewJSONHandler] does. Nil opts are the defaults; a nil w discards the lines.
func New(w io.Writer, opts *slog.HandlerOptions) *Handler {
	if w == nil {
		w = io.Discard
	}
	h := &Handler{out: &lineWriter{w: w, discards: w == io.Discard}}
	if opts != nil {
		h.opts = *opts
	}
	return h
}

// A Handler writes records as lines of JSON. It is immutable, and safe for concurrent use.
type Handler struct {
	out   *lineWriter
	opts  slog.HandlerOptions
	valid bool
	fixed bool

	groups []string // the names of all groups from WithGroup
	opened int      // how many of them are open at the end of attrs

	// Formatted ahead, without the comma before: the attributes from WithAttrs with the groups that
	// they lie in, and the opening of the groups that have nothing in them yet. The latter is
	// written only when an attribute follows, since an empty group leaves no trace.
	attrs   []byte
	pending []byte
}

var _ slog.Handler = (*Handler)(nil)

func (h *Handler) Enabled(_ context.Context, level slog.Level) bool {
	if h.opts.Level == nil {
		return level >= slog.LevelInfo
	}
	return level >= h.opts.Level.Level()
}

// WithGroup treats an empty name like any other, as the standard handler does. A [slog.Logger]
// never passes one on.
func (h *Handler) WithGroup(name string) slog.Handler {
	h2 := *h
	h2.groups = append(slices.Clip(h.groups), name)
	pending := slices.Grow(slices.Clip(h.pending), len(name)+4)
	h2.pending = append(jsonenc.AppendKey(pending, name), '{')
	return &h2
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if allEmptyGroups(attrs) {
		return h
	}
	l := h.newLine()
	defer l.release()
	l.enter(h.groups[:h.opened]...)
	l.buf = append(l.buf, h.attrs...)
	l.comma = needsComma(h.attrs)
	l.openPending(h)
	if !l.attrs(attrs) {
		return h
	}
	h2 := *h
	h2.attrs = slices.Clone(l.buf)
	h2.opened, h2.pending = len(h.groups), nil
	return &h2
}

func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	l := h.newLine()
	defer l.release()
	l.buf = append(l.buf, '{')
	if l.replace == nil {
		pc := r.PC
		if !h.opts.AddSource {
			pc = 0
		}
		l.builtIns(r.Time, r.Level, pc, r.Message)
	} else {
		l.replacedBuiltIns(r, h.opts.AddSource)
		l.enter(h.groups[:h.opened]...)
	}
	if len(h.attrs) > 0 {
		if l.comma {
			l.buf = append(l.buf, ',')
		}
		l.buf = append(l.buf, h.attrs...)
		l.comma = needsComma(h.attrs)
	}
	open := h.opened
	if r.NumAttrs() > 0 {
		start := len(l.buf)
		l.openPending(h)
		l.wrote = false
		l.record(&r)
		if l.wrote {
			open = len(h.groups)
		} else {
			l.buf = l.buf[:start]
		}
	}
	for range open {
		l.buf = append(l.buf, '}')
	}
	l.buf = append(l.buf, '}', '\n')
	return h.out.writeLine(l.buf)
}

// Gather is for a queue that writes many lines at once. It returns a handler like h that writes
// its lines to w, and a function that writes lines to the destination of h, in one call under its
// mutex. It is false if that is not a file: other writers may expect one line a call.
func (h *Handler) Gather(w io.Writer) (to slog.Handler, write func(lines []byte) error, ok bool) {
	if _, ok := h.out.w.(*os.File); !ok {
		return nil, nil, false
	}
	h2 := *h
	h2.out = &lineWriter{w: w}
	return &h2, h.out.writeLine, true
}

// Valid returns a handler like h, whose lines are JSON where those of the standard handler are not:
// after a group whose members are all empty.
func (h *Handler) Valid() *Handler {
	h2 := *h
	h2.valid = true
	return &h2
}

// FixedTime returns a handler like h, that writes a record's own time always with nine digits after the
// second, so that lines sort as text.
func (h *Handler) FixedTime() *Handler {
	h2 := *h
	h2.fixed = true
	return &h2
}

// record writes the attributes of a record. Those that an event has of its series are one run.
func (l *line) record(r *slog.Record) {
	if !slogattrs.Known() {
		r.Attrs(l.visit)
		return
	}
	n := 0
	if l.replace == nil {
		var head []byte
		if head, n = event.Head(r, members); n > 0 {
			if l.comma {
				l.buf = append(l.buf, ',')
			}
			l.buf = append(l.buf, head...)
			l.comma, l.wrote = true, true
		}
	}
	front, back := slogattrs.Of(r).From(n)
	for i := range front {
		l.attr(&front[i])
	}
	for i := range back {
		l.attr(&back[i])
	}
}

// members returns attributes of no handler as JSON, without a comma before them.
func members(attrs []slog.Attr) []byte {
	var l line
	l.attrs(attrs)
	return l.buf
}

// add is attr for [slog.Record.Attrs], and for an attribute that is nowhere yet.
func (l *line) add(a slog.Attr) bool {
	l.attr(&a)
	return true
}

// openPending opens the groups that have nothing in them yet, for an attribute that follows.
func (l *line) openPending(h *Handler) {
	if len(h.pending) == 0 {
		return
	}
	if l.comma {
		l.buf = append(l.buf, ',')
	}
	l.buf = append(l.buf, h.pending...)
	l.comma = false
	l.enter(h.groups[h.opened:]...)
}

// needsComma reports whether a comma is due after b, which is empty, or ends with an attribute or
// with the opening of a group.
func needsComma(b []byte) bool {
	return len(b) > 0 && b[len(b)-1] != '{'
}

func allEmptyGroups(attrs []slog.Attr) bool {
	for _, a := range attrs {
		if a.Value.Kind() != slog.KindGroup || len(a.Value.Group()) > 0 {
			return false
		}
	}
	return true
}

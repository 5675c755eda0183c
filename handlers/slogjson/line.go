package slogjson

import (
	"io"
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// line is a line in the making. Its methods append to buf.
type line struct {
	buf   []byte
	comma bool // whether one is due before the next key
	wrote bool // whether an attribute was not empty, since it was last set to false

	depth  int  // of the groups that are being written
	cyclic bool // they were too many
	valid  bool // see Handler.Valid

	// ReplaceAttr, nil for none, and what it is shown: the names of the open groups, or nil while
	// the attributes of the record itself are written.
	replace func(groups []string, a slog.Attr) slog.Attr
	groups  []string
	builtIn bool

	// Two clocks, since records march on in time, and the times in attributes keep to their own. The
	// former may have fixed digits.
	clock, attrClock jsonenc.Clock

	// visit is add, bound once: to make a closure for each record costs more.
	visit func(slog.Attr) bool
}

var lines = sync.Pool{New: func() any {
	l := &line{buf: make([]byte, 0, 1024), groups: make([]string, 0, 8)}
	l.visit = l.add
	return l
}}

// maxPooled bounds the memory that the pool keeps for a line: one huge record must not cost its size
// for ever.
const maxPooled = 64 << 10

func (h *Handler) newLine() *line {
	l := lines.Get().(*line)
	l.replace, l.valid, l.clock.Fixed = h.opts.ReplaceAttr, h.valid, h.fixed
	return l
}

// release makes l fit for another use, in whatever state a panic of the app's functions left it.
func (l *line) release() {
	if cap(l.buf) > maxPooled {
		return
	}
	l.buf, l.comma, l.wrote = l.buf[:0], false, false
	l.depth, l.cyclic = 0, false
	if l.replace != nil {
		l.replace, l.groups, l.builtIn = nil, l.groups[:0], false
	}
	lines.Put(l)
}

// lineWriter is the destination that a handler shares with all that are derived from it.
type lineWriter struct {
	discards bool // there is nothing to wait for
	mu       sync.Mutex
	w        io.Writer
}

// writeLine writes b with a single call, one line at a time, even after one whose writer panicked.
func (o *lineWriter) writeLine(b []byte) error {
	if o.discards {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}

package console

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/internal/termtext"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// Limits of [Options].Tree.
const (
	maxTreeRoots = 1000
	maxTreeItems = 10_000  // of one root
	maxTreeBytes = 4 << 20 // of one root
)

// A tree holds the lines of root scopes until they end. All that a handler and those derived
// from it write goes through it.
type tree struct {
	open    *roots.Table[treeRoot]
	watched atomic.Bool // scopes that start are told: a root that is not open has ended

	mu       sync.Mutex // guards what follows, and is held while writing
	out      *sink
	terminal bool
	status   bool // a line of progress stands at the cursor
	ticking  bool
}

// A sink is what tint writes to: the writer, or, for a line that is kept, buf.
type sink struct {
	w    io.Writer
	keep bool
	buf  []byte
}

func (s *sink) Write(b []byte) (int, error) {
	if s.keep {
		s.buf = append(s.buf, b...)
		return len(b), nil
	}
	return s.w.Write(b)
}

// A treeRoot is a root scope that is open.
type treeRoot struct {
	root    scope.Info
	started time.Time

	mu    sync.Mutex // guards what follows
	ended bool
	items []treeItem
	bytes int
	in    string // the scope that was opened last
}

// A treeItem is a line: of a scope, of a metric or of an ordinary record.
type treeItem struct {
	head, text, tail string // the level; what happened; attributes and newline

	isScope          bool
	path, parent     string // of a scope; of others parent is the scope that they are in
	spanID, parentID string
	start, end       time.Duration // of a scope, by the monotonic clock
	at               time.Time     // of others
}

// plain writes a line that is in no tree.
func (t *tree) plain(write func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	return write()
}

// clear takes the line of progress away.
func (t *tree) clear() {
	if t.status {
		_, _ = io.WriteString(t.out, "\r\x1b[K")
		t.status = false
	}
}

// handleTree keeps r until its root ends, writes the root if it does, or writes r if it is in none.
func (h *Handler) handleTree(ctx context.Context, r slog.Record) error {
	t := h.tree
	key, root, ok := roots.Of(ctx)
	if !ok {
		return t.plain(func() error { return h.write(ctx, r) })
	}
	it := treeItem{at: r.Time}
	if in, ok := scope.FromContext(ctx); ok {
		it.parent, it.spanID = in.Path, in.SpanID
	}
	l := newLine()
	defer l.free()
	ends := false
	flat := h.style
	flat.flat = true
	if h.telemetry(flat, l, r) {
		switch r.Message {
		case slogtel.MessageTiming:
			d := &l.timing
			it.isScope, it.path, it.parent, it.spanID, it.parentID = true, d.Scope, d.ParentScope, d.SpanID, d.ParentSpanID
			it.start, it.end = d.EndMonotonic-d.Duration, d.EndMonotonic
			ends = d.Scope == root.Path
		case slogtel.MessageMetric:
			it.parent, it.spanID = l.metric.ParentScope, l.metric.SpanID
		}
	} else {
		l.text = termtext.Append(l.text, r.Message)
		l.attrs = h.clean.appendRecord(l.attrs, r)
	}
	it.text = string(l.text)
	inTree := r
	if !ends {
		inTree.Time = time.Time{}
	}
	if err := h.render(ctx, &it, inTree, l.attrs); err != nil {
		return err
	}
	if ends {
		return t.write(t.open.Close(key), &it)
	}
	st := t.open.Find(key)
	if st == nil && !t.watched.Load() {
		if err := t.start(key, root); err != nil {
			return err
		}
		st = t.open.Find(key)
	}
	if st != nil && st.add(it) {
		return nil
	}
	return t.plain(func() error { return h.write(ctx, r) }) // its root has ended, or has no room for it
}

// render makes the parts of a line as tint writes them around its message.
func (h *Handler) render(ctx context.Context, it *treeItem, r slog.Record, attrs []slog.Attr) error {
	const message = "\x00" // it is in nothing else that was cleaned
	switch {
	case h.noTime:
		r.Time = time.Time{}
	case h.zoneName:
		r.Time = cleanZone(r.Time)
	}
	out := slog.NewRecord(r.Time, r.Level, message, r.PC)
	out.AddAttrs(h.grouped(attrs))
	t := h.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.keep, t.out.buf = true, t.out.buf[:0]
	err := h.tint.Handle(ctx, out)
	t.out.keep = false
	it.head, it.tail, _ = strings.Cut(string(t.out.buf), message)
	return err
}

// start follows a root scope. For one too many the oldest is written as far as it is known.
func (t *tree) start(key roots.Key, root scope.Info) error {
	now := time.Now()
	old := t.open.Open(key, func(st *treeRoot) { st.root, st.started = root, now })
	if t.terminal {
		t.mu.Lock()
		if !t.ticking {
			t.ticking = true
			time.AfterFunc(time.Second, t.tick)
		}
		t.mu.Unlock()
	}
	if old == nil {
		return nil
	}
	return t.write(old, nil)
}

// add keeps a line, and reports false if the root has ended or is full.
func (st *treeRoot) add(it treeItem) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	size := len(it.head) + len(it.text) + len(it.tail)
	if st.ended || len(st.items) >= maxTreeItems || st.bytes+size > maxTreeBytes {
		return false
	}
	st.bytes += size
	st.items = append(st.items, it)
	return true
}

// tick shows the progress of the root scope that is open for the longest time.
func (t *tree) tick() {
	var oldest *treeRoot
	for _, st := range t.open.All() {
		if oldest == nil || st.started.Before(oldest.started) {
			oldest = st
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	if oldest == nil {
		t.ticking = false
		return
	}
	time.AfterFunc(time.Second, t.tick)
	age := time.Since(oldest.started)
	if age < time.Second {
		return
	}
	oldest.mu.Lock()
	n, in := len(oldest.items), oldest.in
	oldest.mu.Unlock()
	b := termtext.Append([]byte("... "), oldest.root.Path)
	b = append(b, ' ')
	b = humanize.AppendDuration(b, age.Truncate(100*time.Millisecond))
	b = humanize.AppendInt(append(b, ", "...), int64(n))
	b = append(b, " lines"...)
	if in != "" {
		b = termtext.Append(append(b, ", last opened "...), in)
	}
	const width = 79 // a line that wraps could not be taken back
	if len(b) > width {
		b = append(b[:width-3], "..."...)
	}
	_, err := t.out.Write(b)
	t.status = err == nil
}

// ScopeStarted notes a scope that was opened, with [Options].Tree.
func (h *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	if h.tree == nil {
		return
	}
	key, root, ok := roots.Of(ctx)
	if !ok {
		return
	}
	h.tree.watched.Store(true)
	if s.Path == root.Path {
		_ = h.tree.start(key, root) // its error is that of a line of another root
	} else if st := h.tree.open.Find(key); st != nil {
		st.mu.Lock()
		st.in = s.Path
		st.mu.Unlock()
	}
}

// WatchesScopes reports whether the handler wants to be told of scopes that start: with
// [Options].Tree.
func (h *Handler) WatchesScopes() bool { return h.tree != nil }

// Shutdown writes what is known of root scopes that have not ended, with [Options].Tree. Later
// records are written as they come.
func (h *Handler) Shutdown(context.Context) error {
	if h.tree == nil {
		return nil
	}
	h.tree.watched.Store(true)
	var first error
	for _, st := range h.tree.open.CloseAll() {
		if err := h.tree.write(st, nil); first == nil {
			first = err
		}
	}
	return first
}

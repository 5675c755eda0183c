package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"sync"
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
	open     *roots.Table[treeRoot]
	out      io.Writer
	terminal bool

	mu      sync.Mutex // guards what follows, and is held while writing
	kept    map[string]*treeItem
	lines   uint64
	status  bool // a line of progress stands at the cursor
	ticking bool
}

// Write is what tint writes a line to. That of an item goes into its parts, others to the
// writer. Tint is called without a lock, as it calls methods of the app's values.
func (t *tree) Write(line []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if head, rest, ok := bytes.Cut(line, []byte{keptMark}); ok {
		id, tail, _ := bytes.Cut(rest, []byte{keptMark})
		if it := t.kept[string(id)]; it != nil {
			it.head, it.tail = string(head), string(tail)
			return len(line), nil
		}
	}
	t.clear()
	return t.out.Write(line)
}

// keptMark encloses the number of an item where its text will be. It is in nothing else that was
// cleaned.
const keptMark = 0

// keep returns the message that stands for an item until release is called.
func (t *tree) keep(it *treeItem) (message string, release func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines++
	id := strconv.FormatUint(t.lines, 10)
	t.kept[id] = it
	return string([]byte{keptMark}) + id + string([]byte{keptMark}), func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.kept, id)
	}
}

// A treeRoot is a root scope that is open.
type treeRoot struct {
	root    roots.Root
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
	root, ok := roots.Of(ctx)
	if !ok {
		return h.write(ctx, r)
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
			ends = root.Is(d.Depth)
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
		return t.write(t.open.Close(root.Key), &it)
	}
	st, old := t.open.FindOrOpen(root.Key, starts(root))
	err := t.started(old)
	if st == nil || !st.add(it) { // its root has ended, or has no room for it
		err = errors.Join(err, h.write(ctx, r))
	}
	return err
}

// render makes the parts of a line as tint writes them around its message.
func (h *Handler) render(ctx context.Context, it *treeItem, r slog.Record, attrs []slog.Attr) error {
	switch {
	case h.noTime:
		r.Time = time.Time{}
	case h.zoneName:
		r.Time = cleanZone(r.Time)
	}
	message, release := h.tree.keep(it)
	defer release()
	out := slog.NewRecord(r.Time, r.Level, message, r.PC)
	out.AddAttrs(h.grouped(attrs))
	return h.tint.Handle(ctx, out)
}

// starts returns what sets up a root scope that starts.
func starts(root roots.Root) func(*treeRoot) {
	return func(st *treeRoot) { st.root, st.started = root, time.Now() }
}

// started writes the root scopes that were pushed out by one that started, and sees to the progress.
func (t *tree) started(old []*treeRoot) error {
	if t.terminal {
		t.mu.Lock()
		if !t.ticking {
			t.ticking = true
			time.AfterFunc(time.Second, t.tick)
		}
		t.mu.Unlock()
	}
	return t.writeAll(old)
}

// writeAll writes root scopes as far as they are known, and returns the first error.
func (t *tree) writeAll(all []*treeRoot) (first error) {
	for _, st := range all {
		if err := t.write(st, nil); first == nil {
			first = err
		}
	}
	return first
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
	defer func() { _ = recover() }() // of a writer: nobody is there to be told
	var oldest *treeRoot
	for _, st := range t.open.All() {
		if oldest == nil || st.started.Before(oldest.started) {
			oldest = st
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	if t.ticking = t.open.Len() > 0; t.ticking { // also of what was opened meanwhile, and saw it ticking
		time.AfterFunc(time.Second, t.tick)
	}
	if oldest == nil {
		return
	}
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
	root, ok := roots.Of(ctx)
	if !ok {
		return
	}
	if root.Is(s.Depth) {
		_ = h.tree.started(h.tree.open.Open(root.Key, starts(root))) // its error is that of a line of another root
	} else if st := h.tree.open.Find(root.Key); st != nil {
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
	return h.tree.writeAll(h.tree.open.CloseAll())
}

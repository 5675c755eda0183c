package tailsample

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/internal/roots"
)

// A verdict is what becomes of a trace.
type verdict int

const (
	undecided verdict = iota
	keep
	drop
	keepByChance // by the first share; one more by the second, and so on
)

// A trace is what has happened in a root scope so far.
type trace struct {
	root    roots.Root
	started time.Time

	mu      sync.Mutex // guards what follows
	verdict verdict
	judging bool // before the root has ended: what Options.Keep logs only waits
	failed  bool
	rate    float64 // at which the records come; 0: not sampled
	running int     // without trace ids: inner scopes that have started and not ended, as far as is known
	waiting int
	first   *chunk // nil: none wait
	last    *chunk
}

// A late trace is one whose root has ended before scopes inside.
type late struct {
	*trace
	ended time.Time
}

// A lateKey is that of a late trace. It does not tell the table that the root has ended, which would
// close it.
type lateKey struct{ root roots.Key }

// An item is a record that waits.
type item struct {
	ctx    context.Context
	record slog.Record
	by     *Handler
}

// A chunk has room for a few records. Chunks are used again: a list that grows would be most of
// what a trace allocates.
type chunk struct {
	items [4]item
	n     int
	next  *chunk
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// An arrival is what matters of a record that comes.
type arrival struct {
	failed bool
	ended  bool    // the record is that of an inner scope, whose start was told
	rate   float64 // at which it was sampled before; 0: it was not
}

// add keeps a record, and says what was decided before, or that the trace is full.
func (t *trace) add(h *Handler, ctx context.Context, r slog.Record, in arrival) (v verdict, full bool) {
	if v := t.note(in); v != undecided {
		return v, false
	}
	r = retain.Record(r).Clone() // calls methods of values, so not under the lock
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.verdict != undecided {
		return t.verdict, false
	}
	if t.last == nil || t.last.n == len(t.last.items) {
		c := chunks.Get().(*chunk)
		if t.last == nil {
			t.first = c
		} else {
			t.last.next = c
		}
		t.last = c
	}
	t.last.items[t.last.n] = item{ctx, r, h}
	t.last.n++
	t.waiting++
	h.waiting.Add(1)
	return undecided, t.waiting >= h.opts.MaxRecords
}

func (t *trace) note(in arrival) verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	if in.ended {
		t.running = max(0, t.running-1)
	}
	t.failed = t.failed || in.failed
	if in.rate > 0 {
		t.rate = in.rate
	}
	return t.verdict
}

// open reports whether inner scopes have not ended.
func (t *trace) open() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running > 0
}

// decide decides on a trace and hands its records on. End is the event of its root, or nil if
// that has not ended. The error joins those of the records.
func (h *Handler) decide(ctx context.Context, t *trace, end *slog.Record) error {
	age := time.Duration(0)
	if end == nil && !t.started.IsZero() {
		age = time.Since(t.started)
	}
	t.mu.Lock()
	if t.judging && end == nil {
		t.mu.Unlock()
		return nil
	}
	t.judging = end == nil
	t.mu.Unlock()
	v, count := h.judge(ctx, t, end, age)
	t.mu.Lock()
	t.judging = false
	if t.verdict != undecided { // another goroutine was quicker
		t.mu.Unlock()
		return nil
	}
	if t.failed && v != keep { // since it was judged
		v, count = keep, &h.core.failed
	}
	t.verdict = v
	first, left := t.first, t.waiting
	t.first, t.last, t.waiting = nil, nil, 0
	t.mu.Unlock()
	count.Add(1)
	if v == keep && t.root.TraceID != "" {
		h.kept.Open(t.root.TraceID, func(c **atomic.Int64) { *c = count })
	}
	if end == nil {
		h.early.Add(1)
	}
	h.waiting.Add(-int64(left))
	var errs []error
	defer func() { h.failures.Add(int64(left)) }() // the next handler ended the goroutine
	for c := first; c != nil; {
		for i := range c.items[:c.n] {
			left--
			it := &c.items[i]
			it.ctx = retain.Context(it.ctx)
			if err := h.hand(v, false, it); err != nil && len(errs) < 8 {
				errs = append(errs, err)
			}
		}
		done := c
		c = c.next
		clear(done.items[:done.n])
		done.n, done.next = 0, nil
		chunks.Put(done)
	}
	return errors.Join(errs...)
}

// hand gives a record to where a verdict sends it. A failure is not dropped.
func (h *Handler) hand(v verdict, failed bool, it *item) error {
	to := it.by.out.next
	switch {
	case v >= keepByChance && !failed && h.opts.Rest == nil:
		to = it.by.out.rated[v-keepByChance]
	case v == drop && !failed:
		h.recordsDropped.Add(1)
		if to = it.by.out.rest; to == nil {
			return nil
		}
		return h.guarded(to, it)
	}
	h.recordsKept.Add(1)
	return h.guarded(to, it)
}

// guarded makes an error of a panic, for the sake of the records that follow.
func (h *Handler) guarded(to slog.Handler, it *item) (err error) {
	forward.Guard(func() error {
		if !to.Enabled(it.ctx, it.record.Level) { // Rest, maybe
			return nil
		}
		return to.Handle(it.ctx, it.record)
	}, func(e error) {
		if err = e; err != nil {
			h.failures.Add(1)
		}
	})
	return err
}

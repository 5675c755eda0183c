package tailsample

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// A verdict is what becomes of a trace.
type verdict uint8

const (
	undecided verdict = iota
	keep
	keepByChance
	drop
)

// A trace is what has happened in a root scope so far.
type trace struct {
	root    roots.Root
	started time.Time

	mu      sync.Mutex // guards what follows
	verdict verdict
	failed  bool
	rate    float64 // at which the records come; 0: not sampled
	running int     // without trace ids: inner scopes that have started and not ended, as far as is known
	items   []item
}

// A late trace is one whose root has ended before scopes inside.
type late struct {
	*trace
	ended time.Time
}

// An item is a record that waits.
type item struct {
	ctx    context.Context
	record slog.Record
	out    outputs
}

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
	t.items = append(t.items, item{ctx, r, h.out})
	h.waiting.Add(1)
	return undecided, len(t.items) >= h.opts.MaxRecords
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
	v, count := h.judge(ctx, t, end, age)
	t.mu.Lock()
	if t.verdict != undecided { // another goroutine was quicker
		t.mu.Unlock()
		return nil
	}
	if t.failed && v != keep { // since it was judged
		v, count = keep, &h.core.failed
	}
	t.verdict = v
	items := t.items
	t.items = nil
	t.mu.Unlock()
	count.Add(1)
	if v == keep && t.root.TraceID != "" {
		h.kept.Open(t.root.TraceID, func(c **atomic.Int64) { *c = count })
	}
	if end == nil {
		h.early.Add(1)
	}
	h.waiting.Add(-int64(len(items)))
	var errs []error
	next := 0
	defer func() { h.failures.Add(int64(len(items) - next)) }() // the next handler ended the goroutine
	for next < len(items) {
		it := items[next]
		next++
		it.ctx = retain.Context(it.ctx)
		if err := h.hand(v, false, it); err != nil && len(errs) < 8 {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// judge returns the verdict on a trace, and where it is counted.
func (h *Handler) judge(ctx context.Context, t *trace, end *slog.Record, age time.Duration) (verdict, *atomic.Int64) {
	c := h.core
	t.mu.Lock()
	failed, rate := t.failed, t.rate
	t.mu.Unlock()
	var timing event.Timing
	if end != nil {
		timing.DecodeFrom(end)
		rate = timing.SampleRate
	} else {
		ctx, timing = t.soFar(age)
		failed = failed || timing.Error != ""
	}
	slow := c.opts.SlowerThan > 0 && timing.Duration > c.opts.SlowerThan
	if end != nil && c.opts.Slowest > 0 && c.opts.Slowest < 1 {
		slow = c.routes.slow(timing.Scope, timing.Duration.Seconds(), c.opts.Slowest) || slow
	}
	asked := false
	for i := range timing.Attrs {
		a := &timing.Attrs[i]
		asked = asked || a.Key == KeyKeep && a.Value.Kind() == slog.KindBool && a.Value.Bool()
	}
	asked = asked || c.opts.Keep != nil && h.keeps(ctx, timing)
	switch {
	case failed:
		return keep, &c.failed
	case slow:
		return keep, &c.slow
	case asked:
		return keep, &c.asked
	}
	if timing.ParentSpanID != "" || end == nil { // other roots can be of the same trace
		if count := c.keptBefore(t.root.TraceID); count != nil {
			return keep, count
		}
	}
	switch {
	case h.byChance(t.root.TraceID, rate):
		return keepByChance, &c.chance
	}
	return drop, &c.dropped
}

// soFar is what is known of a root that has not ended, and its context.
func (t *trace) soFar(age time.Duration) (context.Context, event.Timing) {
	ctx, _ := t.root.Key.(context.Context)
	state, _ := slogtel.Root(ctx).State()
	return retain.Context(ctx), event.Timing{
		Scope: cmp.Or(state.Scope, t.root.Path), Depth: t.root.Depth, TraceID: t.root.TraceID, SpanID: t.root.SpanID, Duration: age, Error: state.Failure,
		Attrs: slices.DeleteFunc(state.Attrs, func(a slog.Attr) bool { // the app may be changing what these point to
			return a.Value.Kind() == slog.KindAny || a.Value.Kind() == slog.KindLogValuer || a.Value.Kind() == slog.KindGroup
		}),
	}
}

// keptBefore returns where it is counted that a trace with that id was kept for a reason, or nil.
func (h *core) keptBefore(traceID string) *atomic.Int64 {
	if traceID == "" {
		return nil
	}
	if count := h.kept.Find(traceID); count != nil {
		return *count
	}
	return nil
}

// keeps calls Options.Keep.
func (h *core) keeps(ctx context.Context, root event.Timing) (keep bool) {
	defer func() {
		if v := recover(); v != nil {
			keep = true
			h.tell(ctx, fmt.Errorf("tailsample: Options.Keep: panic: %v", v))
		}
	}()
	return h.opts.Keep(ctx, root)
}

// byChance reports whether a trace is among the share that is kept. Rate is that at which it
// was kept before, or 0 for 1.
func (h *core) byChance(traceID string, rate float64) bool {
	share := h.opts.Rate
	if share <= 0 {
		return false
	}
	if bits, ok := tally.TraceBits(traceID); ok {
		if rate > 0 {
			share *= rate
		}
		return bits >= tally.Threshold(max(share, tally.MinRate))
	}
	return rand.Float64() < max(share, tally.MinRate)
}

// routes knows how long roots took, by their path.
type routes struct {
	mu     sync.Mutex
	byPath map[string]*sketch.Sketch
}

const (
	maxRoutes  = 1000
	leastRoots = 100

	// margin is for the error of the sketch, of 1 %: a time that is usual is not slow.
	margin = 1.011
)

// slow reports whether a root took longer than the quantile of those before it, and adds it to them.
func (r *routes) slow(path string, seconds, quantile float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.byPath[path]
	if s == nil {
		if len(r.byPath) >= maxRoutes {
			return false
		}
		if r.byPath == nil {
			r.byPath = make(map[string]*sketch.Sketch)
		}
		s = new(sketch.Sketch)
		r.byPath[path] = s
	}
	slow := s.Count() >= leastRoots && seconds > s.Quantile(quantile)*margin
	s.Add(seconds)
	return slow
}

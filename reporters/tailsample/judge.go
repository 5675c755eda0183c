package tailsample

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/glob"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// A share of the traces with roots of some paths is kept.
type share struct {
	paths glob.Pattern
	rate  float64 // zero and less: none
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
	slow = c.slowest(timing.Scope, timing.Duration, end != nil) || slow
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
	// Other roots can be of the same trace, or this one was pushed out before.
	if timing.ParentSpanID != "" || end == nil || t.started.IsZero() {
		if count := c.keptBefore(t.root.TraceID); count != nil {
			return keep, count
		}
	}
	if v := h.byChance(timing.Scope, t.root.TraceID, rate); v != drop {
		return v, &c.chance
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

// byChance says whether a trace whose root has that path is among the share that is kept. Rate is
// that at which it was kept before, or 0 for 1.
func (h *core) byChance(path, traceID string, rate float64) verdict {
	i := slices.IndexFunc(h.shares, func(s share) bool { return s.paths.Matches(path) })
	share := h.shares[i].rate
	if share <= 0 {
		return drop
	}
	var kept bool
	if bits, ok := tally.TraceBits(traceID); ok {
		if rate > 0 {
			share *= rate
		}
		kept = bits >= tally.Threshold(max(share, tally.MinRate))
	} else {
		kept = rand.Float64() < max(share, tally.MinRate)
	}
	if !kept {
		return drop
	}
	return keepByChance + verdict(i)
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

// slowest reports whether a root takes longer than Options.Slowest of those that have ended before, and
// adds it to them if it has ended, too.
func (h *core) slowest(path string, took time.Duration, ended bool) bool {
	quantile := h.opts.Slowest
	if quantile <= 0 || quantile >= 1 {
		return false
	}
	r, seconds := &h.routes, took.Seconds()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.byPath[path]
	if s == nil {
		if !ended || len(r.byPath) >= maxRoutes {
			return false
		}
		if r.byPath == nil {
			r.byPath = make(map[string]*sketch.Sketch)
		}
		s = new(sketch.Sketch)
		r.byPath[path] = s
	}
	slow := s.Count() >= leastRoots && seconds > s.Quantile(quantile)*margin
	if ended {
		s.Add(seconds)
	}
	return slow
}

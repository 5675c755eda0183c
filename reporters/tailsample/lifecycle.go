package tailsample

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
)

// period is how often traces are looked at that may wait for too long.
func (h *core) period() time.Duration { return max(h.opts.MaxAge/4, time.Millisecond) }

// wind starts the timer unless it is running. It is called for each event, and then only reads.
func (h *core) wind() {
	if !h.ticking.Load() && !h.down.Load() && h.ticking.CompareAndSwap(false, true) {
		time.AfterFunc(h.period(), h.tick)
	}
}

// tick decides on traces that wait for too long.
func (h *core) tick() {
	now := time.Now()
	all := h.open.All()
	defer func() { // also if the next handler calls runtime.Goexit
		h.ticking.Store(false)
		if h.open.Len()+h.late.Len() > 0 { // also by what was opened meanwhile, and saw the timer running
			h.wind()
		}
	}()
	ctx := context.Background()
	main := &Handler{h, h.root}
	for _, t := range all {
		if now.Sub(t.started) < h.opts.MaxAge {
			continue
		}
		before := t.note(arrival{})
		h.tell(ctx, main.decide(ctx, t, nil))
		if before != undecided && t.root.Ended() { // a handler before this one has dropped its event
			h.open.Close(t.root.Key)
		}
	}
	for _, l := range h.late.All() {
		if now.Sub(l.ended) >= h.opts.MaxAge { // the events of the scopes inside may never come
			h.late.Close(lateKey{l.root.Key})
		}
	}
}

// relieve decides on the oldest traces until a quarter of what may wait is free again. It decides
// on t alone while another goroutine does that: the next handler may block.
func (h *Handler) relieve(ctx context.Context, t *trace) error {
	if !h.relieving.CompareAndSwap(false, true) {
		return h.decide(ctx, t, nil)
	}
	defer h.relieving.Store(false)
	all := h.open.All()
	slices.SortFunc(all, func(a, b *trace) int { return a.started.Compare(b.started) })
	main := &Handler{h.core, h.core.root}
	for _, t := range all {
		if h.waiting.Load() <= int64(h.opts.MaxWaiting)/4*3 {
			return nil
		}
		h.tell(ctx, main.decide(context.WithoutCancel(ctx), t, nil))
	}
	return nil
}

// tell reports an error that no call of Handle can return.
func (h *core) tell(ctx context.Context, err error) {
	if err == nil {
		return
	}
	defer func() { _ = recover() }() // a panic in OnError is the last thing that may hurt the app
	if h.opts.OnError != nil {
		h.opts.OnError(ctx, err)
		return
	}
	h.mu.Lock()
	quiet := time.Since(h.lastTold) < time.Minute
	if !quiet {
		h.lastTold = time.Now()
	}
	h.mu.Unlock()
	if !quiet {
		slog.Default().ErrorContext(ctx, "tailsample: the next handler failed", "error", err)
	}
}

// Flush flushes the next handler, and Rest. Traces that are open wait on.
func (h *Handler) Flush(ctx context.Context) error {
	return errors.Join(forward.Flush(ctx, h.root.next), forward.Flush(ctx, h.root.rest))
}

// Shutdown decides on the traces that are open, by what is known of them, and shuts the next
// handler and Rest down, or flushes them. Later records are decided on by the trace id alone.
func (h *Handler) Shutdown(ctx context.Context) error {
	ctx = forward.Context(ctx)
	h.down.Store(true)
	main := &Handler{h.core, h.root}
	var errs []error
	for _, t := range h.open.CloseAll() {
		errs = append(errs, main.decide(ctx, t, nil))
	}
	errs = append(errs, forward.Shutdown(ctx, h.root.next), forward.Shutdown(ctx, h.root.rest))
	return errors.Join(errs...)
}

// Stats returns the counts so far, of h and the handlers that share them.
func (h *Handler) Stats() Stats {
	c := h.core
	return Stats{
		Open: c.open.Len(), Waiting: c.waiting.Load(),
		Failed: c.failed.Load(), Slow: c.slow.Load(), Asked: c.asked.Load(), Chance: c.chance.Load(),
		Dropped: c.dropped.Load(), Early: c.early.Load(),
		RecordsKept: c.recordsKept.Load(), RecordsDropped: c.recordsDropped.Load(),
		Late: c.lateRecords.Load(), Errors: c.failures.Load(),
	}
}

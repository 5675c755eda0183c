package async

import (
	"context"
	"fmt"
	"slices"

	"github.com/slogtel/telemetry/internal/forward"
)

// A flushCall is a call of Flush that waits for the worker.
type flushCall struct {
	ctx    context.Context
	target int64 // all positions below it are to be handled
	reply  chan error
}

// Flush waits until all that was queued before the call has been handled, or dropped,
// and the next handler has been flushed, if it can be. When ctx ends first, its cause is
// in the error, and what is queued stays so. After Shutdown it returns what that did.
//
// It is the worker that flushes the next handler, so that a queue never has a second
// goroutine that could block.
func (a *Handler) Flush(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	q := a.queue
	if q.onWorker() {
		return ErrReentrant
	}
	f := &flushCall{ctx: ctx, reply: make(chan error, 1)}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return q.down.wait(ctx)
	}
	f.target = q.accepted
	q.flushes = append(q.flushes, f)
	q.flushing.Add(1)
	q.wakeAt = neverWake
	q.mu.Unlock()
	q.wakeUp()
	select {
	case err := <-f.reply:
		return err
	case <-ctx.Done():
	}
	q.takeFlushes(func(g *flushCall) bool { return g == f })
	select {
	case err := <-f.reply:
		return err
	default:
		return fmt.Errorf("async: flushing: %w", context.Cause(ctx))
	}
}

// takeFlushes takes those that are chosen off the list.
func (q *queue) takeFlushes(chosen func(*flushCall) bool) (taken []*flushCall) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flushes = slices.DeleteFunc(q.flushes, func(f *flushCall) bool {
		if !chosen(f) {
			return false
		}
		taken = append(taken, f)
		return true
	})
	q.flushing.Store(int64(len(q.flushes)))
	return taken
}

// flushUpTo does the flushes for which all below pos must have been handled. The worker
// calls it.
func (q *queue) flushUpTo(pos int64) {
	for { // one at a time: those that are left get their reply, also when this one ends the goroutine
		one := false
		due := q.takeFlushes(func(f *flushCall) bool {
			first := !one && f.target <= pos
			one = one || first
			return first
		})
		if len(due) == 0 {
			return
		}
		if due[0].ctx.Err() == nil { // else nobody waits any more
			q.flushNext(due[0])
		}
	}
}

// flushNext flushes the next handler and replies, even if that ends the goroutine.
func (q *queue) flushNext(f *flushCall) {
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = forward.PanicError(v)
		}
		f.reply <- err
	}()
	err = forward.Flush(f.ctx, q.root)
}

// A down is the end of a queue.
type down struct {
	ctx     context.Context // of the call that brought it about
	called  bool            // next's Shutdown
	nextErr error           // what that returned
	done    chan struct{}   // closed when err is known
	err     error
}

func (d *down) wait(ctx context.Context) error {
	select {
	case <-d.done:
		return d.err
	default:
	}
	select {
	case <-d.done:
		return d.err
	case <-ctx.Done():
		return fmt.Errorf("async: shutdown is not done: %w", context.Cause(ctx))
	}
}

// Shutdown takes no more records, hands on those that are queued, and reports the last
// losses. Then it calls the next handler's Shutdown, or else its Flush, if there is one,
// and ends the worker. When ctx ends first, what is still queued is given up: the error
// says how many records were lost, and how many are in the hands of the next handler,
// whose fate is not known.
//
// No goroutine is left, but for the worker if the next handler does not return. When it
// does, after all, its own Shutdown is called (with the ctx that has ended), and the
// worker ends.
//
// Only the first call does that. Later ones wait for it, each within its own ctx, and
// return what it returned.
func (a *Handler) Shutdown(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	q := a.queue
	if q.onWorker() {
		return ErrReentrant
	}
	q.mu.Lock()
	first := !q.closed
	if first {
		q.closed = true
		q.down.ctx = ctx
		q.refuse.Store(true)
		q.wakeAt = neverWake
		q.freed()
	}
	q.mu.Unlock()
	if !first {
		return q.down.wait(ctx)
	}
	q.wakeUp()
	select {
	case <-q.done:
		q.down.err = q.down.nextErr
	case <-ctx.Done():
		select {
		case <-q.done:
			q.down.err = q.down.nextErr
		default:
			q.down.err = q.abandon(context.Cause(ctx))
		}
	}
	close(q.down.done)
	return q.down.err
}

// abandon gives up what is queued.
func (q *queue) abandon(cause error) error {
	q.mu.Lock()
	begun := q.claimed.Or(abandoned)
	q.lost = q.accepted - q.evicted - begun
	inHand := begun - q.handled.Load() - q.failed.Load() - q.panicked.Load()
	lost := q.lost
	q.first, q.last, q.free, q.n = nil, nil, nil, 0
	q.mu.Unlock()
	for _, f := range q.takeFlushes(func(*flushCall) bool { return true }) {
		f.reply <- fmt.Errorf("async: flushing a queue that was shut down: %w", cause)
	}
	switch {
	case lost > 0 || inHand > 0:
		return fmt.Errorf("async: shutting down: %d records lost, and %d still in the hands of the next handler: %w", lost, inHand, cause)
	default:
		return fmt.Errorf("async: shutting down: no records lost; the next handler is not done: %w", cause)
	}
}

// shutdownNext ends the next handler. The worker calls it last.
func (q *queue) shutdownNext() {
	if q.down.called {
		return // it ended the goroutine
	}
	q.down.called, q.down.nextErr = true, errGoexit
	defer func() {
		if v := recover(); v != nil {
			q.down.nextErr = forward.PanicError(v)
		}
	}()
	q.down.nextErr = forward.Shutdown(q.down.ctx, q.root)
}

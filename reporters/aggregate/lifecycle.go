package aggregate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/forward"
)

var (
	errNotSent = errors.New("aggregate: summaries were not sent in time")
	errGoexit  = errors.New("panic: runtime.Goexit was called")
)

// Stats counts what a [Handler] has done.
type Stats struct {
	Series     int   // in the current interval
	Summaries  int64 // sent
	Events     int64 // in the summaries sent, as they came and not scaled up
	Passed     int64 // failed and slow timings passed on; summaries count them, too
	Overflowed int64 // events of past intervals summed up under OverflowScope
	LostEvents int64 // in summaries on which the next handler failed, panicked or called runtime.Goexit
	Errors     int64 // records of any kind on which it failed or panicked
}

type counts struct {
	summaries, events, passed, overflowed, lost, errors atomic.Int64
}

// Stats returns the counts so far, of a and the handlers that share them.
func (a *Handler) Stats() Stats {
	c := a.core
	s := Stats{
		Summaries:  c.counts.summaries.Load(),
		Events:     c.counts.events.Load(),
		Passed:     c.counts.passed.Load(),
		Overflowed: c.counts.overflowed.Load(),
		LostEvents: c.counts.lost.Load(),
		Errors:     c.counts.errors.Load(),
	}
	if t := c.table.Load(); t != nil {
		s.Series = len(t.List()) + len(t.overflow.List())
	}
	return s
}

// request asks the goroutine for a flush.
type request struct {
	ctx  context.Context
	done chan error // buffered
}

// Flush ends the interval early: it sends the summaries, and flushes the next handler. It
// waits for that, or for ctx. The error says how many summaries were lost, and why the first
// one was. The next handler must not call Flush or Shutdown while it handles a summary: they
// would wait for each other until ctx is done.
func (a *Handler) Flush(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	c := a.core
	if ctx.Err() != nil {
		return c.late(ctx)
	}
	r := request{ctx: ctx, done: make(chan error, 1)}
	select {
	case c.requests <- r:
	case <-c.done:
		return guardedCall(ctx, c.flushNext)
	case <-ctx.Done():
		return c.late(ctx)
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return c.late(ctx)
	}
}

// Shutdown sends the summaries of the last interval, shuts the next handler down, or
// flushes it, and ends the goroutine. It waits for that, or for ctx: then the error says
// what was not sent, and the goroutine goes on until it is. Later events pass as they are.
// Only the first call does anything; others wait for it and return its error.
func (a *Handler) Shutdown(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	c := a.core
	c.stopOnce.Do(func() { c.stop <- ctx })
	select {
	case <-c.done:
		return c.downErr
	default:
	}
	select {
	case <-c.done:
		return c.downErr
	case <-ctx.Done():
		return c.late(ctx)
	}
}

// late is the error of a call that ctx has ended.
func (c *aggregator) late(ctx context.Context) error {
	n := c.unsent.Load()
	if t := c.table.Load(); t != nil {
		n += int64(len(t.List()) + len(t.overflow.List()))
	}
	return fmt.Errorf("%w: %d of them: %w", errNotSent, n, context.Cause(ctx))
}

func (c *aggregator) flushNext(ctx context.Context) error { return forward.Flush(ctx, c.next) }

func (c *aggregator) shutdownNext(ctx context.Context) error { return forward.Shutdown(ctx, c.next) }

// apart calls f on a goroutine of its own, which f may end, and waits for that.
func apart(ctx context.Context, f func(context.Context) error) error {
	err := errGoexit
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = guardedCall(ctx, f)
	}()
	<-done
	return err
}

// guardedCall makes an error of a panic.
func guardedCall(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = forward.PanicError(v)
		}
	}()
	return f(ctx)
}

package slogtel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"
)

type (
	flusher    interface{ Flush(context.Context) error }
	shutdowner interface{ Shutdown(context.Context) error }
)

// Flush calls the method Flush(context.Context) error of each reporter that has one, all at
// once, and waits for them or for ctx. The error joins a [*ReporterError] for each that
// failed, panicked, or was not done when ctx ended. A reporter behind a middleware that does
// not pass Flush on is not reached: give it to [New] directly, or flush it yourself.
func (t *Telemetry) Flush(ctx context.Context) error {
	if !t.Enabled() {
		return nil
	}
	return errors.Join(t.core.each(ctx, flushOf)...)
}

func flushOf(h slog.Handler) func(context.Context) error {
	if f, ok := h.(flusher); ok {
		return f.Flush
	}
	return nil
}

func shutdownOf(h slog.Handler) func(context.Context) error {
	if s, ok := h.(shutdowner); ok {
		return s.Shutdown
	}
	return nil
}

// Shutdown turns t into a no-op, flushes all reporters, as [Telemetry.Flush] does, and then
// calls the method Shutdown(context.Context) error of each reporter that has one, once. All
// are flushed before the first is shut down, as two reporters may end in the same file. Where
// ctx has a deadline, the flushing has half of the time. The error is as that of Flush; of a
// reporter that failed in both it has that of Shutdown. That Flush was late is no error where
// Shutdown succeeded.
//
// Scopes that are still open end without an event. An event that is under way on another
// goroutine may still reach its reporters. Only the first call does all that. Later ones wait
// for it, each within its own ctx, and return what it returned.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil || t.core == nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	c := t.core
	if c.closed.Swap(true) {
		select {
		case <-c.down:
			return c.downErr
		case <-ctx.Done():
			return fmt.Errorf("slogtel: shutting down goes on: %w", context.Cause(ctx))
		}
	}
	defer close(c.down)
	c.downErr = c.shutdown(ctx)
	return c.downErr
}

func (c *core) shutdown(ctx context.Context) error {
	flushing := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		flushing, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	errs := c.each(flushing, flushOf)
	seen := make(map[slog.Handler]bool)
	down := c.each(ctx, func(h slog.Handler) func(context.Context) error {
		if reflect.ValueOf(h).Comparable() {
			if seen[h] {
				return nil
			}
			seen[h] = true
		}
		return shutdownOf(h)
	})
	for i, g := range c.reporters {
		// What Flush could not do in its half of the time, Shutdown did. Any other error of Flush is a loss.
		late := flushing.Err() != nil && errors.Is(errs[i], context.Cause(flushing))
		if down[i] != nil || late && shutdownOf(g.reporter.handler) != nil {
			errs[i] = down[i]
		}
	}
	return errors.Join(errs...)
}

// each runs a method of all reporters at once, within ctx, and returns their errors.
func (c *core) each(ctx context.Context, method func(slog.Handler) func(context.Context) error) []error {
	if ctx == nil {
		ctx = context.Background()
	}
	var (
		mu   sync.Mutex
		errs = make([]error, len(c.reporters))
		wg   sync.WaitGroup
	)
	for i, g := range c.reporters {
		r := g.reporter
		call := method(r.handler)
		if call == nil {
			continue
		}
		errs[i] = &ReporterError{Reporter: r.name, Err: errUnfinished} // until it is done
		wg.Go(func() {
			err := guarded(ctx, call)
			mu.Lock()
			defer mu.Unlock()
			errs[i] = nil
			if err != nil {
				errs[i] = &ReporterError{Reporter: r.name, Err: err}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	for i, err := range errs {
		if errors.Is(err, errUnfinished) {
			errs[i] = &ReporterError{Reporter: c.reporters[i].reporter.name, Err: fmt.Errorf("not done in time: %w", context.Cause(ctx))}
		}
	}
	return slices.Clone(errs) // one that is not done may still write to the original
}

var errUnfinished = errors.New("unfinished")

func guarded(ctx context.Context, call func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return call(ctx)
}

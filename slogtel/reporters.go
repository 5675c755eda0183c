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

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// A ScopeWatcher is a reporter that also wants to know when a scope opens, before
// its work begins: progress displays and checks for scopes left open need it. It is
// told of each scope whose timing event some reporter is enabled for, on the app's
// goroutine, and must be quick; a panic in it is an [EventError].
//
// A handler that only passes the news on may have a method WatchesScopes() bool: where
// it returns false, which New asks once, there is nobody to pass it on to.
type ScopeWatcher interface {
	slog.Handler
	ScopeStarted(ctx context.Context, s scope.Info)
}

// RetainsRecords reports whether h may use a record, or a copy of it, after Handle has
// returned. It may, unless it has a method RetainsRecords() bool that returns false. The
// handlers of log/slog that write JSON and text do not retain records. Attributes and their
// values may always be kept. A struct that embeds a handler with the method counts as one
// that retains, as the method may be that handler's; a named field avoids that.
//
// [New] asks each of its reporters once. Where none retains records, the memory of a
// record's attributes is used again for other events, and recording allocates less. The
// method of a middleware returns what RetainsRecords says of the next handler.
func RetainsRecords(h slog.Handler) bool { return forward.Retains(h) }

// Stats counts what a Telemetry could not do as it was asked to.
type Stats struct {
	EventErrors int64 // events rejected or changed: each was an [EventError]
	Reporters   []ReporterStats
}

// ReporterStats counts the errors and panics of one reporter.
type ReporterStats struct {
	Name   string // as in [ReporterError]
	Errors int64
}

// reporter is one of New's handlers, with its own error count.
type reporter struct {
	handler slog.Handler
	name    string
	limiter limiter
	errors  *errorSink
}

// addReporters builds the fan-out and reports whether there is anyone to report to.
func (c *core) addReporters(handlers []slog.Handler) bool {
	var guards []slog.Handler
	for i, h := range handlers {
		if h == nil {
			continue
		}
		r := &reporter{handler: h, name: fmt.Sprintf("#%d %s", i, typeName(h)), errors: &c.errors}
		recovery := slogmulti.RecoverHandlerError(r.recovered)(h).(*slogmulti.HandlerErrorRecovery)
		g := &guard{recovery, r}
		c.reporters, guards = append(c.reporters, g), append(guards, g)
		c.retained = c.retained || RetainsRecords(h)
		if forward.Watches(h) {
			c.watchers = append(c.watchers, h.(ScopeWatcher))
		}
	}
	switch len(guards) {
	case 0:
		return false
	case 1: // the record is nobody else's, so it need not be cloned as Fanout does
		c.handler = guards[0]
	default:
		c.handler = slogmulti.Fanout(guards...)
	}
	c.tellDeaf()
	return true
}

// typeName returns the type of a reporter: behind middleware of ours, which has a method
// Unwrap, and [NewHandler] it is that of the reporter itself.
func typeName(h slog.Handler) string {
	const most = 32 // in case that one unwraps to itself
	for range most {
		if r, ok := h.(*reporterHandler); ok && r.to != nil {
			return fmt.Sprintf("%T", r.to)
		}
		w, ok := h.(interface{ Unwrap() slog.Handler })
		if !ok {
			break
		}
		next := unwrap(w)
		if next == nil {
			break
		}
		h = next
	}
	return fmt.Sprintf("%T", h)
}

// unwrap returns nil where w panics, as one that is a nil pointer does.
func unwrap(w interface{ Unwrap() slog.Handler }) (next slog.Handler) {
	defer func() { _ = recover() }()
	return w.Unwrap()
}

// recovered is told by slog-multi of an error or a panic in Handle.
func (r *reporter) recovered(ctx context.Context, rec slog.Record, err error) {
	path := ""
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == KeyScope && a.Value.Kind() == slog.KindString {
			path = a.Value.String()
		}
		return path == ""
	})
	if inPanicOf(".(*HandlerErrorRecovery).Handle") {
		err = panicked(err)
	}
	r.fail(ctx, path, err)
}

func (r *reporter) fail(ctx context.Context, path string, err error) {
	r.errors.report(ctx, &ReporterError{Reporter: r.name, Scope: path, Err: err}, &r.limiter)
}

// guard is what the fan-out sees of a reporter. slog-multi recovers what happens
// in Handle (and the embedded pointer makes that a tail call); the guard adds Enabled.
type guard struct {
	*slogmulti.HandlerErrorRecovery
	reporter *reporter
}

func (g *guard) Enabled(ctx context.Context, l slog.Level) (enabled bool) {
	defer func() {
		if v := recover(); v != nil {
			g.reporter.fail(ctx, "", panicked(v))
			enabled = false
		}
	}()
	return g.reporter.handler.Enabled(ctx, l)
}

// enabled reports whether any reporter is enabled. It asks the one first that was the
// last time: the fan-out asks them all once more.
func (c *core) enabled(ctx context.Context, level slog.Level) bool {
	last := int(c.wanting.Load())
	if c.reporters[last].Enabled(ctx, level) {
		return true
	}
	for i, g := range c.reporters {
		if i != last && g.Enabled(ctx, level) {
			c.wanting.Store(int32(i))
			return true
		}
	}
	return false
}

// started tells the watchers of an opened scope.
func (c *core) started(ctx context.Context, info scope.Info) {
	for _, w := range c.watchers {
		func() {
			defer func() {
				if v := recover(); v != nil {
					c.errors.event(ctx, &EventError{Scope: info.Path, Err: fmt.Errorf("ScopeStarted of %T: %w", w, panicked(v))})
				}
			}()
			w.ScopeStarted(ctx, info)
		}()
	}
}

// Stats returns the counts so far. A Telemetry that is off has none.
func (t *Telemetry) Stats() Stats {
	var s Stats
	if t == nil || t.core == nil {
		return s
	}
	s.EventErrors = t.core.errors.events.count.Load()
	for _, g := range t.core.reporters {
		s.Reporters = append(s.Reporters, ReporterStats{g.reporter.name, g.reporter.limiter.count.Load()})
	}
	return s
}

type (
	flusher    interface{ Flush(context.Context) error }
	shutdowner interface{ Shutdown(context.Context) error }
)

// Flush calls Flush(context.Context) error of each reporter that has such a
// method, all at once, and waits for them or for ctx. The error joins one
// [*ReporterError] for each that failed, panicked or was not done when ctx was. A
// reporter wrapped in a middleware that does not pass Flush on is not reached:
// give it to [New] directly, or flush it yourself.
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

// Shutdown turns t, and every Telemetry derived from it, into a no-op; scopes
// still open end without an event, and an event that is under way on another
// goroutine may still reach its reporters. Then it flushes all reporters, as
// [Telemetry.Flush] does, and only then calls Shutdown(context.Context) error of each
// that has such a method, once: two reporters may end in the same file, which the first
// of them shuts down. Where ctx has a deadline, the flushing has half of the time. A
// reporter with both methods fails by what its Shutdown returns. Only the first call does
// all that; later ones wait for it, each within its own ctx, and return what it returned.
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
		if shutdownOf(g.reporter.handler) != nil {
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

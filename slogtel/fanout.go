package slogtel

import (
	"context"
	"fmt"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// A ScopeWatcher is a reporter that is also told when a scope opens, before its work begins.
// Progress displays and checks for scopes left open need that. It is told of each scope whose
// timing event some reporter is enabled for. ScopeStarted runs on the app's goroutine and must
// be quick; a panic in it is an [EventError]. The event of a scope that was renamed has another
// path, and the same ids and context, see [Span.Rename].
//
// A handler that only passes the news on may have a method WatchesScopes() bool. [New] asks it
// once; false means that there is nobody to pass the news on to.
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

// Stats counts what went wrong in a [Telemetry]. [Telemetry.Stats] returns it.
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

// A guard is what the fan-out sees of a reporter. slog-multi recovers what happens in Handle
// (and the embedded pointer makes that a tail call); the guard adds Enabled.
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

// started tells the watchers of an opened scope, which may have ids.
func (c *core) started(ctx context.Context, n *node, ids *traceIDs) {
	info := &n.info
	if ids != nil {
		with := scopeInfo(n, *ids)
		info = &with
	}
	for _, w := range c.watchers {
		c.tell(ctx, w, info)
	}
}

func (c *core) tell(ctx context.Context, w ScopeWatcher, info *scope.Info) {
	defer func() {
		if v := recover(); v != nil {
			c.errors.event(ctx, &EventError{Scope: info.Path, Err: fmt.Errorf("ScopeStarted of %T: %w", w, panicked(v))})
		}
	}()
	w.ScopeStarted(ctx, *info)
}

// Stats returns the counts so far. Those of a Telemetry that is off are zero.
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

package slogtel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A Span is one call of a scope, from Start to End. It is safe for concurrent use and may be
// ended on any goroutine. A nil *Span is valid and does nothing, and a Span that has ended
// does nothing.
//
// The context that Start returns is the Span itself, seen through another method set. A scope
// thus costs one allocation, and 96 bytes while it is open.
type Span struct {
	root   *Span           // the outermost of its Telemetry that this one is in, or s itself
	parent context.Context // without the spans around this one, whose values this one covers
	node   *node

	mu    sync.Mutex // guards what follows
	start instant
	attrs []slog.Attr
	more  *spanMore // what few spans have; nil until needed
	outer *Span     // the one that this one was opened in; see ScopePlace
}

// ended takes the place of start.mono in a Span that has ended: a flag of its own
// would lift a Span without attributes into the next size class.
const ended = math.MinInt64

// spanMore is set up by Start, or under Span.mu.
type spanMore struct {
	ids  traceIDs
	rare *spanRare // nil until needed
}

type spanRare struct {
	profile  profiling
	failed   bool
	failure  string
	canceled bool
	renamed  *node // nil: not renamed
	viewOf   *Span // of what Rename returned, which is no span of its own; never changed
}

// A span and the memory for its first attributes are allocated together.
type (
	span1 struct {
		Span
		first [1]slog.Attr
	}
	span2 struct {
		Span
		first [2]slog.Attr
	}
	span4 struct {
		Span
		first [4]slog.Attr
	}
	spanOfTrace struct {
		Span
		first [2]slog.Attr
		more  spanMore
	}
)

func newSpan(attrs []slog.Attr) *Span {
	switch n := len(attrs); {
	case n == 0:
		return new(Span)
	case n == 1:
		s := new(span1)
		s.attrs = append(s.first[:0], attrs...)
		return &s.Span
	case n == 2:
		s := new(span2)
		s.attrs = append(s.first[:0], attrs...)
		return &s.Span
	case n <= 4:
		s := new(span4)
		s.attrs = append(s.first[:0], attrs...)
		return &s.Span
	}
	return &Span{attrs: append(make([]slog.Attr, 0, len(attrs)), attrs...)}
}

// Start opens the scope called name inside the scope of ctx, and returns a context that is in
// it. Name may have several segments: "a.b" opens one scope. The attributes go on the scope's
// timing event, which [Span.End] emits:
//
//	ctx, span := tel.Start(ctx, "plan")
//	defer span.End()
//
// A nil ctx counts as context.Background(). When t is off, Start returns ctx as it is and a nil
// Span.
func (t *Telemetry) Start(ctx context.Context, name string, attrs ...slog.Attr) (scoped context.Context, span *Span) {
	scoped = ctx // written so that the compiler inlines it
	if t != nil && t.core != nil {
		scoped, span = t.start(ctx, name, attrs)
	}
	return
}

func (t *Telemetry) start(ctx context.Context, name string, attrs []slog.Attr) (context.Context, *Span) {
	c := t.core
	if c.closed.Load() {
		return ctx, nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	in := c.enclosing(ctx)
	var s *Span
	if c.traceIDs && len(attrs) <= len(spanOfTrace{}.first) {
		traced := new(spanOfTrace)
		s = &traced.Span
		s.attrs, s.more = append(traced.first[:0], attrs...), &traced.more
	} else {
		s = newSpan(attrs)
	}
	s.node = c.child(ctx, in.node, name)
	if s.root = s; in.span != nil {
		s.root = in.span.root
	}
	s.parent = ctx
	if around, ok := ctx.(*spanContext); ok {
		s.parent = around.parent
	}
	if c.traceIDs {
		s.extra().ids = in.ids.child()
	}
	if c.withContext != nil {
		s.parent = c.seen(s.parent, s.info())
	}
	if c.profile {
		s.startProfile(in.span)
	}
	if c.watchers != nil && c.enabled(ctx, c.level.level()) {
		if !s.node.last { // of those there may be any number in one another, and none may have ended
			s.outer = in.span
		}
		var ids *traceIDs
		if c.traceIDs {
			ids = &s.more.ids
		}
		c.started(s.context(), s.node, ids)
		s.begin()
		return s.context(), s
	}
	s.start = now() // last, so that what came before is not counted as the app's work
	return s.context(), s
}

// End closes the scope and emits its timing event with the attributes given so far and these.
// The first End wins; later ones do nothing. After [Telemetry.Shutdown] no event is emitted.
//
// Where it is deferred directly, as in defer span.End(), it also sees a panic that is
// unwinding: the event has the panic as its error, and the panic goes on.
func (s *Span) End(attrs ...slog.Attr) {
	if s == nil {
		return
	}
	if v := recover(); v != nil {
		s.fail(errorText(panicError(v))) // also of context.Canceled: a panic is a failure
		s.end(attrs)
		panic(v)
	}
	s.end(attrs)
}

func (s *Span) end(attrs []slog.Attr) {
	end := int64(time.Since(processStart))
	s.mu.Lock()
	start, own, more, n := s.start, s.attrs, s.more, s.final()
	s.start.mono = ended
	s.attrs = nil
	if s.node.core.watchers != nil {
		s.outer = nil // spans that are opened in one another without end must not keep each other
	}
	s.mu.Unlock()
	if start.mono == ended {
		return
	}
	d := time.Duration(max(0, end-start.mono))
	c := s.node.core
	if more != nil && more.rare != nil {
		more.rare.profile.end()
	}
	ctx := s.context()
	level := &c.level
	if more != nil && more.rare != nil && more.rare.failed {
		level = &c.failLevel
	}
	at := level.level()
	if c.closed.Load() || !c.enabled(ctx, at) {
		clear(own)
		return
	}
	scratch := timings.Get()
	list := timing(scratch, n.seriesOf(timingKind), n.next(), start, d)
	if more != nil {
		list = more.ids.appendTiming(list)
		if rare := more.rare; rare != nil {
			if rare.failed {
				list = append(list, slog.String(KeyError, rare.failure))
			} else if rare.canceled {
				list = append(list, slog.Bool(KeyCanceled, true))
			}
		}
	}
	c.emit(ctx, at, MessageTiming, start.add(d).time(), n, scratch, list, own, attrs)
	clear(own) // the context may live on, and need not keep them
}

// emit adds the caller's attributes to ours in list, which is in scratch, hands the record
// on and frees scratch.
func (c *core) emit(ctx context.Context, level slog.Level, message string, t time.Time, n *node, scratch *slogattrs.Scratch, list, own, last []slog.Attr) {
	u := user{core: c, from: len(list), path: n.info.Path, budget: maxAttrs, timing: message == MessageTiming}
	if c.contextAttrs != nil {
		list = u.append(ctx, list, c.attrsOf(ctx, n))
	}
	list = u.append(ctx, list, own)
	list = u.append(ctx, list, last)
	var r slog.Record
	slogattrs.SetRecord(&r, t, level, message, list, c.retained)
	_ = c.handler.Handle(ctx, r) // errors were reported by reporter.recovered
	scratch.Free(len(list))
}

// SetAttrs adds attributes to the timing event, up to 1024 of them. Of a key given twice the
// last value wins. It takes the previews of package preview, too:
//
//	span.SetAttrs(previews.Attr(response))
func (s *Span) SetAttrs(attrs ...slog.Attr) {
	if s != nil {
		s.setAttrs(attrs)
	}
}

func (s *Span) setAttrs(attrs []slog.Attr) {
	s.mu.Lock()
	if s.start.mono == ended {
		s.mu.Unlock()
		return
	}
	over := false
	for _, a := range attrs {
		if empty(a) {
			continue
		}
		if a.Key != "" {
			if i := slices.IndexFunc(s.attrs, func(b slog.Attr) bool { return a.Key == b.Key }); i >= 0 {
				s.attrs[i] = a
				continue
			}
		}
		if len(s.attrs) >= maxAttrs {
			over = true
			continue
		}
		s.attrs = append(s.attrs, a)
	}
	s.mu.Unlock()
	if over {
		s.node.core.errors.event(s.context(), &EventError{Scope: s.node.info.Path, Err: ErrTooManyAttrs})
	}
}

// Fail marks the scope as failed: its event has the text of err as its error, and the level
// Options.FailLevel. A nil err is no failure. Of several failures the last one is kept.
//
// An err that is [context.Canceled], or wraps it, is no failure either: the caller no longer
// wants the result. The event has canceled, true, unless the scope failed as well. A deadline
// that was exceeded is a failure.
func (s *Span) Fail(err error) {
	if s == nil || err == nil {
		return
	}
	if isCanceled(err) { // not under the lock: it calls foreign code
		s.cancel()
		return
	}
	s.fail(errorText(err))
}

func (s *Span) fail(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.mono != ended {
		r := s.rare()
		r.failed, r.failure = true, text
	}
}

func (s *Span) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.mono != ended {
		s.rare().canceled = true
	}
}

// isCanceled is false for an error whose methods panic.
func isCanceled(err error) (canceled bool) {
	defer func() { _ = recover() }()
	return errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// errorText is err.Error(), with the URLs of each *url.Error in it shortened. It is the type of
// an error that has no text, or whose method panics, as that of a nil pointer in an interface
// does: a failure without a text would be read back as none.
func errorText(err error) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("%T: Error() panicked: %v", err, v)
		}
	}()
	if text = errtext.Of(err); text == "" {
		text = fmt.Sprintf("%T", err)
	}
	return text
}

// extra returns s.more, made if need be. Callers hold s.mu, or are Start.
func (s *Span) extra() *spanMore {
	if s.more == nil {
		s.more = new(spanMore)
	}
	return s.more
}

// rare returns s.more.rare, made if need be, under the same conditions.
func (s *Span) rare() *spanRare {
	more := s.extra()
	if more.rare == nil {
		more.rare = new(spanRare)
	}
	return more.rare
}

// Time runs fn inside the scope called name and emits its timing event. An error that fn
// returns, or a panic that it ends in, marks the event as failed, see [Span.Fail], and goes on
// to the caller. When t is off, Time only calls fn. A nil fn is an empty scope.
func (t *Telemetry) Time(ctx context.Context, name string, fn func(context.Context) error, attrs ...slog.Attr) error {
	if t == nil || t.core == nil {
		if fn == nil {
			return nil
		}
		return fn(ctx)
	}
	return t.time(ctx, name, fn, attrs)
}

func (t *Telemetry) time(ctx context.Context, name string, fn func(context.Context) error, attrs []slog.Attr) error {
	ctx, span := t.start(ctx, name, attrs)
	defer span.End()
	if fn == nil {
		return nil
	}
	err := fn(ctx)
	span.Fail(err)
	return err
}

// Do is [Telemetry.Time] for a function that also has a result. It returns that result.
func Do[T any](ctx context.Context, t *Telemetry, name string, fn func(context.Context) (T, error), attrs ...slog.Attr) (result T, err error) {
	if fn == nil {
		fn = func(context.Context) (none T, _ error) { return none, nil }
	}
	if t == nil || t.core == nil {
		return fn(ctx)
	}
	ctx, span := t.start(ctx, name, attrs)
	defer span.End()
	result, err = fn(ctx)
	span.Fail(err)
	return result, err
}

package slogtel

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/scope"
)

// FromContext returns the Telemetry whose scope ctx is in, for code that is given nothing but
// a context. It returns nil, which is off, if ctx is in no scope, or in one that
// scope.NewContext or [Extract] put there.
func FromContext(ctx context.Context) *Telemetry {
	if s := spanOf(ctx); s != nil {
		return s.node.core.tel
	}
	return nil
}

// Root returns the outermost scope that ctx is in, for attributes that belong to the whole of
// a request or a job, wherever in it they become known:
//
//	slogtel.Root(ctx).SetAttrs(slog.String("customer", id))
//
// It is a scope of the Telemetry of the innermost one. It returns nil, which does nothing, if
// ctx is in no scope, or in one that scope.NewContext or [Extract] put there. It may have ended,
// if ctx outlived it.
func Root(ctx context.Context) *Span {
	if s := spanOf(ctx); s != nil {
		return s.root
	}
	return nil
}

// spanOf returns the innermost scope that ctx is in, or nil.
func spanOf(ctx context.Context) *Span {
	if ctx == nil {
		return nil
	}
	s, ok := ctx.(*spanContext)
	if !ok {
		s, _ = ctx.Value(scope.Key{}).(*spanContext)
	}
	return (*Span)(s)
}

// spanContext is a Span seen as the context that Start returns.
type spanContext Span

var _ context.Context = (*spanContext)(nil)

func (s *Span) context() context.Context { return (*spanContext)(s) }

func (s *spanContext) Deadline() (time.Time, bool) { return s.parent.Deadline() }
func (s *spanContext) Done() <-chan struct{}       { return s.parent.Done() }
func (s *spanContext) Err() error                  { return s.parent.Err() }

func (s *spanContext) Value(key any) any {
	if _, ok := key.(scope.Key); ok {
		return s
	}
	return s.parent.Value(key)
}

// String names the scope, for those who print contexts.
func (s *spanContext) String() string {
	return fmt.Sprintf("%v.WithScope(%s)", s.parent, s.node.info.Path)
}

// ScopeInfo makes a context of ours a scope.Carrier.
func (s *spanContext) ScopeInfo() scope.Info { return (*Span)(s).info() }

// ScopeRoot tells handlers which scopes run in one root scope: those with the same key. It
// is how package internal/roots knows.
func (s *spanContext) ScopeRoot() (key any, root scope.Info) {
	r := s.root
	r.mu.Lock()
	n := r.final()
	r.mu.Unlock()
	root = r.info()
	root.Path, root.Parent, root.Depth = n.info.Path, n.info.Parent, n.info.Depth
	return (*spanContext)(r), root
}

// ScopePlace returns the depth of the scope, and the context of the one that it was opened in: nil after its end, at
// the root, in path_too_long, or if nobody watches. Package live asks it: a path does not tell which of several scopes it
// is.
func (s *spanContext) ScopePlace() (depth int, outer context.Context) {
	s.mu.Lock()
	o := s.outer
	s.mu.Unlock()
	if o != nil {
		outer = o.context()
	}
	return s.node.info.Depth, outer
}

// ScopeEnded reports whether the scope has ended. Package internal/roots asks it.
func (s *spanContext) ScopeEnded() bool { return (*Span)(s).hasEnded() }

func (s *Span) info() scope.Info {
	if s.node.core.traceIDs {
		return scopeInfo(s.node, s.more.ids) // set by Start, never changed
	}
	return scopeInfo(s.node, traceIDs{})
}

func scopeInfo(n *node, ids traceIDs) scope.Info {
	info := n.info
	info.TraceID, info.SpanID = ids.trace, ids.span
	return info
}

// A position is where in the tree of scopes a call is made.
type position struct {
	node *node
	ids  traceIDs
	span *Span // nil at the root, and in a scope that another Telemetry opened
}

// enclosing returns the scope that ctx is in, as the parent of what is recorded there.
func (c *core) enclosing(ctx context.Context) position {
	p := c.position(ctx)
	if c.traceParent != nil {
		c.adopt(ctx, p.node, &p.ids)
	}
	return p
}

func (c *core) position(ctx context.Context) position {
	s, ok := ctx.(*spanContext)
	if !ok {
		switch v := ctx.Value(scope.Key{}).(type) {
		case *spanContext:
			s = v
		case scope.Carrier:
			return c.foreign(ctx, v.ScopeInfo())
		default:
			return position{node: &c.paths.root}
		}
	}
	if s.node.core != c {
		return c.foreign(ctx, s.ScopeInfo())
	}
	p := position{node: s.node, span: (*Span)(s)}
	if c.traceIDs {
		p.ids = s.more.ids
	}
	return p
}

// seen calls Options.WithContext.
func (c *core) seen(ctx context.Context, info scope.Info) (in context.Context) {
	defer func() {
		if v := recover(); v != nil {
			c.errors.event(ctx, &EventError{Scope: info.Path, Err: fmt.Errorf("Options.WithContext: %w", panicked(v))})
			in = ctx
		}
	}()
	if in = c.withContext(ctx, info); in == nil {
		in = ctx
	}
	return in
}

// attrsOf calls Options.ContextAttrs.
func (c *core) attrsOf(ctx context.Context, n *node) (attrs []slog.Attr) {
	defer func() {
		if v := recover(); v != nil {
			c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: fmt.Errorf("Options.ContextAttrs: %w", panicked(v))})
		}
	}()
	return c.contextAttrs(ctx)
}

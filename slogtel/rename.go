package slogtel

import "context"

// Rename gives the scope another name, for one whose right name is known only while it runs,
// as the route of a request is. Its event has the last name that it was given before End.
//
// Name is a name as for Start, below the same parent. Ctx must be the context that
// [Telemetry.Start] returned with s, or be made from it.
//
// Rename returns a context for the work from here on: scopes and metrics that are recorded
// with it are below the new name. What is recorded with a context from before stays below the
// old name. So do scopes inside that were opened before, profile labels, and what
// Options.WithContext was told. Trace ids do not change, and still lead to this scope.
//
// Rename returns ctx itself when there is nothing to do: s is nil or has ended, ctx is below
// that name already, or ctx is in another scope.
func (s *Span) Rename(ctx context.Context, name string) context.Context {
	if s == nil || ctx == nil {
		return ctx
	}
	c := s.node.core
	if s.node.last || s.node.parent == nil {
		return ctx // it is path_too_long already, and so stays
	}
	n := c.child(ctx, s.node.parent, name) // not under the lock: it may call OnError
	s.mu.Lock()
	if s.start.mono == ended {
		s.mu.Unlock()
		return ctx
	}
	if s.final() != n {
		s.rare().renamed = n
	}
	more := spanMore{rare: &spanRare{viewOf: s}}
	if s.more != nil {
		more.ids = s.more.ids
	}
	s.mu.Unlock()

	in := c.position(ctx)
	if in.node == n || in.span == nil || in.span != s && in.span.isViewOf() != s {
		return ctx
	}
	if c.profile {
		more.rare.profile = profiling{outer: s.parent, around: s}
	}
	view := &Span{root: s.root, parent: ctx, node: n, start: instant{mono: ended}, more: &more}
	if around, ok := ctx.(*spanContext); ok {
		view.parent = around.parent
	}
	return view.context()
}

// isViewOf returns the span that s is a view of, or nil.
func (s *Span) isViewOf() *Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.more == nil || s.more.rare == nil {
		return nil
	}
	return s.more.rare.viewOf
}

// final is the node of the span's event. Callers hold s.mu.
func (s *Span) final() *node {
	if s.more != nil && s.more.rare != nil && s.more.rare.renamed != nil {
		return s.more.rare.renamed
	}
	return s.node
}

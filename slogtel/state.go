package slogtel

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// Current returns the innermost scope that ctx is in, for code that is given nothing but a
// context. It is nil where [Root] is, and like Root it may have ended.
func Current(ctx context.Context) *Span {
	s := spanOf(ctx)
	if s == nil {
		return nil
	}
	if of := s.isViewOf(); of != nil {
		return of // ctx is one that Rename returned
	}
	return s
}

// A SpanState is what is known of a scope that is open.
type SpanState struct {
	Scope   string    // its path, as of the last Rename
	Start   time.Time // when its work began
	Failure string    // of the last Fail; empty when there was none
	// Attrs are a copy of the list of attributes so far, as the app gave them. A value may be
	// of a type that the app goes on to change, and a LogValuer is not resolved: those who are
	// not on the app's goroutine must not look into such values.
	Attrs []slog.Attr
}

// State returns what is known of s so far, for those who show scopes that are open, and false
// if s has ended, when it has only the path, or is nil.
func (s *Span) State() (SpanState, bool) {
	if s == nil {
		return SpanState{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.mono == ended {
		return SpanState{Scope: s.final().info.Path}, false
	}
	st := SpanState{Scope: s.final().info.Path, Start: s.start.time(), Attrs: slices.Clone(s.attrs)}
	if s.start == (instant{}) {
		st.Start = time.Now() // a watcher was told, and Start has not returned yet
	}
	if s.more != nil && s.more.rare != nil && s.more.rare.failed {
		st.Failure = s.more.rare.failure
	}
	return st, true
}

// begin takes the time at which the work begins. Watchers may be reading s, and one may have ended it.
func (s *Span) begin() {
	s.mu.Lock()
	if s.start.mono != ended {
		s.start = now()
	}
	s.mu.Unlock()
}

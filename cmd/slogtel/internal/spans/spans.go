// Package spans puts the spans of one trace into a tree, each below the one that it was opened in.
package spans

import (
	"cmp"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A Span is a timing in its place, or the place of one that is not among the lines.
type Span struct {
	*events.Event         // of a missing one: Scope, SpanID, and the times of what is inside
	Missing       bool    // it is not among the lines: others say that they are inside of it
	Guessed       bool    // where it is was found by scope and time, for want of span ids
	Up            *Span   // nil at the top
	Children      []*Span // in the order in which they began
	Metrics       []*events.Event
	mark          uint8 // of cut
}

// Timed reports whether it is known when the span ran.
func (s *Span) Timed() bool { return !s.Time.IsZero() }

// A Tree is a trace.
type Tree struct {
	Top     []*Span // in the order in which they began
	Metrics []*events.Event
	Spans   []*Span // all but those that are missing
	Missing int     // spans that are not among the lines
	Guessed int     // spans and metrics that were placed by scope and time
	Same    int     // spans that have their id and scope in common with another one
	byID    map[string][]*Span
	byScope map[string][]*Span // in the order in which they began
}

// Build makes the tree of events, timings and metrics of one trace. It keeps them.
func Build(all []*events.Event) *Tree {
	t := &Tree{byID: make(map[string][]*Span), byScope: make(map[string][]*Span)}
	for _, e := range all {
		if e.Kind == events.Timing {
			t.add(&Span{Event: e})
		}
	}
	t.Spans = slices.Clip(t.Spans)
	for _, same := range t.byScope {
		slices.SortStableFunc(same, byStart)
	}
	for _, s := range t.Spans {
		s.Up, s.Guessed = t.parent(s.Event, s)
		if s.Guessed {
			t.Guessed++
		}
	}
	cut(t.Spans)
	for _, e := range all {
		if e.Kind != events.Metric {
			continue
		}
		up, guessed := t.around(e.SpanID, e.Parent, e.Time)
		if guessed {
			t.Guessed++
		}
		if up == nil {
			t.Metrics = append(t.Metrics, e)
			continue
		}
		up.Metrics = append(up.Metrics, e)
	}
	t.link()
	return t
}

func (t *Tree) add(s *Span) {
	if s.SpanID != "" {
		if slices.ContainsFunc(t.byID[s.SpanID], func(o *Span) bool { return o.Scope == s.Scope }) {
			t.Same++
		}
		t.byID[s.SpanID] = append(t.byID[s.SpanID], s)
	}
	t.Spans = append(t.Spans, s)
	t.byScope[s.Scope] = append(t.byScope[s.Scope], s)
}

// parent returns the span that s was opened in: by its id, or failing that a guess.
func (t *Tree) parent(e *events.Event, s *Span) (up *Span, guessed bool) {
	switch {
	case e.ParentSpanID != "":
		if up = t.span(e.ParentSpanID, e.Parent, s); up != nil {
			return up, false
		}
		if e.Parent == "" {
			return nil, false // called by another process
		}
		return t.missing(e.ParentSpanID, e.Parent), false
	case e.Parent == "":
		return nil, false
	case e.SpanID != "": // a span with an id whose parent has none
		return t.missing("", e.Parent), true
	}
	if up = t.enclosing(e.Parent, e.Start(), e.Time, s); up == nil {
		up = t.missing("", e.Parent)
	}
	return up, true
}

// around returns the span that something was recorded in.
func (t *Tree) around(spanID, scope string, at time.Time) (up *Span, guessed bool) {
	if spanID != "" {
		if up = t.span(spanID, scope, nil); up == nil {
			up = t.missing(spanID, scope)
		}
		return up, false
	}
	if scope == "" {
		return nil, false
	}
	if up = t.enclosing(scope, at, at, nil); up == nil {
		up = t.missing("", scope)
	}
	return up, true
}

// span returns the one with this id, of several that with this scope.
func (t *Tree) span(id, scope string, not *Span) (found *Span) {
	for _, s := range t.byID[id] {
		switch {
		case s == not:
		case s.Scope == scope:
			return s
		case found == nil && (scope == "" || !s.Missing):
			found = s
		}
	}
	return found
}

// looked is how many spans of one scope are looked at for one that encloses another.
const looked = 256

// enclosing returns the shortest span of a scope that ran from start to end, and maybe longer.
func (t *Tree) enclosing(scope string, start, end time.Time, not *Span) (found *Span) {
	all := t.byScope[scope]
	n, _ := slices.BinarySearchFunc(all, start, func(s *Span, at time.Time) int {
		if s.Start().After(at) {
			return 1
		}
		return -1
	})
	for i := n - 1; i >= max(0, n-looked); i-- {
		if s := all[i]; s != not && !s.Missing && s.Timed() && !s.Time.Before(end) && (found == nil || s.Duration < found.Duration) {
			found = s
		}
	}
	return found
}

// missing returns the place of a span that is not among the lines.
func (t *Tree) missing(id, scope string) *Span {
	for _, s := range t.byID["missing "+id] {
		if s.Scope == scope {
			return s
		}
	}
	s := &Span{Event: &events.Event{Scope: scope, SpanID: id}, Missing: true}
	t.byID["missing "+id] = append(t.byID["missing "+id], s)
	t.Missing++
	return s
}

// cut makes those the top of the tree that are inside of themselves, which lines can say but an app cannot do.
func cut(all []*Span) {
	const walking, done = 1, 2
	for _, s := range all {
		start := s
		for s != nil && s.mark == 0 {
			s.mark = walking
			if s.Up != nil && s.Up.mark == walking {
				s.Up = nil
			}
			s = s.Up
		}
		for s = start; s != nil && s.mark == walking; s = s.Up {
			s.mark = done
		}
	}
}

// link makes lists of children, in order.
func (t *Tree) link() {
	for _, s := range t.Spans {
		if s.Up == nil {
			t.Top = append(t.Top, s)
			continue
		}
		s.Up.Children = append(s.Up.Children, s)
	}
	for _, same := range t.byID {
		for _, s := range same {
			if s.Missing {
				s.extent()
				t.Top = append(t.Top, s)
			}
			slices.SortStableFunc(s.Children, byStart)
		}
	}
	slices.SortStableFunc(t.Top, byStart)
}

// extent gives a missing span the times from the first to the last of what is inside.
func (s *Span) extent() {
	var when events.Range
	for _, c := range s.Children {
		if c.Timed() {
			when.Add(events.Range{First: c.Start(), Last: c.Time})
		}
	}
	for _, m := range s.Metrics {
		when.Include(m.Time)
	}
	s.Time, s.Duration = when.Last, when.Last.Sub(when.First)
}

// byStart is the order in which spans began; those without a time come last, the longer ones of those
// that began at once come first.
func byStart(a, b *Span) int {
	if a.Timed() != b.Timed() {
		if a.Timed() {
			return -1
		}
		return 1
	}
	return cmp.Or(a.Start().Compare(b.Start()), cmp.Compare(b.Duration, a.Duration), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.SpanID, b.SpanID))
}

// Find returns the span that a log line was written in: by its span id, or failing that the only
// one that ran at that time, of those inside each other the innermost. That is a guess, and nil at the top.
func (t *Tree) Find(spanID string, at time.Time) (s *Span, guessed bool) {
	if spanID != "" {
		if s = t.span(spanID, "", nil); s != nil {
			return s, false
		}
	}
	if at.IsZero() {
		return nil, true
	}
	for below := t.Top; ; {
		in := during(below, at)
		if in == nil {
			return s, true
		}
		s, below = in, in.Children
	}
}

// during returns the only one that ran at that time.
func during(all []*Span, at time.Time) (one *Span) {
	for _, s := range all {
		if !s.Timed() || at.Before(s.Start()) || at.After(s.Time) {
			continue
		}
		if one != nil {
			return nil
		}
		one = s
	}
	return one
}

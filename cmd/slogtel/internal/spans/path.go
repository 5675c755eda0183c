package spans

import (
	"cmp"
	"slices"
	"time"
)

// Self returns the time of a span in which nothing inside of it ran. Of the time in which several ran inside,
// none is its own, however many they were.
func (s *Span) Self() time.Duration {
	if s.Missing {
		return 0
	}
	own, covered := s.Duration, s.Start()
	for _, c := range s.Children { // in the order in which they began
		start, end := c.Start(), c.Time
		if start.Before(covered) {
			start = covered
		}
		if end.After(s.Time) {
			end = s.Time
		}
		if start.Before(end) {
			own -= end.Sub(start)
			covered = end
		}
	}
	return max(0, own)
}

// Slack is how far times of spans inside each other may be apart from what they should be: that of an event is
// when it was made, a little after the span ended.
const Slack = time.Millisecond

// Outside reports whether s began before the span around it or after the end of that one: the clocks of two processes
// differ, or it was measured elsewhere.
func (s *Span) Outside() bool {
	up := s.Up
	return up != nil && !up.Missing && s.Timed() && up.Timed() &&
		(s.Start().Before(up.Start().Add(-Slack)) || s.Start().After(up.Time.Add(Slack)))
}

// A Step is a part of a critical path: a span, and how long it was the one that was waited for.
type Step struct {
	Span *Span
	Took time.Duration
}

// Path returns the critical path of a span: at each moment, the innermost span that the end of it waited for, which is the
// one that ended last of those that ran then. The steps add up to the duration of the span. Had a step been shorter,
// so would have been the span, as long as nothing else takes its place. They are in no certain order.
func (s *Span) Path() (steps []Step) {
	type stretch struct {
		span     *Span
		from, to time.Time
	}
	todo := []stretch{{s, s.Start(), s.Time}}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		byEnd := slices.Clone(p.span.Children)
		slices.SortStableFunc(byEnd, func(a, b *Span) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Duration, b.Duration)) })
		own := time.Duration(0)
		at := p.to
		for _, c := range byEnd {
			start, end := c.Start(), c.Time
			if start.Before(p.from) {
				start = p.from
			}
			if end.After(p.to) {
				end = p.to
			}
			if c.Time.After(p.span.Time.Add(Slack)) || end.After(at) || !start.Before(end) {
				continue // went on after the end, or another was waited for
			}
			own += at.Sub(end)
			todo = append(todo, stretch{c, start, end})
			at = start
		}
		if at.After(p.from) {
			own += at.Sub(p.from)
		}
		if own > 0 {
			steps = append(steps, Step{p.span, own})
		}
	}
	return steps
}

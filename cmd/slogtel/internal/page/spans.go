package page

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A span is a timing kept for the timeline. It shares nothing with its event.
type span struct {
	start, duration     int64 // Unix nanoseconds, nanoseconds
	scope               *scopeStats
	trace, id, parentID string
	err                 string
	attrs               []events.Attr
	source              events.Position
	seq                 int64 // in the order of the events
}

func (s *span) end() int64 { return s.start + s.duration }

// A keeper keeps the spans that come first in an order, up to a number.
type keeper struct {
	max     int
	compare func(a, b *span) int
	spans   []*span // a heap with the one that comes last on top
}

func (k *keeper) Len() int           { return len(k.spans) }
func (k *keeper) Less(i, j int) bool { return k.compare(k.spans[i], k.spans[j]) > 0 }
func (k *keeper) Swap(i, j int)      { k.spans[i], k.spans[j] = k.spans[j], k.spans[i] }
func (k *keeper) Push(x any)         { k.spans = append(k.spans, x.(*span)) }
func (k *keeper) Pop() any {
	last := len(k.spans) - 1
	s := k.spans[last]
	k.spans[last] = nil
	k.spans = k.spans[:last]
	return s
}

func (k *keeper) wants(s *span) bool {
	return len(k.spans) < k.max || k.max > 0 && k.compare(s, k.spans[0]) < 0
}

func (k *keeper) keep(s *span) {
	if len(k.spans) < k.max {
		heap.Push(k, s)
		return
	}
	k.spans[0] = s
	heap.Fix(k, 0)
}

// merge keeps what comes first of both.
func (k *keeper) merge(from *keeper) {
	for _, s := range from.spans {
		if k.wants(s) {
			k.keep(s)
		}
	}
}

func byStart(a, b *span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.seq, b.seq)) }
func byDuration(a, b *span) int {
	return cmp.Or(cmp.Compare(b.duration, a.duration), cmp.Compare(a.seq, b.seq))
}

// spanChoice is what is kept of all spans: the earliest, the slowest of all and of each
// bucket of time, and failed ones.
type spanChoice struct {
	seen                      int64
	inBucket                  series[keeper]
	earliest, slowest, failed keeper
}

func newSpanChoice(l *Limits, g *grid) spanChoice {
	return spanChoice{
		inBucket: newSeries(g, (*keeper).merge),
		earliest: keeper{max: l.Earliest, compare: byStart},
		slowest:  keeper{max: l.Slowest, compare: byDuration},
		failed:   keeper{max: l.Failed, compare: byStart},
	}
}

// add takes a span that ended in bucket.
func (c *spanChoice) add(e *events.Event, start, bucket int64, scope *scopeStats, l *Limits) {
	c.seen++
	s := span{start: start, duration: max(0, int64(e.Duration)), scope: scope, seq: c.seen}
	in := c.inBucket.at(bucket)
	if in.compare == nil {
		in.max, in.compare = l.InBucket, byDuration
	}
	first, slow, failed := c.earliest.wants(&s), c.slowest.wants(&s), e.Failed() && c.failed.wants(&s)
	slowHere := in.wants(&s)
	if !first && !slow && !slowHere && !failed {
		return
	}
	kept := s // on the heap; s is not
	kept.trace, kept.id, kept.parentID = text.Clip(e.TraceID, 64), text.Clip(e.SpanID, 64), text.Clip(e.ParentSpanID, 64)
	kept.err = text.Clip(e.Error, l.Text)
	kept.attrs = cloneAttrs(e.Attrs, l)
	kept.source = events.Position{Input: e.Source.Input, Line: e.Source.Line}
	if first {
		c.earliest.keep(&kept)
	}
	if slow {
		c.slowest.keep(&kept)
	}
	if slowHere {
		in.keep(&kept)
	}
	if failed {
		c.failed.keep(&kept)
	}
}

// choose returns the spans that fit limits, each once, by start; of those that start
// together the longest comes first.
func (c *spanChoice) choose(l *Limits) []*span {
	var all []*span
	take := func(k *keeper, n int) {
		sorted := slices.SortedFunc(slices.Values(k.spans), k.compare)
		all = append(all, sorted[:min(n, len(sorted))]...)
	}
	take(&c.earliest, l.Earliest)
	take(&c.slowest, l.Slowest)
	take(&c.failed, l.Failed)
	for _, in := range c.inBucket {
		take(in, l.InBucket)
	}
	slices.SortFunc(all, func(a, b *span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.duration, a.duration), cmp.Compare(b.seq, a.seq))
	})
	return slices.Compact(all)
}

func cloneAttrs(attrs []events.Attr, l *Limits) []events.Attr {
	if len(attrs) == 0 || l.Attrs == 0 {
		return nil
	}
	kept := make([]events.Attr, 0, min(len(attrs), l.Attrs))
	for _, a := range attrs[:cap(kept)] {
		kept = append(kept, events.Attr{Key: text.Clip(a.Key, l.Name), Value: text.Clip(a.Value, l.Text)})
	}
	return kept
}

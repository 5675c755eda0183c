package page

import (
	"cmp"
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
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

func byStart(a, b *span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.seq, b.seq)) }
func byDuration(a, b *span) int {
	return cmp.Or(cmp.Compare(b.duration, a.duration), cmp.Compare(a.seq, b.seq))
}

// spanChoice is what is kept of all spans: the earliest, the slowest of all and of each
// bucket of time, and failed ones.
type spanChoice struct {
	seen                      int64
	inBucket                  series[bucketSpans]
	earliest, slowest, failed *collect.First[*span]
}

// bucketSpans are those of a bucket of time; nil before the first.
type bucketSpans struct{ *collect.First[*span] }

func newSpanChoice(l *Limits, g *grid) spanChoice {
	return spanChoice{
		inBucket: newSeries(g, func(into, from *bucketSpans) { into.Merge(from.First) }),
		earliest: collect.NewFirst(l.Earliest, byStart),
		slowest:  collect.NewFirst(l.Slowest, byDuration),
		failed:   collect.NewFirst(l.Failed, byStart),
	}
}

// add takes a span that ended in bucket.
func (c *spanChoice) add(e *events.Event, start, bucket int64, scope *scopeStats, l *Limits) {
	c.seen++
	s := span{start: start, duration: max(0, int64(e.Duration)), scope: scope, seq: c.seen}
	in := c.inBucket.at(bucket)
	if in.First == nil {
		in.First = collect.NewFirst(l.InBucket, byDuration)
	}
	failed := e.Failed() && c.failed.Wants(&s)
	if !c.earliest.Wants(&s) && !c.slowest.Wants(&s) && !in.Wants(&s) && !failed {
		return
	}
	kept := s // on the heap; s is not
	kept.trace, kept.id, kept.parentID = text.Clip(e.TraceID, 64), text.Clip(e.SpanID, 64), text.Clip(e.ParentSpanID, 64)
	kept.err = text.Clip(e.Error, l.Text)
	kept.attrs = cloneAttrs(e.Attrs, l)
	kept.source = events.Position{Input: e.Source.Input, Line: e.Source.Line}
	c.earliest.Keep(&kept)
	c.slowest.Keep(&kept)
	in.Keep(&kept)
	if failed {
		c.failed.Keep(&kept)
	}
}

// choose returns the spans that fit limits, each once, by start; of those that start
// together the longest comes first.
func (c *spanChoice) choose(l *Limits) []*span {
	var all []*span
	take := func(f *collect.First[*span], n int) {
		sorted := f.Sorted()
		all = append(all, sorted[:min(n, len(sorted))]...)
	}
	take(c.earliest, l.Earliest)
	take(c.slowest, l.Slowest)
	take(c.failed, l.Failed)
	for _, in := range c.inBucket {
		take(in.First, l.InBucket)
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

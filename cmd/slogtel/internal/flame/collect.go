package flame

import (
	"cmp"
	"maps"
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxScopes = 100_000 // different scopes that are kept
	maxPath   = 2048    // bytes of a scope path that is kept
)

// other gathers the scopes over the limits.
var other = key{scope: "(other scopes)"}

// A key tells scopes apart: the same path can have been opened in different parents, as
// "a" in "" and "b" in it, or "a.b" in "".
type key struct {
	scope, parent string
	depth         int
}

// A sums is what is known of a scope.
type sums struct {
	collect.Series
	times tree.Times
}

func (s *sums) merge(o *sums) {
	s.Merge(&o.Series)
	s.times.Merge(&o.times)
}

// A collection is what the lines said of each scope.
type collection struct {
	events.Turn
	meter  *tree.Meter
	scopes collect.Table[key, sums]

	events    int64        // timings and summaries of timings
	inSummary int64        // timings that a summary counts too, which were left out
	when      events.Range // when the first event began and the last one ended
}

func newCollection(meter *tree.Meter, room *collect.Room[key]) *collection {
	c := &collection{meter: meter}
	c.scopes = collect.Table[key, sums]{
		Admit: func(k key) bool {
			return k == other || len(k.scope) <= maxPath && len(k.parent) <= maxPath && room.Admit(k, &c.Turn)
		},
		Other: func(key) key { return other },
		New:   func(k key) *sums { return &sums{times: tree.Times{Path: k.scope, Parent: k.parent}} },
	}
	return c
}

// Event implements [events.Sink].
func (c *collection) Event(e *events.Event) {
	if e.InSummary {
		c.inSummary++
		return
	}
	begin := e.Start()
	switch {
	case e.Kind == events.Timing:
		s, _ := c.scopes.Of(key{e.Scope, e.Parent, e.Depth})
		s.Add(e, false)
		c.meter.Timing(e, &s.times)
	case e.Kind == events.Summary && e.Type == slogtel.TypeTiming && e.Totals != nil:
		begin = e.Time.Add(-e.Totals.Interval)
		s, _ := c.scopes.Of(key{e.Scope, e.Parent, e.Depth})
		s.Add(e, false)
		c.meter.Summary(e)
	default:
		return
	}
	c.events++
	if !e.Time.IsZero() {
		c.when.Add(events.Range{First: begin, Last: e.Time})
	}
}

// EndChunk implements [events.ChunkSink].
func (c *collection) EndChunk(number int) { c.meter.EndChunk(number) }

// overflow returns how many calls went to other.
func (c *collection) overflow() int64 {
	if t := c.scopes.All[other]; t != nil {
		return collect.Whole(&t.Count)
	}
	return 0
}

// merge adds what o has, which must not be used after.
func (c *collection) merge(o *collection) {
	c.scopes.Merge(&o.scopes, (*sums).merge)
	c.events += o.events
	c.inSummary += o.inSummary
	c.when.Add(o.when)
}

func (c *collection) keys() []key {
	return slices.SortedFunc(maps.Keys(c.scopes.All), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.parent, b.parent), cmp.Compare(a.depth, b.depth))
	})
}

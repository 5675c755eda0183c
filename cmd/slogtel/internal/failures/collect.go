package failures

import (
	"cmp"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// What stands for what has no name of its own.
const (
	other  = "(other)"
	noText = "(no text: counted in summaries)"
)

// Bounds of what is kept.
const (
	maxPattern = 300 // bytes
	maxText    = 300
	maxScopes  = 64 // of a pattern
	maxScope   = 2048
	maxTrace   = 256
)

// A group is all failures with one pattern.
type group struct {
	count   tally.Total
	events  int64
	when    events.Range
	scopes  collect.Table[string, tally.Total]
	example string // the last one
	trace   string // that of the last one that has one
	traceAt time.Time
	at      events.Position
}

// A Collector folds failures by pattern. It is a sink of one reader, keeps what is bounded, and keeps
// nothing of an event.
type Collector struct {
	events.Turn
	room   *room
	groups collect.Table[string, group]
	lost   int64 // events in other, for want of room
	sums   collect.Table[string, sum]
}

// A room has space for patterns, and for scopes with summaries. Collectors that are merged share one.
type room struct {
	patterns, sums *collect.Room[string]
	scopes         *collect.Rooms[string] // those of each pattern
}

func newRoom(limit int) *room {
	return &room{collect.NewRoom[string](limit), collect.NewRoom[string](limit), collect.NewRooms[string](maxScopes)}
}

// A sum is what summaries say of one scope.
type sum struct {
	errors float64
	seen   tally.Total // of these, with a line of their own
	when   events.Range
}

// NewCollector returns a Collector that tells limit patterns apart.
func NewCollector(limit int) *Collector { return newCollector(newRoom(limit)) }

func newCollector(r *room) *Collector {
	c := &Collector{room: r}
	c.groups = told(c, r.patterns, c.newGroup)
	c.sums = told(c, r.sums, func(string) *sum { return new(sum) })
	return c
}

// told is a table of what a room has space for.
func told[V any](c *Collector, room *collect.Room[string], newOne func(string) *V) collect.Table[string, V] {
	return collect.Table[string, V]{
		Admit: func(name string) bool { return room.Admit(name, &c.Turn) },
		Other: func(string) string { return other },
		New:   newOne,
	}
}

// Event implements [events.Sink].
func (c *Collector) Event(e *events.Event) {
	switch e.Kind {
	case events.Summary:
		if e.Totals != nil && e.Totals.Errors > 0 && e.Type == slogtel.TypeTiming {
			s, _ := c.sums.Of(scopeOf(e))
			s.errors += float64(min(e.Totals.Errors, max(0, e.Totals.Count)))
			s.when.Include(e.Time)
		}
		return
	case events.Timing:
		if !e.Failed() {
			return
		}
	default:
		return
	}
	if e.InSummary {
		s, _ := c.sums.Of(scopeOf(e))
		s.seen.AddInt(1, e.Weight())
	}
	g, own := c.groups.Of(text.Clip(Fold(e.Error), maxPattern))
	if !own {
		c.lost++
	}
	g.add(e)
}

// scopeOf is the scope of an event, or the begin of one that nobody could read.
func scopeOf(e *events.Event) string {
	if len(e.Scope) > maxScope {
		return text.Clip(e.Scope, maxScope)
	}
	return e.Scope
}

func (c *Collector) newGroup(pattern string) *group {
	return &group{scopes: told(c, c.room.scopes.Of(pattern), func(string) *tally.Total { return new(tally.Total) })}
}

func (g *group) add(e *events.Event) {
	g.events++
	g.count.AddInt(1, e.Weight())
	in, _ := g.scopes.Of(scopeOf(e))
	in.AddInt(1, e.Weight())
	if g.example == "" || !e.Time.Before(g.when.Last) {
		g.example, g.at = text.Clip(e.Error, maxText), e.Source
	}
	if e.TraceID != "" && (g.trace == "" || !e.Time.Before(g.traceAt)) {
		g.trace, g.traceAt = text.Clip(e.TraceID, maxTrace), e.Time
	}
	g.when.Include(e.Time)
}

func (g *group) merge(o *group) {
	g.events += o.events
	g.count.Merge(o.count)
	g.scopes.Merge(&o.scopes, func(into, from *tally.Total) { into.Merge(*from) })
	if g.example == "" || o.when.Last.After(g.when.Last) || o.when.Last.Equal(g.when.Last) && o.example > g.example {
		g.example, g.at = o.example, o.at
	}
	if o.trace != "" && (g.trace == "" || o.traceAt.After(g.traceAt) || o.traceAt.Equal(g.traceAt) && o.trace > g.trace) {
		g.trace, g.traceAt = o.trace, o.traceAt
	}
	g.when.Add(o.when)
}

func (c *Collector) merge(o *Collector) {
	c.lost += o.lost
	c.groups.Merge(&o.groups, (*group).merge)
	c.sums.Merge(&o.sums, func(s, from *sum) {
		s.errors += from.errors
		s.seen.Merge(from.seen)
		s.when.Add(from.when)
	})
}

// untold is the group of the failures that only summaries know of; nil if there are none.
func (c *Collector) untold() *group {
	var g *group
	for scope, s := range c.sums.All {
		if rest := s.errors - s.seen.Value(); rest >= 0.5 {
			if g == nil {
				g = c.newGroup(noText)
			}
			g.count.Add(rest, 1)
			in, _ := g.scopes.Of(scope)
			in.Add(rest, 1)
			g.when.Add(s.when)
		}
	}
	return g
}

// A Failure is a pattern and what is known of its failures.
type Failure struct {
	Pattern string     `json:"pattern"`
	Count   int64      `json:"count"`  // sampled ones count as 1/sample_rate
	Events  int64      `json:"events"` // lines
	First   *time.Time `json:"first,omitempty"`
	Last    *time.Time `json:"last,omitempty"`
	Scopes  []Scope    `json:"scopes"`
	Example string     `json:"example,omitempty"` // the text of the last one
	TraceID string     `json:"trace_id,omitempty"`
	Input   string     `json:"input,omitempty"` // where the example is
	Line    int64      `json:"line,omitempty"`
}

// A Scope is how many of the failures were in it.
type Scope struct {
	Scope string `json:"scope"`
	Count int64  `json:"count"`
}

// Lost is how many events are in "(other)", since there were too many patterns.
func (c *Collector) Lost() int64 { return c.lost }

// Failures lists the patterns by count, or what sort says: "first" or "last". More events may follow.
func (c *Collector) Failures(sort string) []Failure {
	all := make([]Failure, 0, len(c.groups.All)+1)
	add := func(pattern string, g *group) {
		f := Failure{Pattern: pattern, Count: collect.Whole(&g.count), Events: g.events, Scopes: []Scope{}, Example: g.example, TraceID: g.trace,
			Input: g.at.Input, Line: g.at.Line}
		if !g.when.First.IsZero() {
			first, last := g.when.First, g.when.Last
			f.First, f.Last = &first, &last
		}
		for name, t := range g.scopes.All {
			f.Scopes = append(f.Scopes, Scope{name, collect.Whole(t)})
		}
		slices.SortFunc(f.Scopes, func(a, b Scope) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Scope, b.Scope)) })
		all = append(all, f)
	}
	for pattern, g := range c.groups.All {
		add(pattern, g)
	}
	if g := c.untold(); g != nil {
		add(noText, g)
	}
	when := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	slices.SortFunc(all, func(a, b Failure) int {
		by := 0
		switch sort {
		case "first":
			by = when(b.First).Compare(when(a.First))
		case "last":
			by = when(b.Last).Compare(when(a.Last))
		}
		return cmp.Or(by, cmp.Compare(b.Count, a.Count), cmp.Compare(a.Pattern, b.Pattern))
	})
	return all
}

package flame

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxScopes = 100_000 // different scopes that are kept
	maxPath   = 2048    // bytes of a scope path that is kept
	leastRate = 1e-9    // of sampling; what is below counts as this
)

// other gathers the scopes over the limits.
var other = key{scope: "(other scopes)"}

// A key tells scopes apart: the same path can have been opened in different parents, as
// "a" in "" and "b" in it, or "a.b" in "".
type key struct {
	scope, parent string
	depth         int
}

// A tally is what is known of a scope. It counts what sampled events stand for, hence
// the floats, which are exact up to 2⁵³.
type tally struct {
	calls, errors float64
	total         float64 // nanoseconds
}

func (t *tally) add(o tally) {
	t.calls += o.calls
	t.errors += o.errors
	t.total += o.total
}

// A collection is what the lines said of each scope.
type collection struct {
	limit       int
	scopes      map[key]*tally
	events      int64     // timings and summaries of timings
	inSummary   int64     // timings that a summary counts too, which were left out
	first, last time.Time // when the first event began and the last one ended
}

func newCollection(limit int) *collection {
	return &collection{limit: limit, scopes: make(map[key]*tally)}
}

// Event implements [events.Sink].
func (c *collection) Event(e *events.Event) {
	var t tally
	var begin time.Time
	if e.InSummary {
		c.inSummary++
		return
	}
	weight := 1.0
	if e.SampleRate > 0 && e.SampleRate < 1 {
		weight = 1 / max(e.SampleRate, leastRate)
	}
	switch {
	case e.Kind == events.Timing:
		begin = e.Start()
		t = tally{calls: weight, total: weight * float64(max(e.Duration, 0))}
		if e.Failed() {
			t.errors = weight
		}
	case e.Kind == events.Summary && e.Type == slogtel.TypeTiming && e.Totals != nil:
		begin = e.Time.Add(-e.Totals.Interval)
		t = tally{
			calls:  amount(float64(e.Totals.Count)), // scaled already
			errors: amount(float64(e.Totals.Errors)),
			total:  amount(e.Totals.Sum * float64(time.Second)),
		}
	default:
		return
	}
	c.events++
	c.span(begin, e.Time)
	c.add(key{e.Scope, e.Parent, e.Depth}, t)
}

// amount is v unless that is no amount of anything.
func amount(v float64) float64 {
	if v > 0 {
		return min(v, math.MaxInt64)
	}
	return 0
}

// add adds to the tally of k or, where there is no room for that, to other's.
func (c *collection) add(k key, t tally) {
	kept := c.scopes[k]
	if kept == nil && (len(c.scopes) >= c.limit || len(k.scope) > maxPath || len(k.parent) > maxPath) {
		k = other
		kept = c.scopes[k]
	}
	if kept == nil {
		kept = new(tally)
		c.scopes[k] = kept
	}
	kept.add(t)
}

// overflow returns how many calls went to other.
func (c *collection) overflow() int64 {
	if t := c.scopes[other]; t != nil {
		return whole(t.calls)
	}
	return 0
}

func (c *collection) span(first, last time.Time) {
	if last.IsZero() {
		return
	}
	if c.first.IsZero() || first.Before(c.first) {
		c.first = first
	}
	if last.After(c.last) {
		c.last = last
	}
}

// merge adds what o has, which must not be used after.
func (c *collection) merge(o *collection) {
	for _, k := range o.keys() {
		c.add(k, *o.scopes[k])
	}
	c.events += o.events
	c.inSummary += o.inSummary
	c.span(o.first, o.last)
}

func (c *collection) keys() []key {
	return slices.SortedFunc(maps.Keys(c.scopes), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.parent, b.parent), cmp.Compare(a.depth, b.depth))
	})
}

// collectors makes the Sinks of parallel workers.
type collectors struct {
	mu  sync.Mutex
	all []*collection
}

func (c *collectors) sink() events.Sink {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := newCollection(maxScopes)
	c.all = append(c.all, s)
	return s
}

func (c *collectors) merged() *collection {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := newCollection(maxScopes)
	for _, s := range c.all {
		sum.merge(s)
	}
	return sum
}

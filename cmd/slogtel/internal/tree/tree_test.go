package tree

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// A reading is what one reader makes of events.
type reading struct {
	meters *Meters
	meter  []*Meter
	scopes map[string]*Scope
	order  []string
}

func newReading(meters int) *reading {
	r := &reading{meters: NewMeters(), scopes: make(map[string]*Scope)}
	for range meters {
		r.meter = append(r.meter, r.meters.New())
	}
	return r
}

func (r *reading) add(meter int, e *events.Event) {
	s := r.scopes[e.Scope]
	if s == nil {
		s = &Scope{Path: e.Scope, Parent: e.Parent, Depth: e.Depth, Times: Times{Path: e.Scope, Parent: e.Parent}}
		r.scopes[e.Scope] = s
		r.order = append(r.order, e.Scope)
	}
	s.Total += e.Weight() * float64(e.Duration)
	r.meter[meter].Timing(e, &s.Times)
}

// finish returns the nodes by their paths.
func (r *reading) finish() map[string]*Node {
	r.meters.Finish()
	var list []Scope
	for _, path := range r.order {
		list = append(list, *r.scopes[path])
	}
	nodes := make(map[string]*Node)
	for _, n := range Build(list, r.meters.Parallel) {
		nodes[n.Path] = n
	}
	return nodes
}

// event is a timing from and to some milliseconds after noon. Ids are of spans; 0 is none.
func event(scope, parent string, from, to float64, id, in int) *events.Event {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	e := &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: scope, Parent: parent, SampleRate: 1,
		Time: noon.Add(ms(to)), Duration: ms(to - from)}
	if id > 0 {
		e.TraceID, e.SpanID = "t", fmt.Sprint(id)
	}
	if in > 0 {
		e.ParentSpanID = fmt.Sprint(in)
	}
	return e
}

func own(n *Node) float64 { return n.Own / float64(time.Millisecond) }

// With span ids, the time is taken once in which several scopes ran inside at once.
func TestOwnOfSpans(t *testing.T) {
	list := []*events.Event{
		event("p", "", 0, 10, 1, 0), // nothing inside
		event("p.c", "p", 100, 101, 11, 2), event("p.c", "p", 100, 101, 12, 2), event("p.d", "p", 100.5, 101, 13, 2),
		event("p", "", 100, 101, 2, 0),                                         // filled
		event("p.c", "p", 200, 202, 14, 3), event("p.d", "p", 201, 203, 15, 3), // half of each overlaps
		event("p.c", "p", 207, 208, 16, 3),
		event("p", "", 200, 210, 3, 0),
		event("p.c", "p", 209, 300, 17, 3), // outlives it, and comes later
		event("p.c", "p", 305, 350, 18, 1), // is not inside at all
		event("p.c", "p", 0, 50, 19, 99),   // its parent is not there
	}
	const want = 10 + 0 + (10 - 3 - 1 - 1)
	for range 20 { // in whatever order
		r := newReading(1)
		for _, e := range list {
			r.add(0, e)
		}
		nodes := r.finish()
		assert.InDelta(t, want, own(nodes["p"]), 1e-6)
		assert.Equal(t, Exact, nodes["p"].Self)
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
}

// Chunks come from several sinks, in any order: the result is that of the lines in order.
func TestOwnOfChunks(t *testing.T) {
	r := newReading(3)
	for _, chunk := range rand.Perm(50) {
		m := chunk % 3
		at := float64(chunk) * 100
		r.add(m, event("p.c", "p", at, at+5, 1000+chunk, chunk+1))
		r.add(m, event("p.c", "p", at+3, at+6, 2000+chunk, chunk+1))
		if chunk > 0 {
			r.add(m, event("p", "", at-100, at-90, chunk, 0)) // that of the chunk before
		}
		r.meter[m].EndChunk(chunk)
	}
	r.add(0, event("p", "", 4900, 4910, 50, 0))
	assert.InDelta(t, 50*4, own(r.finish()["p"]), 1e-6)
}

// Without ids, it is what the scopes inside leave, and says so if they may have run at once.
func TestOwnWithoutIDs(t *testing.T) {
	for name, c := range map[string]struct {
		list []*events.Event
		own  float64
		self Self
	}{
		"one after the other": {[]*events.Event{event("p.c", "p", 0, 2, 0, 0), event("p.c", "p", 2, 4, 0, 0), event("p", "", 0, 10, 0, 0)}, 6, Exact},
		"at once":             {[]*events.Event{event("p.c", "p", 0, 2, 0, 0), event("p.d", "p", 1, 3, 0, 0), event("p", "", 0, 10, 0, 0)}, 6, Estimated},
		"more than there is":  {[]*events.Event{event("p.c", "p", 0, 6, 0, 0), event("p.d", "p", 0, 6, 0, 0), event("p", "", 0, 10, 0, 0)}, 0, Unknown},
		"some have ids": {[]*events.Event{
			event("p.c", "p", 0, 6, 11, 1), event("p.c", "p", 0, 6, 12, 1), event("p", "", 0, 10, 1, 0),
			event("p.c", "p", 20, 22, 0, 0), event("p", "", 20, 30, 0, 0),
		}, 4 + 8, Exact},
		"no time": {[]*events.Event{{Kind: events.Timing, Scope: "p.c", Parent: "p", Duration: time.Millisecond}, event("p", "", 0, 10, 0, 0)}, 9, Estimated},
	} {
		r := newReading(1)
		for _, e := range c.list {
			r.add(0, e)
		}
		n := r.finish()["p"]
		assert.InDelta(t, c.own, own(n), 1e-6, name)
		assert.Equal(t, c.self, n.Self, name)
	}
	r := newReading(1)
	r.add(0, event("p", "", 0, 10, 0, 0))
	r.add(0, event("p.c", "p", 0, 1, 0, 0))
	r.meter[0].Summary(&events.Event{Kind: events.Summary, Scope: "p.c", Parent: "p"})
	assert.Equal(t, Estimated, r.finish()["p"].Self, "when what a summary sums up ran is not known")
}

// Sampled at one rate, times are scaled; where scopes inside are kept at a lower rate, those that
// are kept stand for the others.
func TestOwnOfSampled(t *testing.T) {
	r := newReading(1)
	for i := range 10 {
		at := float64(i) * 100
		if i%2 == 0 {
			c := event("p.c", "p", at, at+4, 100+i, 1+i)
			c.SampleRate = 0.25
			r.add(0, c)
		}
		p := event("p", "", at, at+10, 1+i, 0)
		p.SampleRate = 0.5
		r.add(0, p)
	}
	assert.InDelta(t, 2*10*6, own(r.finish()["p"]), 1e-6)
}

// What is remembered is bounded, and what had to be forgotten is not called exact.
func TestJoinIsBounded(t *testing.T) {
	r := newReading(1)
	r.add(0, event("r.p.c", "r.p", 0, 1, 1_000_000, 1)) // of one that never comes
	for i := range 3 * maxPieces {
		at := float64(i)
		r.add(0, event("r.c", "r", at, at+0.5, 10+i, 5))
	}
	for i := range 3 * window {
		r.add(0, event("q", "", 0, 1, 1_000_000+10+i, 0))
	}
	assert.Less(t, len(r.meters.joined.settling), 2*window)
	r.add(0, event("r", "", 0, 3*maxPieces, 5, 0))
	nodes := r.finish()
	assert.InDelta(t, 1.5*maxPieces, own(nodes["r"]), 1e-3)
	assert.Equal(t, Exact, nodes["r"].Self)

	r = newReading(1)
	for i := range maxFamilies + 10 {
		r.add(0, event("p.c", "p", 0, 1, 2*i+1, 2*i+2))
	}
	r.add(0, event("p", "", 0, 10, 1, 0))
	r.meters.take(-1, r.meter[0])
	assert.LessOrEqual(t, len(r.meters.joined.families), maxFamilies)
	assert.True(t, func() bool { r.meters.Finish(); return r.meters.Parallel("p") }())
}

// A scope that was read too long before what ran inside it is no longer known, and its time is an estimate.
func TestLateChildren(t *testing.T) {
	others := func(r *reading) {
		for i := range window * 20 { // so many that no slot is as it was
			r.add(0, event("q", "", 0, 1, 1_000_000+i, 0))
		}
	}
	for name, c := range map[string]struct {
		first, late []*events.Event
		want        Self
	}{
		"all of it late":       {[]*events.Event{event("p", "", 0, 10, 1, 0)}, []*events.Event{event("p.c", "p", 1, 5, 2, 1)}, Estimated},
		"some of it late":      {[]*events.Event{event("p.c", "p", 1, 5, 2, 1), event("p", "", 0, 10, 1, 0)}, []*events.Event{event("p.c", "p", 6, 7, 3, 1)}, Estimated},
		"just after, and late": {[]*events.Event{event("p", "", 0, 10, 1, 0), event("p.c", "p", 1, 5, 2, 1)}, []*events.Event{event("p.c", "p", 6, 7, 3, 1)}, Estimated},
		"in time":              {[]*events.Event{event("p.c", "p", 1, 5, 2, 1), event("p", "", 0, 10, 1, 0)}, nil, Exact},
		"of one left out":      {[]*events.Event{event("p.c", "p", 1, 5, 2, 1), event("p", "", 0, 10, 1, 0)}, []*events.Event{event("p.c", "p", 6, 7, 3, 99)}, Exact},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReading(1)
			for _, e := range c.first {
				r.add(0, e)
			}
			others(r)
			for _, e := range c.late {
				r.add(0, e)
			}
			assert.Equal(t, c.want, r.finish()["p"].Self)
		})
	}
}

func TestBuild(t *testing.T) {
	none := func(string) bool { return false }
	up := func(nodes []*Node) (list []string) {
		for _, n := range nodes {
			s := n.Path
			for p := n.Up; p != nil; p = p.Up {
				s = p.Path + ">" + s
			}
			list = append(list, s)
		}
		return list
	}
	assert.Equal(t, []string{"a>b", "a"}, up(Build([]Scope{{Path: "b", Parent: "a", Depth: 1}}, none)))
	assert.Equal(t, []string{"a", "a>a.b.c.d", "a>a.b.c"}[:1], up(Build([]Scope{{Path: "a"}}, none)))
	assert.Equal(t, []string{"a", "a>a.b.c>a.b.c.d", "a>a.b.c"}, up(Build([]Scope{{Path: "a"}, {Path: "a.b.c.d", Parent: "a.b.c", Depth: 3}}, none)))
	loop := Build([]Scope{{Path: "a", Parent: "b", Total: 5}, {Path: "b", Parent: "a", Total: 2}}, none)
	assert.Equal(t, []string{"b>a", "b"}, up(loop))
	assert.Equal(t, []Self{Exact, Unknown}, []Self{loop[0].Self, loop[1].Self})
	self := Build([]Scope{{Path: "a", Parent: "a", Total: 5}}, none)
	assert.Nil(t, self[0].Up)
	// The depth tells which of several scopes with one path is the parent.
	deep := Build([]Scope{{Path: "x.a", Parent: "x", Depth: 1, Total: 9}, {Path: "x.a", Depth: 0, Total: 5}, {Path: "x.a.c", Parent: "x.a", Depth: 1, Total: 2}}, none)
	assert.Same(t, deep[1], deep[2].Up)
	assert.Equal(t, []float64{9, 3, 2}, []float64{deep[0].Own, deep[1].Own, deep[2].Own})
	// Whatever they say, each is there once, below no more than all.
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var list []Scope
		for range r.IntN(12) {
			list = append(list, Scope{Path: string(rune('a' + r.IntN(5))), Parent: []string{"", "a", "b", "c", "d.e"}[r.IntN(5)], Depth: r.IntN(3), Total: float64(r.IntN(5))})
		}
		nodes := Build(list, none)
		var seen []int
		for _, n := range nodes {
			if n.Timed() {
				seen = append(seen, n.Index)
			}
			steps := 0
			for p := n.Up; p != nil; p = p.Up {
				steps++
				require.LessOrEqual(t, steps, len(nodes))
			}
			require.GreaterOrEqual(t, n.Own, 0.0)
			require.LessOrEqual(t, n.Own, n.Total)
		}
		slices.Sort(seen)
		require.Len(t, slices.Compact(seen), len(list))
	}
}

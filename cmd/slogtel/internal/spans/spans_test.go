package spans

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

var zero = time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)

// span is a timing from one second to another. The id is that of the span, maybe with that of its parent after a <.
func span(scope, parent, id string, from, to float64) *events.Event {
	own, up, _ := strings.Cut(id, "<")
	at := func(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }
	return &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: scope, Parent: parent, SpanID: own, ParentSpanID: up,
		Time: at(to), Duration: at(to).Sub(at(from))}
}

func metric(scope, parent, id string, at float64) *events.Event {
	e := span(scope, parent, id, at, at)
	e.Kind, e.Type = events.Metric, slogtel.TypeCounter
	return e
}

// draw is a tree in one line.
func draw(t *Tree) string {
	var b strings.Builder
	var walk func(all []*Span)
	walk = func(all []*Span) {
		for i, s := range all {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(s.Scope)
			if s.Missing {
				b.WriteString("?")
			}
			if s.Guessed {
				b.WriteString("~")
			}
			if n := len(s.Metrics); n > 0 {
				fmt.Fprintf(&b, "+%d", n)
			}
			if len(s.Children) > 0 {
				b.WriteString("(")
				walk(s.Children)
				b.WriteString(")")
			}
		}
	}
	walk(t.Top)
	return b.String()
}

func TestBuild(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		all  []*events.Event
	}{
		"children first":  {"a(a.b(a.b.c) a.d)", []*events.Event{span("a.d", "a", "4<1", 5, 6), span("a.b.c", "a.b", "3<2", 1, 2), span("a.b", "a", "2<1", 1, 3), span("a", "", "1", 0, 9)}},
		"another process": {"a(b(b.c))", []*events.Event{span("b.c", "b", "3<2", 2, 3), span("b", "", "2<1", 1, 4), span("a", "", "1", 0, 9)}},
		"caller missing":  {"b", []*events.Event{span("b", "", "2<1", 1, 4)}},
		"parent missing":  {"a?(a.b a.c)", []*events.Event{span("a.b", "a", "2<1", 1, 2), span("a.c", "a", "3<1", 2, 3)}},
		"two missing":     {"a?(a.b) a?(a.c)", []*events.Event{span("a.b", "a", "2<1", 1, 2), span("a.c", "a", "3<9", 2, 3)}},
		"metrics":         {"a+1(a.b+2) x?+1", []*events.Event{metric("a.n", "a", "1", 1), metric("a.b.n", "a.b", "2", 1), metric("a.b.n", "a.b", "2", 1.5), metric("x.n", "x", "7", 2), span("a.b", "a", "2<1", 1, 2), span("a", "", "1", 0, 3)}},
		"no ids":          {"a(a.b~+1) a(a.b~)", []*events.Event{span("a.b", "a", "", 1, 2), metric("a.b.n", "a.b", "", 1.5), span("a", "", "", 0, 3), span("a.b", "a", "", 11, 12), span("a", "", "", 10, 13)}},
		"no ids, nested":  {"a(a.b~(a~(a.b~)))", []*events.Event{span("a.b", "a", "", 4, 5), span("a", "a.b", "", 3, 6), span("a.b", "a", "", 2, 7), span("a", "", "", 0, 9)}},
		"no ids, missing": {"a?(a.b~ a.b~)", []*events.Event{span("a.b", "a", "", 1, 2), span("a.b", "a", "", 3, 4)}},
		"same id":         {"a(a.b) a", []*events.Event{span("a", "", "1", 0, 3), span("a", "", "1", 4, 5), span("a.b", "a", "2<1", 1, 2)}},
		"its own parent":  {"a", []*events.Event{span("a", "", "1<1", 0, 3)}},
		"a circle":        {"b(a)", []*events.Event{span("a", "b", "1<2", 0, 3), span("b", "a", "2<1", 0, 3)}},
		"parallel":        {"a(a.b a.c)", []*events.Event{span("a.c", "a", "3<1", 1, 2), span("a.b", "a", "2<1", 1, 3), span("a", "", "1", 0, 3)}},
	} {
		t.Run(name, func(t *testing.T) {
			tree := Build(c.all)
			assert.Equal(t, c.want, draw(tree))
			n := 0
			for _, e := range c.all {
				if e.Kind == events.Timing {
					n++
				}
			}
			assert.Len(t, tree.Spans, n, "none gets lost")
		})
	}
}

func TestSelfAndPath(t *testing.T) {
	tree := Build([]*events.Event{
		span("a", "", "1", 0, 10),
		span("a.b", "a", "2<1", 1, 4), span("a.c", "a", "3<1", 2, 6), span("a.d", "a", "4<1", 7, 9), span("a.d.e", "a.d", "5<4", 7, 8),
		span("a.late", "a", "6<1", 9.5, 30), // goes on in the background
	})
	root := tree.Top[0]
	assert.Equal(t, 2*time.Second+500*time.Millisecond, root.Self(), "0-1, 6-7, 9-9.5")
	sum := time.Duration(0)
	took := make(map[string]time.Duration)
	for _, s := range root.Path() {
		took[s.Span.Scope] += s.Took
		sum += s.Took
	}
	assert.Equal(t, root.Duration, sum)
	assert.Equal(t, map[string]time.Duration{"a": 4 * time.Second, "a.c": 4 * time.Second, "a.d": time.Second, "a.d.e": time.Second}, took)
	assert.False(t, root.Children[0].Outside())
}

// Clocks that differ, and times that are not there, do not matter to the sum.
func TestPathOfOddTimes(t *testing.T) {
	before := span("b", "", "2<1", -5, -1)
	timeless := span("c", "", "3<1", 0, 0)
	timeless.Time = time.Time{}
	tree := Build([]*events.Event{span("a", "", "1", 0, 10), before, timeless, span("d", "", "4<1", 3, 3)})
	require.Len(t, tree.Top, 1)
	root := tree.Top[0]
	assert.Equal(t, 10*time.Second, root.Self())
	sum := time.Duration(0)
	for _, s := range root.Path() {
		sum += s.Took
	}
	assert.Equal(t, 10*time.Second, sum)
	assert.True(t, root.Children[0].Outside())
}

// A chain as deep as a trace can be, and as many children as one can have.
func TestLarge(t *testing.T) {
	const n = 100_000
	var chain, flat []*events.Event
	flat = append(flat, span("a", "", "1", 0, n))
	chain = append(chain, span("a", "", "0", 0, n))
	for i := 1; i < n; i++ {
		chain = append(chain, span("a", "a", fmt.Sprintf("%d<%d", i, i-1), 0, n))
		flat = append(flat, span("a.b", "a", fmt.Sprintf("x%d<1", i), float64(i-1), float64(i)))
	}
	assert.Len(t, Build(chain).Top, 1)
	assert.Len(t, Build(chain).Top[0].Path(), 1)
	tree := Build(flat)
	assert.Len(t, tree.Top[0].Children, n-1)
	assert.Equal(t, time.Second, tree.Top[0].Self())
	assert.Len(t, tree.Top[0].Path(), n)
	for i := range flat { // without ids
		flat[i].SpanID, flat[i].ParentSpanID = "", ""
	}
	assert.Equal(t, n-1, Build(flat).Guessed)
}

func TestFind(t *testing.T) {
	tree := Build([]*events.Event{span("a", "", "1", 0, 10), span("a.b", "a", "2<1", 1, 4), span("a.c", "a", "3<1", 3, 6)})
	at := func(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }
	for want, c := range map[string]struct {
		id string
		at float64
	}{"a.b": {"", 2}, "a.c": {"3", 2}, "a": {"", 3.5}} {
		s, guessed := tree.Find(c.id, at(c.at))
		require.NotNil(t, s)
		assert.Equal(t, want, s.Scope)
		assert.Equal(t, c.id == "", guessed)
	}
	s, _ := tree.Find("", at(11))
	assert.Nil(t, s)
	s, _ = tree.Find("unknown", time.Time{})
	assert.Nil(t, s)
}

package flame

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// With span ids, what ran at once inside a call is taken off once; without, it is said that the
// self time is not exact.
func TestSelfTimeOfSpans(t *testing.T) {
	span := func(e *events.Event, end time.Duration, id, parent string) *events.Event {
		e.Time = noon.Add(end)
		e.SpanID, e.ParentSpanID = id, parent
		if id != "" {
			e.TraceID = "t"
		}
		return e
	}
	list := func(ids bool) []*events.Event {
		id := func(s string) string {
			if ids {
				return s
			}
			return ""
		}
		return []*events.Event{
			span(timing("a.b", "a", 1, 4), 10, id("2"), id("1")), span(timing("a.b", "a", 1, 4), 12, id("3"), id("1")),
			span(timing("a", "", 0, 10), 12, id("1"), ""),
		}
	}
	of := func(list []*events.Event) ([]*node, string) {
		meters := tree.NewMeters()
		c := newCollection(meters.New(), collect.NewRoom[key](maxScopes))
		for _, e := range list {
			c.Event(e)
		}
		meters.Finish()
		nodes := stacks(c, meters.Parallel)
		return nodes, foldedText(t, c, selfTime)
	}
	nodes, folded := of(list(true))
	assert.Equal(t, "a 4\na;b 8\n", folded)
	assert.Empty(t, notices(nodes))
	nodes, _ = of(list(false))
	assert.Len(t, notices(nodes), 1)
	assert.Contains(t, notices(nodes)[0], "the self time of 1 scopes is estimated")
}

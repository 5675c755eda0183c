package flame

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func timing(scope, parent string, depth int, d time.Duration) *events.Event {
	return &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Time: noon.Add(d), Scope: scope, Parent: parent, Depth: depth, SampleRate: 1, Duration: d}
}

func collectedFrom(list ...*events.Event) *collection {
	c := newCollection(tree.NewMeters().New(), collect.NewRoom[key](maxScopes))
	for _, e := range list {
		c.Event(e)
	}
	return c
}

func foldedText(t *testing.T, c *collection, value int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, writeFolded(&b, stacks(c, alone), value))
	return b.String()
}

func TestStacks(t *testing.T) {
	failed := timing("a.b", "a", 1, 3)
	failed.Error = "boom"
	sampled := timing("a", "", 0, 10)
	sampled.SampleRate = 0.25
	summary := &events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Time: noon, Scope: "a", SampleRate: 1,
		Totals: &events.Totals{Interval: time.Minute, Count: 7, Errors: 2, Sum: 3e-6}}
	passed := timing("a", "", 0, 2000)
	passed.InSummary = true
	otherSummary := &events.Event{Kind: events.Summary, Type: slogtel.TypeGauge, Time: noon, Scope: "a", SampleRate: 1,
		Totals: &events.Totals{Count: 7, Sum: 3e-6}}
	for name, test := range map[string]struct {
		events              []*events.Event
		self, calls, errors string
	}{
		"nothing": {},
		"self time is what the scopes right below leave": {
			events: []*events.Event{timing("a.b.c", "a.b", 2, 1), failed, timing("a.b", "a", 1, 4), timing("a", "", 0, 10)},
			self:   "a 3\na;b 6\na;b;c 1\n",
			calls:  "a 1\na;b 2\na;b;c 1\n",
			errors: "a;b 1\n",
		},
		"children at the same time leave nothing": {
			events: []*events.Event{timing("a.b", "a", 1, 8), timing("a.b", "a", 1, 9), timing("a", "", 0, 10)},
			self:   "a;b 17\n",
			calls:  "a 1\na;b 2\n",
		},
		"one path in two parents": {
			events: []*events.Event{timing("a.b", "", 0, 20), timing("a.b.c", "a.b", 1, 5), timing("a.b.c", "a.b", 2, 7), timing("a.b", "a", 1, 10), timing("a", "", 0, 11)},
			self:   "a 1\na.b 15\na.b;c 5\na;b 3\na;b;c 7\n",
			calls:  "a 1\na.b 1\na.b;c 1\na;b 1\na;b;c 1\n",
		},
		"a dot is no parent": {
			events: []*events.Event{timing("a.b", "", 0, 20), timing("a", "", 0, 1)},
			self:   "a 1\na.b 20\n",
			calls:  "a 1\na.b 1\n",
		},
		"a parent that was never timed": {
			events: []*events.Event{timing("a.b.c", "a.b", 2, 5), timing("a", "", 0, 9)},
			self:   "a 9\na;b;c 5\n",
			calls:  "a 1\na;b;c 1\n",
		},
		"each other's parents": {
			events: []*events.Event{timing("a", "b", 1, 5), timing("b", "a", 1, 9), timing("c", "c", 1, 2)},
			self:   "b 4\nb;a 5\nc 2\n",
			calls:  "b 1\nb;a 1\nc 1\n",
		},
		"sampled":    {events: []*events.Event{sampled}, self: "a 40\n", calls: "a 4\n"},
		"summaries":  {events: []*events.Event{summary, timing("a", "", 0, 1), otherSummary, passed}, self: "a 3001\n", calls: "a 8\n", errors: "a 2\n"},
		"delimiters": {events: []*events.Event{timing("a;b\n7", "", 0, 1)}, self: `a:b\n7 1` + "\n", calls: `a:b\n7 1` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.self, foldedText(t, collectedFrom(test.events...), selfTime))
			assert.Equal(t, test.calls, foldedText(t, collectedFrom(test.events...), calls))
			assert.Equal(t, test.errors, foldedText(t, collectedFrom(test.events...), failures))
		})
	}
}

func TestImpossibleFiguresAreNone(t *testing.T) {
	for _, sum := range []float64{math.NaN(), math.Inf(-1), -5, math.Inf(1), 1e300} {
		c := collectedFrom(&events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Time: noon, Scope: "a", SampleRate: math.NaN(),
			Totals: &events.Totals{Count: -3, Errors: math.MinInt64, Sum: sum}})
		n := stacks(c, alone)[0]
		assert.Zero(t, n.Count)
		assert.Zero(t, n.Errors)
		assert.GreaterOrEqual(t, n.values()[selfTime], int64(0), sum)
	}
	assert.Zero(t, stacks(collectedFrom(timing("a", "", 0, -1)), alone)[0].Series.Total)
}

func TestLimits(t *testing.T) {
	room := collect.NewRoom[key](3)
	a, b := newCollection(tree.NewMeters().New(), room), newCollection(tree.NewMeters().New(), room)
	for i := range 3 {
		a.Event(timing(fmt.Sprint("a", i), "", 0, 10))
		b.Event(timing(fmt.Sprint("b", i), "", 0, 10))
	}
	b.Event(timing("b9", "", 0, 10))
	b.Event(timing(strings.Repeat("x", maxPath+1), "", 0, 10))
	assert.EqualValues(t, 1, a.overflow())
	assert.EqualValues(t, 4, b.overflow())
	a.merge(b)
	assert.Len(t, a.scopes.All, 4)
	assert.EqualValues(t, 5, a.overflow())
	assert.EqualValues(t, 80, selfSum(stacks(a, alone)), "no time is lost")
	assert.EqualValues(t, 8, a.events)
	assert.Contains(t, strings.Join(toProfile(a, stacks(a, alone), "-").Comments, "\n"), "5 calls are in (other scopes)")
}

func TestDeepStacksAreCut(t *testing.T) {
	c := newCollection(tree.NewMeters().New(), collect.NewRoom[key](maxScopes))
	for i := range 3 * maxFrames {
		c.Event(timing(fmt.Sprint(i), fmt.Sprint(i-1), i, 1))
	}
	p := toProfile(c, stacks(c, alone), "-")
	require.NoError(t, p.CheckValid())
	for _, s := range p.Sample {
		assert.LessOrEqual(t, len(s.Location), maxFrames)
	}
}

// alone says that nothing ran at the same time.
func alone(string) bool { return false }

package timeline

import (
	"fmt"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// A group is what the format calls a process: the scopes of one trace, of several, or
// of none, in lanes, which the format calls threads.
type group struct {
	name   string
	items  []*item
	places []int // of each item, its lane
	lanes  int
	first  int // number of the group and of its first lane; no number is used twice
}

// Names of the groups that are no trace.
const (
	metricsName   = "metrics"
	untracedName  = "scopes without a trace id"
	allTracesName = "traces"
)

// tracks are the groups of a picture, the metrics first.
type tracks struct {
	metrics []*item
	groups  []*group
	shared  bool // all traces are in one group, for there are more than fit
}

// arrange puts each trace in a group of its own or, if there are more than most, all of
// them in one. items are in the order of [compare].
func arrange(items []*item, most int) tracks {
	var t tracks
	untraced, all := &group{name: untracedName}, &group{name: allTracesName}
	traces := make(map[string]*group)
	var order []*group
	for _, i := range items {
		switch {
		case i.Kind != events.Timing:
			t.metrics = append(t.metrics, i)
		case i.TraceID == "":
			untraced.items = append(untraced.items, i)
		default:
			g := traces[i.TraceID]
			if g == nil {
				g = &group{name: fmt.Sprintf("trace %s: %s", i.TraceID, i.Scope)}
				traces[i.TraceID] = g
				order = append(order, g)
			}
			g.items = append(g.items, i)
			all.items = append(all.items, i)
		}
	}
	if len(order) > most {
		t.shared = true
		order = []*group{all}
	}
	if len(untraced.items) > 0 {
		order = append([]*group{untraced}, order...)
	}
	number := 2 // the metrics have 1
	for _, g := range order {
		g.first = number
		g.place()
		number += g.lanes
	}
	t.groups = order
	return t
}

func (g *group) place() {
	l := newLayout()
	for _, i := range g.items {
		g.places = append(g.places, l.place(i))
	}
	g.lanes = len(l.lanes)
}

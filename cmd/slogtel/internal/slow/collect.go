package slow

import (
	"cmp"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

// A slowest has the longest timings that one worker has seen.
type slowest struct {
	inner   bool // scopes inside others too
	longest *collect.First[*events.Event]
	traced  bool // some timing has a trace id
	sampled bool // some stand for others
	summed  bool // there are summaries of timings
}

// longer is the order of what is kept: the longest first.
func longer(a, b *events.Event) int {
	return cmp.Or(cmp.Compare(b.Duration, a.Duration), a.Time.Compare(b.Time), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.SpanID, b.SpanID))
}

func (s *slowest) Event(e *events.Event) {
	s.summed = s.summed || e.Kind == events.Summary && e.Type == slogtel.TypeTiming
	if e.Kind != events.Timing || e.Parent != "" && !s.inner {
		return
	}
	s.traced = s.traced || e.TraceID != ""
	s.sampled = s.sampled || e.SampleRate < 1
	if s.longest.Wants(e) {
		s.longest.Keep(e.Clone())
	}
}

func (s *slowest) merge(o *slowest) {
	s.traced, s.sampled, s.summed = s.traced || o.traced, s.sampled || o.sampled, s.summed || o.summed
	s.longest.Merge(o.longest)
}

// maxEvents is how many timings of all traces are kept.
const maxEvents = 1 << 20

// A gatherer has the timings of some traces that one worker has seen.
type gatherer struct {
	traces map[string]int // number of each, from 0; shared, and not written to
	events [][]*events.Event
	n      int
	most   int // of this worker
	left   int // for which there was no room
}

func (g *gatherer) Event(e *events.Event) {
	if e.Kind != events.Timing {
		return
	}
	i, ok := g.traces[e.TraceID]
	switch {
	case !ok:
	case g.n >= g.most:
		g.left++
	default:
		g.n++
		g.events[i] = append(g.events[i], e.Clone())
	}
}

func (g *gatherer) merge(o *gatherer) {
	g.left += o.left
	for i := range g.events {
		g.events[i] = append(g.events[i], o.events[i]...)
	}
}

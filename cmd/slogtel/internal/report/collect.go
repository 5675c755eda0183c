package report

import (
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

// A key tells series apart.
type key struct {
	scope, parent string
	typ           slogtel.MetricType
}

// overflow is the key of what there was no room for.
func overflow(typ slogtel.MetricType) key { return key{scope: overflowName, typ: typ} }

const overflowName = "(other)"

// A room has space for the series and groups that are told apart. All collectors of one report share it.
type room struct {
	all    *collect.Room[slot] // series, and the groups of each
	groups *collect.Rooms[key] // those of each series
}

// A slot is a series, or one of its groups.
type slot struct {
	key
	group string
	split bool // it is a group
}

func newRoom(limit, most int) *room {
	return &room{
		all: collect.NewRoom(limit, func(s slot) slot {
			s.group = strings.Clone(s.group)
			return s
		}),
		groups: collect.NewRooms[key](most),
	}
}

// A collector adds up events. It is a Sink.
type collector struct {
	meter *tree.Meter
	by    string
	room  *room
	all   map[key]*series

	lost    int64 // events without a series of their own
	grouped int64 // events without a group of their own
	skipped int64 // events that a summary counts too

	notCounted int64 // timings whose program did not count them
}

func newCollector(meter *tree.Meter, by string, room *room) *collector {
	return &collector{meter: meter, by: by, room: room, all: make(map[key]*series)}
}

// EndChunk implements [events.ChunkSink].
func (c *collector) EndChunk(number int) { c.meter.EndChunk(number) }

// Event adds up an event.
func (c *collector) Event(e *events.Event) {
	s, own := c.series(key{e.Scope, e.Parent, e.Type}, e.Depth)
	if !own {
		c.lost++
	}
	if e.NotCounted {
		c.notCounted++
	}
	if e.InSummary {
		c.skipped++
		if e.Failed() {
			s.addText(e, e.Error)
		}
		return
	}
	s.addEvent(e)
	switch {
	case e.Kind == events.Timing:
		c.meter.Timing(e, &s.times)
	case e.Kind == events.Summary && e.Type == slogtel.TypeTiming:
		c.meter.Summary(e)
	}
	if c.by != "" {
		value, _ := e.Field(c.by)
		g, own := c.group(s, text.Clip(value, maxText))
		if !own {
			c.grouped++
		}
		g.addEvent(e)
	}
}

// series returns the series for a key, or else that for what there is no room for.
func (c *collector) series(k key, depth int) (s *series, own bool) {
	if s := c.all[k]; s != nil {
		s.mixed = s.mixed || depth != s.depth
		s.depth = min(s.depth, depth)
		return s, true
	}
	if own = k == overflow(k.typ) || c.room.all.Admit(slot{key: k}); !own {
		k, depth = overflow(k.typ), 0
		if s := c.all[k]; s != nil {
			return s, false
		}
	}
	s = &series{key: k, depth: depth, times: tree.Times{Path: k.scope, Parent: k.parent}}
	c.all[k] = s
	return s, own
}

func (c *collector) group(s *series, value string) (g *series, own bool) {
	if g := s.by[value]; g != nil {
		return g, true
	}
	if s.groups == nil {
		s.groups = c.room.groups.Of(s.key)
	}
	own = value == overflowName || s.groups.Admit(value) && c.room.all.Admit(slot{s.key, value, true})
	if !own {
		value = overflowName
		if g := s.by[value]; g != nil {
			return g, false
		}
	}
	if s.by == nil {
		s.by = make(map[string]*series)
	}
	g = new(series)
	s.by[strings.Clone(value)] = g
	return g, own
}

// merge adds what another collector of the same room has.
func (c *collector) merge(o *collector) {
	c.skipped += o.skipped
	c.notCounted += o.notCounted
	c.lost += o.lost
	c.grouped += o.grouped
	for k, from := range o.all {
		s, _ := c.series(k, from.depth)
		for value, g := range from.by {
			to, _ := c.group(s, value)
			to.merge(g)
		}
		s.mixed = s.mixed || from.mixed
		s.merge(from)
	}
}

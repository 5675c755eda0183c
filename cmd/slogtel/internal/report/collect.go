package report

import (
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
	return &room{all: collect.NewRoom[slot](limit), groups: collect.NewRooms[key](most)}
}

// A collector adds up events. It is a Sink.
type collector struct {
	events.Turn
	meter  *tree.Meter
	by     string
	room   *room
	series collect.Table[key, series]

	lost    int64 // events without a series of their own
	grouped int64 // events without a group of their own
	skipped int64 // events that a summary counts too

	notCounted int64 // timings whose program did not count them
}

func newCollector(meter *tree.Meter, by string, room *room) *collector {
	c := &collector{meter: meter, by: by, room: room}
	c.series = collect.Table[key, series]{
		Admit: func(k key) bool { return room.all.Admit(slot{key: k}, &c.Turn) },
		Other: func(k key) key { return key{scope: overflowName, typ: k.typ} },
		New:   func(k key) *series { return &series{key: k, times: tree.Times{Path: k.scope, Parent: k.parent}} },
	}
	return c
}

// EndChunk implements [events.ChunkSink].
func (c *collector) EndChunk(number int) { c.meter.EndChunk(number) }

// Event adds up an event.
func (c *collector) Event(e *events.Event) {
	s, own := c.series.Of(key{e.Scope, e.Parent, e.Type})
	if own {
		s.at(e.Depth)
	} else {
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
		g, own := c.groups(s).Of(text.Clip(value, maxText))
		if !own {
			c.grouped++
		}
		g.addEvent(e)
	}
}

// groups are those of a series.
func (c *collector) groups(s *series) *collect.Table[string, series] {
	if s.by.Admit == nil {
		of := c.room.groups.Of(s.key)
		s.by.Admit = func(value string) bool {
			return of.Admit(value, &c.Turn) && c.room.all.Admit(slot{s.key, value, true}, &c.Turn)
		}
		s.by.Other = func(string) string { return overflowName }
		s.by.New = func(string) *series { return new(series) }
	}
	return &s.by
}

// merge adds what another collector of the same room has.
func (c *collector) merge(o *collector) {
	c.skipped += o.skipped
	c.notCounted += o.notCounted
	c.lost += o.lost
	c.grouped += o.grouped
	c.series.Merge(&o.series, func(into, from *series) {
		c.groups(into).Merge(&from.by, (*series).merge)
		into.merge(from)
	})
}

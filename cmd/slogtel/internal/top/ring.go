//go:build !js

package top

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
)

// window is how many seconds are kept.
const window = 60

// A ring keeps the last minute of a scope or a metric, a second by a second. A second without an event
// takes no memory. The zero ring is empty.
type ring struct {
	cells [window]*cell
	last  int64 // the latest second with an event
}

type cell struct {
	second int64
	sums   collect.Series
}

// add adds an event of a second. One that is older than what stands in its place is left out.
func (r *ring) add(second int64, e *events.Event) {
	place := &r.cells[((second%window)+window)%window]
	if *place == nil {
		*place = &cell{second: second}
	}
	c := *place
	if c.second > second {
		return
	}
	if c.second < second {
		c.second = second
		d := c.sums.Sketch
		c.sums = collect.Series{}
		if d != nil {
			d.Reset()
			c.sums.Sketch = d
		}
	}
	c.sums.Add(e, collect.Distributed(e.Type))
	r.last = max(r.last, second)
}

// sum returns what happened in the minute that ends with second. What is older gives back its memory.
func (r *ring) sum(second int64) *collect.Series {
	all := &collect.Series{Sketch: new(sketch.Sketch)} // of its own: Merge would take over that of a cell
	for i, c := range r.cells {
		switch {
		case c == nil:
		case c.second <= second-window:
			r.cells[i] = nil
		case c.second <= second:
			part := c.sums
			all.Merge(&part)
		}
	}
	return all
}

package live

import (
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
)

// tick is the unit in which time passes: what happened is known to be in one of them.
const tick = 10 * time.Second

// The slots that are kept of each width, besides the one that is not full yet. A minute is made of
// ticks, ten minutes of slots of two minutes, an hour of slots of ten.
const (
	perMiddle = 12 // ticks in a slot of two minutes
	perLong   = 60 // ticks in a slot of ten minutes
	shorts    = 6
	middles   = 5
	longs     = 6
)

// A cell is what happened in one slot.
type cell struct {
	index  int64 // of the slot, among those of its width
	calls  float64
	errors float64
	dist   *sketch.Sketch // nil until something was added
}

func (c *cell) add(v, weight float64, failed bool) {
	if c.dist == nil {
		c.dist = new(sketch.Sketch)
	}
	c.dist.AddWeighted(v, weight)
	c.calls += weight
	if failed {
		c.errors += weight
	}
}

func (c *cell) merge(o *cell) {
	if o.calls == 0 {
		return
	}
	c.calls += o.calls
	c.errors += o.errors
	if o.dist != nil {
		if c.dist == nil {
			c.dist = new(sketch.Sketch)
		}
		c.dist.Merge(o.dist)
	}
}

// reset empties c for another slot, and keeps the memory of its sketch.
func (c *cell) reset(index int64) {
	c.index, c.calls, c.errors = index, 0, 0
	if c.dist != nil {
		c.dist.Reset()
	}
}

// A window is the distribution of values over the last hour, in slots: the older, the wider. A slot
// that is full is merged into the next wider one. It takes 20 sketches.
type window struct {
	now, middle, long cell // those that are not full yet
	short             [shorts]cell
	mids              [middles]cell
	lasts             [longs]cell
}

// advance closes the slots that have passed by a tick.
func (w *window) advance(to int64) {
	if to <= w.now.index {
		return
	}
	if w.now.calls > 0 {
		w.middle.merge(&w.now)
		closeCell(w.short[:], &w.now)
	}
	w.now.reset(to)
	if to/perMiddle > w.middle.index {
		if w.middle.calls > 0 {
			w.long.merge(&w.middle)
			closeCell(w.mids[:], &w.middle)
		}
		w.middle.reset(to / perMiddle)
	}
	if to/perLong > w.long.index {
		if w.long.calls > 0 {
			closeCell(w.lasts[:], &w.long)
		}
		w.long.reset(to / perLong)
	}
}

// closeCell puts c into the ring. What it takes the place of is c's to use again.
func closeCell(ring []cell, c *cell) {
	at := &ring[c.index%int64(len(ring))]
	*at, *c = *c, *at
}

// merge adds what is in o, and leaves o empty. Both have advanced to the same tick.
func (w *window) merge(o *window) {
	join := func(c, from *cell) {
		if from.calls == 0 {
			return
		}
		if c.index != from.index {
			if c.calls > 0 && c.index > from.index {
				return // an old slot of a ring, which has passed
			}
			c.reset(from.index)
		}
		c.merge(from)
		from.reset(from.index)
	}
	join(&w.now, &o.now)
	join(&w.middle, &o.middle)
	join(&w.long, &o.long)
	for i := range w.short {
		join(&w.short[i], &o.short[i])
	}
	for i := range w.mids {
		join(&w.mids[i], &o.mids[i])
	}
	for i := range w.lasts {
		join(&w.lasts[i], &o.lasts[i])
	}
}

// spans are the windows that are shown: their names, and how long each is beside the slot that
// is not full.
var spans = [3]struct {
	name   string
	length time.Duration
	ticks  int64 // of its slots
}{
	{"1m", time.Minute, 1},
	{"10m", 10 * time.Minute, perMiddle},
	{"1h", time.Hour, perLong},
}

// sum returns what happened in each of the spans, up to the tick that w has advanced to.
func (w *window) sum() (all [len(spans)]cell) {
	collect := func(to *cell, ring []cell, index int64) {
		for i := range ring {
			if c := &ring[i]; c.index < index && c.index >= index-int64(len(ring)) {
				to.merge(c)
			}
		}
	}
	collect(&all[0], w.short[:], w.now.index)
	collect(&all[1], w.mids[:], w.middle.index)
	collect(&all[2], w.lasts[:], w.long.index)
	for i := range all {
		all[i].merge(&w.now)
		if i > 0 {
			all[i].merge(&w.middle)
		}
		if i > 1 {
			all[i].merge(&w.long)
		}
	}
	return all
}

// covered is how long the span with that number is, as of a time since the beginning.
func covered(span int, since time.Duration) time.Duration {
	s := &spans[span]
	slot := time.Duration(s.ticks) * tick
	return min(since, s.length+since%slot)
}

// points is how many ticks a chart has: ten minutes.
const points = 60

// A chart has a number for each of the last ticks.
type chart struct {
	index int64
	v     [points]float64
	has   [points]bool
}

// at returns the place for a tick, or the last one for a tick that is older.
func (c *chart) at(to int64) *float64 {
	c.advance(to)
	i := c.index % points
	c.has[i] = true
	return &c.v[i]
}

func (c *chart) advance(to int64) {
	if to > c.index+points {
		c.index = to - points
	}
	for c.index < to {
		c.index++
		c.v[c.index%points], c.has[c.index%points] = 0, false
	}
}

// list returns the numbers, the oldest first, and how many ticks there have been so far. Those that
// have none are NaN where gaps is true, and 0 otherwise.
func (c *chart) list(gaps bool) []*float64 {
	n := min(points, c.index+1)
	list := make([]*float64, 0, n)
	for i := c.index - n + 1; i <= c.index; i++ {
		at := i % points
		if gaps && !c.has[at] {
			list = append(list, nil)
			continue
		}
		v := c.v[at]
		list = append(list, &v)
	}
	return list
}

// merge adds the numbers of o, and leaves o empty. Both have advanced to the same tick.
func (c *chart) merge(o *chart) {
	for i := range c.v {
		c.v[i] += o.v[i]
		c.has[i] = c.has[i] || o.has[i]
		o.v[i], o.has[i] = 0, false
	}
}

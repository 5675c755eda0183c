package aggregate

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// An table holds the series of one interval.
type table struct {
	series.Table[sums]
	overflow series.Table[sums]
	start    time.Time
}

func (c *aggregator) newTable(start time.Time, slots int) *table {
	t := &table{start: start}
	t.Init(c.opts.MaxSeries, slots)
	t.overflow.Init(overflowSeries, 2*overflowSeries)
	return t
}

// sums are those of the events of one series in one interval, or of a part of them. What uses
// them has locked the part.
type sums struct {
	events   int64 // as they came, not scaled
	passed   int
	depth    int // the least
	level    slog.Level
	count    tally.Total // of a counter and of a gauge; the sketch has that of the others
	errors   tally.Total
	total    tally.Total // of a counter
	sum      tally.Sum   // of a gauge
	last     float64     // of a gauge
	min, max float64     // of a gauge
	sketch   sketch.Sketch
}

// add adds e to its series, which dims tell apart from others.
func (c *aggregator) add(view *series.View, e *input, dims []byte) fate {
	key := series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type, View: view}
	notable := e.Error != "" ||
		c.opts.SlowerThan > 0 && e.Type == slogtel.TypeTiming && e.value > float64(c.opts.SlowerThan)
	for {
		t := c.table.Load()
		if t == nil {
			return notTaken
		}
		s := t.Get(&key, dims, e.Series)
		if s == nil {
			if t.Closed() {
				continue // there is another table by now
			}
			k := series.Key{Path: OverflowScope, Type: e.Type, View: c.root}
			if s = t.overflow.Get(&k, nil, nil); s == nil {
				continue // closed: it has one series for each type
			}
		}
		var p *series.Part[sums]
		if notable || e.Type == slogtel.TypeGauge {
			p = s.LockFirst() // it counts what passed, and has the last value
		} else {
			p = s.Lock(e.place)
		}
		if p == nil {
			continue // the interval is over
		}
		p.Val.add(e)
		pass := notable && (c.opts.MaxPassed <= 0 || p.Val.passed < c.opts.MaxPassed)
		if pass {
			p.Val.passed++
		}
		p.Unlock()
		if pass {
			c.counts.passed.Add(1)
			return alsoTaken
		}
		return inSeries
	}
}

func (s *sums) add(e *input) {
	s.begin(e.Depth, e.level, e.value, e.value)
	s.events++
	switch e.Type {
	case slogtel.TypeCounter:
		s.count.AddInt(1, e.weight)
		s.total.AddInt(e.whole, e.weight)
		if e.value != 0 {
			s.total.Add(e.value, e.weight)
		}
	case slogtel.TypeGauge:
		s.count.AddInt(1, e.weight)
		s.last = e.value
		s.sum.AddTimes(e.value, e.weight)
	default:
		if e.Error != "" {
			s.errors.AddInt(1, e.weight)
		}
		s.sketch.AddWeighted(e.value, e.weight)
	}
}

// begin notes the least and the greatest of what events have, before they are counted.
func (s *sums) begin(depth int, level slog.Level, least, most float64) {
	if s.events == 0 {
		s.depth, s.level, s.min, s.max = depth, level, least, most
		return
	}
	s.depth, s.level = min(s.depth, depth), max(s.level, level)
	s.min, s.max = min(s.min, least), max(s.max, most)
}

// merge adds what is in from, which is of timings, a counter or a histogram, and empties it.
func (s *sums) merge(from *sums) {
	if from.events == 0 {
		return
	}
	s.begin(from.depth, from.level, from.min, from.max)
	s.events += from.events
	s.count.Merge(from.count)
	s.total.Merge(from.total)
	s.sketch.Merge(&from.sketch)
	*from = sums{}
}

// summary returns the summary of a closed series.
func (c *aggregator) summary(e *series.Entry[sums], start, end time.Time) slogtel.Summary {
	s := e.Val()
	sum := slogtel.Summary{
		Scope: e.Path, ParentScope: e.Parent, Depth: s.depth, Type: e.Type,
		Time: end, Interval: end.Sub(start),
		Errors: series.Whole(&s.errors),
		Attrs:  dimAttrs(c.opts.Keys, e.Dims),
	}
	events := s.count.Value()
	sum.Count = series.Whole(&s.count)
	switch e.Type {
	case slogtel.TypeCounter:
		sum.Sum = s.total.Value()
	case slogtel.TypeGauge:
		sum.Last, sum.Min, sum.Max, sum.Sum = s.last, s.min, s.max, s.sum.Value()
		sum.Mean = sum.Sum / events
	default:
		events = s.sketch.Count()
		sum.Count = tally.Whole(events)
		series.Describe(&sum, &s.sketch)
		if c.opts.Sketch {
			sum.Sketch = series.Text(&s.sketch)
		}
	}
	sum.Rate = series.Rate(&sum, events)
	return sum
}

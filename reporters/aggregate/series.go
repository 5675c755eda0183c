package aggregate

import (
	"log/slog"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// An aggregateTable holds the series of one interval.
type aggregateTable struct {
	series.Table[sums]
	overflow series.Table[sums]
	start    time.Time
}

func (c *aggregator) newTable(start time.Time, slots int) *aggregateTable {
	t := &aggregateTable{start: start}
	t.Init(c.opts.MaxSeries, slots)
	t.overflow.Init(overflowSeries, 2*overflowSeries)
	return t
}

// An aggregateSeries sums up the events of one interval.
type sums struct {
	mu       sync.Mutex // guards what follows, until closed is set: then no event comes any more
	closed   bool
	events   int64 // as they came, not scaled
	passed   int
	depth    int // the least
	level    slog.Level
	count    tally.Total
	errors   tally.Total
	total    tally.Total // of a counter
	sum      tally.Sum   // of a gauge
	last     float64     // of a gauge
	min, max float64     // of a gauge
	sketch   sketch.Sketch
}

// add adds e to its series.
func (c *aggregator) add(e *input) fate {
	if len(c.opts.Keys) > 0 {
		var room [128]byte
		return c.addTo(e, appendDims(room[:0], c.opts.Keys, e.attrs))
	}
	return c.addTo(e, nil)
}

func (c *aggregator) addTo(e *input, dims []byte) fate {
	tell := e.failed ||
		c.opts.SlowerThan > 0 && e.key.Type == slogtel.TypeTiming && e.value > float64(c.opts.SlowerThan)
	for {
		t := c.table.Load()
		if t == nil {
			return notTaken
		}
		s := t.Get(&e.key, dims, e.id)
		if s == nil {
			if t.Closed() {
				continue // there is another table by now
			}
			k := series.Key{Path: OverflowScope, Type: e.key.Type, View: c.root}
			if s = t.overflow.Get(&k, nil, 0); s == nil {
				continue // closed, as it has room for all types
			}
		}
		if passed, ok := s.Val.add(s.Type, e, tell, c.opts.MaxPassed); ok {
			if passed {
				c.counts.passed.Add(1)
				return alsoTaken
			}
			return inSeries
		}
	}
}

// add reports whether an event that tells something is to be passed on, and false
// when the interval is over.
func (s *sums) add(typ slogtel.MetricType, e *input, tell bool, maxPassed int) (pass, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, false
	}
	if s.events == 0 {
		s.depth, s.level = e.depth, e.level
		s.min, s.max = e.value, e.value
	}
	s.events++
	s.count.AddInt(1, e.weight)
	s.depth = min(s.depth, e.depth)
	s.level = max(s.level, e.level)
	if e.failed {
		s.errors.AddInt(1, e.weight)
	}
	switch typ {
	case slogtel.TypeCounter:
		series.AddValue(&s.total, e.number, e.weight)
	case slogtel.TypeGauge:
		s.last, s.min, s.max = e.value, min(s.min, e.value), max(s.max, e.value)
		s.sum.AddTimes(e.value, e.weight)
	default:
		s.sketch.AddWeighted(e.value, e.weight)
	}
	if tell && (maxPassed <= 0 || s.passed < maxPassed) {
		s.passed++
		pass = true
	}
	return pass, true
}

// close ends the interval for s. What it holds is the caller's from then on.
func (s *sums) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

// summary returns the summary of a closed series.
func (c *aggregator) summary(e *series.Entry[sums], start, end time.Time) slogtel.Summary {
	s := &e.Val
	sum := slogtel.Summary{
		Scope: e.Path, ParentScope: e.Parent, Depth: s.depth, Type: e.Type,
		Time: end, Interval: end.Sub(start),
		Count: series.Whole(&s.count), Errors: series.Whole(&s.errors),
		Attrs: dimAttrs(c.opts.Keys, e.Dims),
	}
	switch e.Type {
	case slogtel.TypeCounter:
		sum.Sum = s.total.Value()
	case slogtel.TypeGauge:
		sum.Last, sum.Min, sum.Max, sum.Sum = s.last, s.min, s.max, s.sum.Value()
		sum.Mean = sum.Sum / s.count.Value()
	default:
		series.Describe(&sum, &s.sketch)
		if c.opts.Sketch {
			sum.Sketch = series.Text(&s.sketch)
		}
	}
	sum.Rate = series.Rate(&sum, s.count.Value())
	return sum
}

package reporters

import (
	"log/slog"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// An aggregateTable holds the series of one interval.
type aggregateTable struct {
	seriesTable[aggregateSeries]
	overflow seriesTable[aggregateSeries]
	start    time.Time
}

func (c *aggregator) newTable(start time.Time, slots int) *aggregateTable {
	t := &aggregateTable{start: start}
	t.init(c.opts.MaxSeries, slots)
	t.overflow.init(overflowSeries, 2*overflowSeries)
	return t
}

// An aggregateSeries sums up the events of one interval.
type aggregateSeries struct {
	mu       sync.Mutex // guards what follows, until closed is set: then no event comes any more
	closed   bool
	weight   sketch.Weight
	events   int64 // as they came, not scaled
	passed   int
	depth    int // the least
	level    slog.Level
	count    int64
	errors   int64
	total    int64   // of a counter
	last     float64 // of a gauge
	min, max float64 // of a gauge
	sketch   sketch.Sketch
}

// add adds e to its series.
func (c *aggregator) add(e *aggregateEvent) fate {
	if len(c.opts.Keys) > 0 {
		var room [128]byte
		return c.addTo(e, appendDims(room[:0], c.opts.Keys, e.attrs))
	}
	return c.addTo(e, nil)
}

func (c *aggregator) addTo(e *aggregateEvent, dims []byte) fate {
	tell := e.failed ||
		c.opts.SlowerThan > 0 && e.key.typ == slogtel.TypeTiming && e.value > float64(c.opts.SlowerThan)
	for {
		t := c.table.Load()
		if t == nil {
			return notTaken
		}
		s := t.series(&e.key, dims)
		if s == nil {
			if t.closed.Load() {
				continue // there is another table by now
			}
			k := seriesKey{path: OverflowScope, typ: e.key.typ, view: c.root}
			if s = t.overflow.series(&k, nil); s == nil {
				continue // closed, as it has room for all types
			}
		}
		if passed, ok := s.val.add(s.typ, e, tell, c.opts.MaxPassed); ok {
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
func (s *aggregateSeries) add(typ slogtel.MetricType, e *aggregateEvent, tell bool, maxPassed int) (pass, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, false
	}
	n := int64(1)
	if e.rate != 0 {
		n = s.weight.Of(e.rate)
	}
	if s.events == 0 {
		s.depth, s.level = e.depth, e.level
		s.min, s.max = e.value, e.value
	}
	s.events++
	s.count = addInt(s.count, n)
	s.depth = min(s.depth, e.depth)
	s.level = max(s.level, e.level)
	if e.failed {
		s.errors = addInt(s.errors, n)
	}
	switch typ {
	case slogtel.TypeCounter:
		s.total = addInt(s.total, multiply(e.number, n))
	case slogtel.TypeGauge:
		s.last, s.min, s.max = e.value, min(s.min, e.value), max(s.max, e.value)
	default:
		s.sketch.AddCount(e.value, n)
	}
	if tell && (maxPassed <= 0 || s.passed < maxPassed) {
		s.passed++
		pass = true
	}
	return pass, true
}

// close ends the interval for s. What it holds is the caller's from then on.
func (s *aggregateSeries) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

// summary returns the summary of a closed series.
func (c *aggregator) summary(e *seriesEntry[aggregateSeries], start, end time.Time) slogtel.Summary {
	s := &e.val
	sum := slogtel.Summary{
		Scope: e.path, ParentScope: e.parent, Depth: s.depth, Type: e.typ,
		Time: end, Interval: end.Sub(start),
		Count: s.count, Errors: s.errors,
		Attrs: dimAttrs(c.opts.Keys, e.dims),
	}
	switch e.typ {
	case slogtel.TypeCounter:
		sum.Sum = float64(s.total)
	case slogtel.TypeGauge:
		sum.Last, sum.Min, sum.Max = s.last, s.min, s.max
	default:
		describe(&sum, &s.sketch)
		if c.opts.Sketch {
			sum.Sketch = sketchText(&s.sketch)
		}
	}
	sum.Rate = rateOf(&sum)
	return sum
}

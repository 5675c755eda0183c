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

// sums are those of the events of one series in one interval.
type sums struct {
	mu       sync.Mutex // guards what follows, until closed is set and no event comes any more
	closed   bool
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
func (c *aggregator) add(e *input, dims []byte) fate {
	notable := e.failed ||
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
				continue // closed: it has one series for each type
			}
		}
		if passed, ok := s.Val.add(s.Type, e, notable, c.opts.MaxPassed); ok {
			if passed {
				c.counts.passed.Add(1)
				return alsoTaken
			}
			return inSeries
		}
	}
}

// add adds an event. It reports whether one that failed or was slow is to be passed on, and
// not ok when the interval is over.
func (s *sums) add(typ slogtel.MetricType, e *input, notable bool, maxPassed int) (pass, ok bool) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false, false
	}
	if s.events == 0 {
		s.depth, s.level = e.depth, e.level
		s.min, s.max = e.value, e.value
	}
	s.events++
	s.depth = min(s.depth, e.depth)
	s.level = max(s.level, e.level)
	if e.failed {
		s.errors.AddInt(1, e.weight)
	}
	switch typ {
	case slogtel.TypeCounter:
		s.count.AddInt(1, e.weight)
		s.total.AddInt(e.whole, e.weight)
		if e.value != 0 {
			s.total.Add(e.value, e.weight)
		}
	case slogtel.TypeGauge:
		s.count.AddInt(1, e.weight)
		s.last, s.min, s.max = e.value, min(s.min, e.value), max(s.max, e.value)
		s.sum.AddTimes(e.value, e.weight)
	default:
		s.sketch.AddWeighted(e.value, e.weight)
	}
	if notable && (maxPassed <= 0 || s.passed < maxPassed) {
		s.passed++
		pass = true
	}
	s.mu.Unlock()
	return pass, true
}

// close ends the interval for s, which belongs to the caller from then on.
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

package aggregate

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// An table holds the series of one interval.
type table struct {
	series.Table[sums]
	overflow series.Table[sums]
	start    time.Time
}

func (c *aggregator) newTable(start time.Time) *table {
	t := &table{start: start}
	t.Init(c.opts.MaxSeries)
	t.overflow.Init(overflowSeries)
	return t
}

// sums are those of one series in one interval, or of a part of its events. What uses them has
// locked the part.
type sums struct {
	series.Sums
	passed int
	level  slog.Level // the greatest
	attrs  []slog.Attr
}

// add adds e to its series, which dims tell apart from others.
func (c *aggregator) add(view *series.View, e *event.Sample, level slog.Level, weight float64, dims []byte, attrs []slog.Attr) fate {
	key := series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type, View: view}
	notable := e.Error != "" ||
		c.opts.SlowerThan > 0 && e.Type == slogtel.TypeTiming && e.Duration > c.opts.SlowerThan
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
			attrs = nil
		}
		var p *series.Part[sums]
		if notable || e.Type == slogtel.TypeGauge {
			p = s.LockFirst() // it counts what passed, and has the last value
		} else {
			p = s.Lock()
		}
		if p == nil {
			continue // the interval is over
		}
		p.Val.begin(level, attrs)
		p.Val.Add(e, weight)
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

// begin notes the greatest level, and the attributes, before events are counted.
func (s *sums) begin(level slog.Level, attrs []slog.Attr) {
	if s.Events == 0 {
		s.level, s.attrs = level, dimAttrs(attrs)
	}
	s.level = max(s.level, level)
}

// merge adds what is in from, which is of timings, a counter or a histogram, and empties it.
func (s *sums) merge(from *sums) {
	if from.Events > 0 {
		s.begin(from.level, from.attrs)
		s.Merge(&from.Sums)
	}
}

// summary returns the summary of a closed series.
func (c *aggregator) summary(e *series.Entry[sums], start, end time.Time) slogtel.Summary {
	s := e.Val()
	sum := slogtel.Summary{
		Scope: e.Path, ParentScope: e.Parent, Depth: s.Depth, Type: e.Type,
		Time: end, Interval: end.Sub(start),
		Count:  series.Whole(&s.Rest),
		Errors: series.Whole(&s.Errors),
		Attrs:  s.attrs,
	}
	events := s.Rest.Value()
	switch e.Type {
	case slogtel.TypeCounter:
		sum.Sum = s.Total.Value()
	case slogtel.TypeGauge:
		sum.Min, sum.Max = s.Range()
		sum.Last, sum.Sum = s.Last, s.Value()
		sum.Mean = sum.Sum / events
	default:
		events = s.Sketch.Count()
		sum.Count = tally.Whole(events)
		series.Describe(&sum, &s.Sketch)
		if c.opts.Sketch {
			sum.Sketch = series.Text(&s.Sketch)
		}
	}
	sum.Rate = series.Rate(&sum, events)
	return sum
}

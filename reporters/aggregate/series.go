package aggregate

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// A table holds the series of one interval.
type table struct {
	series.Table[sums]
	overflow series.Table[sums]
	start    time.Time
	again    event.Forms[known]
}

// newTable returns the table of the interval that follows that of before, which is nil for the first one.
func (c *aggregator) newTable(start time.Time, before *table) *table {
	t := &table{start: start, again: newMemory(before)}
	t.Init(c.opts.MaxSeries)
	t.overflow.Init(overflowSeries)
	return t
}

// sums are those of one series in one interval, or of a part of its events. What uses them has
// locked the part.
type sums struct {
	series.Sums
	passed int
	tried  int        // how often timings were to be remembered
	level  slog.Level // the greatest
	attrs  []slog.Attr
}

// add adds e, as which r was read, to its series, which dims tell apart from others.
func (c *aggregator) add(r *slog.Record, view *series.View, e *event.Sample, level slog.Level, weight float64, dims []byte, attrs []slog.Attr) (taken, passes bool) {
	key := series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type, View: view}
	notable := e.Error != "" ||
		c.opts.SlowerThan > 0 && e.Type == slogtel.TypeTiming && e.Duration > c.opts.SlowerThan
	for {
		t := c.table.Load()
		if t == nil {
			return false, false
		}
		s, kept, remember := t.Get(&key, dims, e.Series), attrs, !notable && e.Type == slogtel.TypeTiming
		if s == nil {
			if t.Closed() {
				continue // there is another table by now
			}
			k := series.Key{Path: OverflowScope, Type: e.Type, View: c.root}
			if s = t.overflow.Get(&k, nil, nil); s == nil {
				continue // closed: it has one series for each type
			}
			kept, remember = nil, false // it has no attributes
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
		p.Val.begin(level, kept)
		p.Val.Add(e, weight)
		if passes = notable && (c.opts.MaxPassed <= 0 || p.Val.passed < c.opts.MaxPassed); passes {
			p.Val.passed++
			c.counts.passed.Add(1)
		}
		if remember = remember && p.Val.tried < maxTries; remember {
			p.Val.tried++
		}
		p.Unlock()
		if remember {
			t.again.Put(r, e, view.Salt(), c.matters, known{s, e.Depth, weight, dimAttrs(kept)})
		}
		return true, passes
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
		Time: end, Interval: end.Sub(start), Attrs: s.attrs,
	}
	s.Describe(&sum, c.opts.Sketch)
	return sum
}

package reporters

import (
	"context"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

var _ slogtel.SummaryReporter = (*Memory)(nil)

// RecordSummary adds up a summary, as Handle does with the record of one. The events of
// one with a number that is not finite are in Forgotten.NotFinite. The error is always nil.
func (m *Memory) RecordSummary(_ context.Context, s slogtel.Summary) error {
	if m != nil {
		m.load().summary(&s)
	}
	return nil
}

func (st *memoryState) summary(s *slogtel.Summary) {
	if s.Count < 1 {
		return
	}
	table, forgotten := &st.metrics, &st.forgotten.metrics
	switch s.Type {
	case slogtel.TypeTiming:
		table, forgotten = &st.scopes, &st.forgotten.timings
	case slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram:
	default:
		return
	}
	if !allFinite(s.Sum, s.Min, s.Max, s.Mean, s.Last) {
		st.notFinite.Add(s.Count)
		return
	}
	errors := min(max(s.Errors, 0), s.Count)
	e := table.series(&seriesKey{path: s.Scope, parent: s.ParentScope, typ: s.Type}, nil)
	if e == nil {
		st.forgotten.add(forgotten, s.Count, 1, errors)
		return
	}
	switch s.Type {
	case slogtel.TypeTiming:
		e.val.mergeTimings(s, errors, sketchOf(s))
	case slogtel.TypeHistogram:
		e.val.mergeValues(s, sketchOf(s))
	case slogtel.TypeGauge:
		e.val.mergeGauge(s)
	case slogtel.TypeCounter:
		e.val.mergeCounter(s)
	}
}

// sketchOf returns the sketch of s, and nil where there is none that is of its values.
func sketchOf(s *slogtel.Summary) *sketch.Sketch {
	if s.Sketch == "" {
		return nil
	}
	d, err := sketch.Parse(s.Sketch)
	if err != nil || tally.Whole(d.Count()) != s.Count {
		return nil
	}
	return d
}

// eventsOf returns how many events s is of; d is its sketch, if it has one.
func eventsOf(s *slogtel.Summary, d *sketch.Sketch) float64 {
	if d != nil {
		return d.Count()
	}
	return tally.Events(s.Count, s.Sum, s.Mean)
}

// addCount counts the events of a summary, exactly if their number is whole.
func addCount(to *tally.Total, s *slogtel.Summary, d *sketch.Sketch) {
	if n := eventsOf(s, d); n != math.Trunc(n) {
		to.Add(n, 1)
		return
	}
	to.AddInt(s.Count, 1)
}

func (s *memorySeries) mergeTimings(sum *slogtel.Summary, errors int64, d *sketch.Sketch) {
	const second = float64(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(sum.Depth)
	if d != nil {
		s.between(d.Min(), d.Max())
		s.total.Add(d.Sum(), 1)
		s.sketch.Merge(d)
	} else {
		s.between(inRange(sum.Min*second), inRange(sum.Max*second))
		s.total.Add(inRange(sum.Sum*second), 1)
		addCount(&s.restCount, sum, nil)
	}
	addCount(&s.count, sum, d)
	s.errors.AddInt(errors, 1)
}

func (s *memorySeries) mergeValues(sum *slogtel.Summary, d *sketch.Sketch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d != nil {
		s.between(d.Min(), d.Max())
		s.sketch.Merge(d)
	} else {
		s.between(sum.Min, sum.Max)
		s.restSum.Add(sum.Sum)
		addCount(&s.restCount, sum, nil)
	}
	addCount(&s.count, sum, d)
}

func (s *memorySeries) mergeGauge(sum *slogtel.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.between(sum.Min, sum.Max)
	s.last = sum.Last
	addCount(&s.count, sum, nil)
}

func (s *memorySeries) mergeCounter(sum *slogtel.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Add(sum.Sum, 1)
	s.count.AddInt(sum.Count, 1)
}

func allFinite(list ...float64) bool {
	for _, f := range list {
		if f-f != 0 { // so it is for NaN and Inf
			return false
		}
	}
	return true
}

// inRange returns the finite number nearest to f.
func inRange(f float64) float64 { return min(max(f, -math.MaxFloat64), math.MaxFloat64) }

package reporters

import (
	"context"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// maxSketched is the most values that a sketch counts exactly.
const maxSketched = 1 << 53

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
	if !allFinite(s.Sum, s.Min, s.Max, s.Last) {
		st.forgotten.notFinite.Add(s.Count)
		return
	}
	errors := min(max(s.Errors, 0), s.Count)
	e := table.series(&seriesKey{path: s.Scope, parent: s.ParentScope, typ: s.Type}, nil)
	if e == nil {
		forgotten.Add(s.Count)
		st.forgotten.errors.Add(errors)
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
	if err != nil || d.Count() != s.Count {
		return nil
	}
	return d
}

// takes reports whether d can be merged with what there is.
func (s *memorySeries) takes(d *sketch.Sketch) bool {
	return d != nil && d.Count() <= maxSketched-s.sketch.Count()
}

func (s *memorySeries) mergeTimings(sum *slogtel.Summary, errors int64, d *sketch.Sketch) {
	const second = float64(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(sum.Depth)
	if s.takes(d) {
		s.between(d.Min(), d.Max())
		s.total = addInt(s.total, nearestInt(d.Sum()))
		s.sketch.Merge(d)
	} else {
		s.between(inRange(sum.Min*second), inRange(sum.Max*second))
		s.total = addInt(s.total, nearestInt(sum.Sum*second))
	}
	s.count = addInt(s.count, sum.Count)
	s.errors = addInt(s.errors, errors)
}

func (s *memorySeries) mergeValues(sum *slogtel.Summary, d *sketch.Sketch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.takes(d) {
		s.between(d.Min(), d.Max())
		s.sketch.Merge(d)
	} else {
		s.between(sum.Min, sum.Max)
		s.restSum = inRange(s.restSum + sum.Sum)
	}
	s.count = addInt(s.count, sum.Count)
}

func (s *memorySeries) mergeGauge(sum *slogtel.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.between(sum.Min, sum.Max)
	s.last = sum.Last
	s.count = addInt(s.count, sum.Count)
}

func (s *memorySeries) mergeCounter(sum *slogtel.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = addInt(s.total, nearestInt(sum.Sum))
	s.count = addInt(s.count, sum.Count)
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

// nearestInt rounds f; what has no int64 is the nearest that has one.
func nearestInt(f float64) int64 {
	switch f = math.Round(f); {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

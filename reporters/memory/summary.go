package memory

import (
	"context"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

var _ slogtel.SummaryReporter = (*Handler)(nil)

// RecordSummary adds up a summary, as Handle does with the record of one. The events of
// one with a number that is not finite are in Forgotten.NotFinite. The error is always nil.
func (m *Handler) RecordSummary(_ context.Context, s slogtel.Summary) error {
	if m != nil {
		m.load().summary(&s)
	}
	return nil
}

func (st *state) summary(s *slogtel.Summary) {
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
	e := table.Get(&series.Key{Path: s.Scope, Parent: s.ParentScope, Type: s.Type}, nil, nil)
	if e == nil {
		st.forgotten.add(forgotten, s.Count, 1, errors)
		return
	}
	d := series.SketchOf(s)
	p := e.LockFirst()
	defer p.Unlock()
	switch s.Type {
	case slogtel.TypeTiming:
		p.Val.mergeTimings(s, errors, d)
	case slogtel.TypeHistogram:
		p.Val.mergeValues(s, d)
	case slogtel.TypeGauge:
		p.Val.mergeGauge(s)
	case slogtel.TypeCounter:
		p.Val.mergeCounter(s)
	}
}

func (s *sums) mergeTimings(sum *slogtel.Summary, errors int64, d *sketch.Sketch) {
	const second = float64(time.Second)
	s.at(sum.Depth)
	if d != nil {
		s.between(d.Min(), d.Max())
		s.total.Add(d.Sum(), 1)
		s.sketch.Merge(d)
	} else {
		s.between(series.Finite(sum.Min*second), series.Finite(sum.Max*second))
		s.total.Add(series.Finite(sum.Sum*second), 1)
		series.AddCount(&s.restCount, sum, nil)
	}
	series.AddCount(&s.count, sum, d)
	s.errors.AddInt(errors, 1)
}

func (s *sums) mergeValues(sum *slogtel.Summary, d *sketch.Sketch) {
	if d != nil {
		s.between(d.Min(), d.Max())
		s.sketch.Merge(d)
	} else {
		s.between(sum.Min, sum.Max)
		s.restSum.Add(sum.Sum)
		series.AddCount(&s.restCount, sum, nil)
	}
	series.AddCount(&s.count, sum, d)
}

func (s *sums) mergeGauge(sum *slogtel.Summary) {
	s.between(sum.Min, sum.Max)
	s.last = sum.Last
	series.AddCount(&s.count, sum, nil)
}

func (s *sums) mergeCounter(sum *slogtel.Summary) {
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

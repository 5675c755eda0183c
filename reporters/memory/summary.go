package memory

import (
	"context"

	"github.com/slogtel/telemetry/internal/series"
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
	e := table.Get(&series.Key{Path: s.Scope, Parent: s.ParentScope, Type: s.Type}, nil, nil)
	if e == nil {
		st.forgotten.add(forgotten, s.Count, 1, min(max(s.Errors, 0), s.Count))
		return
	}
	d := series.SketchOf(s)
	p := e.LockFirst()
	p.Val.AddSummary(s, d)
	p.Unlock()
}

func allFinite(list ...float64) bool {
	for _, f := range list {
		if f-f != 0 { // so it is for NaN and Inf
			return false
		}
	}
	return true
}

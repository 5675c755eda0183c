package aggregate

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// An aggregateEvent is what a series takes of an event.
type input struct {
	key    series.Key
	id     uint32 // of the record's event.Series
	attrs  []slog.Attr
	level  slog.Level
	depth  int
	weight float64    // how many events it stands for
	number slog.Value // of a counter
	value  float64    // of the others; nanoseconds of a timing
	failed bool
}

// fate is what becomes of an event after its series had it.
type fate uint8

const (
	inSeries  fate = iota // nothing
	notTaken              // it is passed on
	alsoTaken             // it is passed on with a mark
)

// take adds r to its series, if it is an event that no summary has.
func (a *Handler) take(r *slog.Record) fate {
	switch r.Message {
	case slogtel.MessageTiming:
		return a.takeTiming(r)
	case slogtel.MessageMetric:
		return a.takeMetric(r)
	}
	return notTaken
}

// takeTiming adds r to its series, if it is a timing that no summary has.
func (a *Handler) takeTiming(r *slog.Record) fate {
	t := event.NewTiming()
	f := notTaken
	if t.DecodeFrom(r) && !t.InSummary {
		if weight, ok := series.Weight(t.SampleRate, t.Attrs); ok {
			f = a.core.add(&input{
				key: series.Key{Path: t.Scope, Parent: t.ParentScope, Type: slogtel.TypeTiming, View: a.view}, id: event.IDOf(r),
				attrs: t.Attrs, level: r.Level, depth: t.Depth, weight: weight,
				value: float64(max(0, t.Duration)), failed: t.Error != "",
			})
		}
	}
	event.FreeTiming(t)
	return f
}

// takeMetric does so with a counter, a gauge or a histogram.
func (a *Handler) takeMetric(r *slog.Record) fate {
	m := event.NewMetric()
	f := notTaken
	if m.DecodeFrom(r) && !m.InSummary && m.Type != slogtel.TypePlain {
		weight, ok := series.Weight(m.SampleRate, m.Attrs)
		e := input{
			key: series.Key{Path: m.Scope, Parent: m.ParentScope, Type: m.Type, View: a.view}, id: event.IDOf(r),
			attrs: m.Attrs, level: r.Level, depth: m.Depth, weight: weight,
		}
		if m.Type == slogtel.TypeCounter {
			e.number = m.Value
		} else {
			e.value = m.Value.Float64()
		}
		if ok && series.IsFinite(m.Value) {
			f = a.core.add(&e)
		}
	}
	event.FreeMetric(m)
	return f
}

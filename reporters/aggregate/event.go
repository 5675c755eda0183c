package aggregate

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// An input is what a series takes of an event.
type input struct {
	key    series.Key
	id     uint32 // of the record's event.Series
	failed bool
	level  slog.Level
	depth  int
	weight float64 // how many events it stands for
	value  float64 // nanoseconds of a timing
	whole  int64   // in place of value, if a counter's is an int
}

// fate is what becomes of an event.
type fate uint8

const (
	notTaken  fate = iota // it is passed on
	inSeries              // it goes no further
	alsoTaken             // it is passed on with a mark
)

// take adds r to its series, if it is an event that no summary has.
func (a *Handler) take(r *slog.Record) fate {
	if len(a.core.opts.Keys) > 0 {
		return a.takeWithAttrs(r)
	}
	switch r.Message {
	case slogtel.MessageTiming:
		var t event.Timing
		if t.DecodeBare(r) {
			return a.takeTiming(r, &t, nil)
		}
	case slogtel.MessageMetric:
		var m event.Metric
		if m.DecodeBare(r) {
			return a.takeMetric(r, &m, nil)
		}
	}
	return notTaken
}

// takeWithAttrs is take where the caller's attributes matter.
func (a *Handler) takeWithAttrs(r *slog.Record) (f fate) {
	var scratch [128]byte
	switch r.Message {
	case slogtel.MessageTiming:
		t := event.NewTiming()
		if t.DecodeFrom(r) {
			f = a.takeTiming(r, t, appendDims(scratch[:0], a.core.opts.Keys, t.Attrs))
		}
		event.FreeTiming(t)
	case slogtel.MessageMetric:
		m := event.NewMetric()
		if m.DecodeFrom(r) {
			f = a.takeMetric(r, m, appendDims(scratch[:0], a.core.opts.Keys, m.Attrs))
		}
		event.FreeMetric(m)
	}
	return f
}

// takeTiming adds t, which r is, to its series.
func (a *Handler) takeTiming(r *slog.Record, t *event.Timing, dims []byte) fate {
	weight, ok := series.Weight(t.SampleRate, t.Attrs)
	if t.InSummary || !ok {
		return notTaken
	}
	return a.core.add(&input{
		key: series.Key{Path: t.Scope, Parent: t.ParentScope, Type: slogtel.TypeTiming, View: a.view}, id: event.IDOf(r),
		level: r.Level, depth: t.Depth, weight: weight, value: float64(max(0, t.Duration)), failed: t.Error != "",
	}, dims)
}

// takeMetric does so with a counter, a gauge or a histogram.
func (a *Handler) takeMetric(r *slog.Record, m *event.Metric, dims []byte) fate {
	weight, ok := series.Weight(m.SampleRate, m.Attrs)
	if m.InSummary || m.Type == slogtel.TypePlain || !ok || !series.IsFinite(m.Value) {
		return notTaken
	}
	e := input{
		key: series.Key{Path: m.Scope, Parent: m.ParentScope, Type: m.Type, View: a.view}, id: event.IDOf(r),
		level: r.Level, depth: m.Depth, weight: weight,
	}
	if m.Value.Kind() == slog.KindInt64 {
		e.whole = m.Value.Int64()
	} else {
		e.value = m.Value.Float64()
	}
	return a.core.add(&e, dims)
}

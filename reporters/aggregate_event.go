package reporters

import (
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// An aggregateEvent is what a series takes of an event.
type aggregateEvent struct {
	key    seriesKey
	attrs  []slog.Attr
	level  slog.Level
	depth  int
	rate   float64
	number int64   // of a counter
	value  float64 // of the others; nanoseconds of a timing
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
func (a *Aggregate) take(r *slog.Record) fate {
	if r.Message != slogtel.MessageTiming && r.Message != slogtel.MessageMetric {
		return notTaken
	}
	if len(a.core.opts.Keys) == 0 { // the caller's attributes do not matter
		e := aggregateEvent{key: seriesKey{view: a.view}}
		if e.read(r) {
			return a.core.add(&e)
		}
	}
	if r.Message == slogtel.MessageTiming {
		return a.takeTiming(r)
	}
	return a.takeMetric(r)
}

// takeTiming adds r to its series, if it is a timing that no summary has.
func (a *Aggregate) takeTiming(r *slog.Record) fate {
	t := timingPool.Get().(*slogtel.Timing)
	f := notTaken
	if t.Decode(*r) && !t.InSummary {
		f = a.core.add(&aggregateEvent{
			key:   seriesKey{path: t.Scope, parent: t.ParentScope, typ: slogtel.TypeTiming, view: a.view},
			attrs: t.Attrs, level: r.Level, depth: t.Depth, rate: t.SampleRate,
			value: float64(max(0, t.Duration)), failed: t.Error != "",
		})
	}
	*t = slogtel.Timing{Attrs: emptied(t.Attrs)}
	timingPool.Put(t)
	return f
}

// takeMetric does so with a counter, a gauge or a histogram.
func (a *Aggregate) takeMetric(r *slog.Record) fate {
	m := metricPool.Get().(*slogtel.Metric)
	f := notTaken
	if m.Decode(*r) && !m.InSummary && m.Type != slogtel.TypePlain && !(m.Type == slogtel.TypeCounter && m.Value.Kind() != slog.KindInt64) {
		e := aggregateEvent{
			key:   seriesKey{path: m.Scope, parent: m.ParentScope, typ: m.Type, view: a.view},
			attrs: m.Attrs, level: r.Level, depth: m.Depth, rate: m.SampleRate,
		}
		if m.Type == slogtel.TypeCounter {
			e.number = m.Value.Int64()
		} else {
			e.value = m.Value.Float64()
		}
		if e.value-e.value == 0 { // not so for NaN and Inf
			f = a.core.add(&e)
		}
	}
	*m = slogtel.Metric{Attrs: emptied(m.Attrs)}
	metricPool.Put(m)
	return f
}

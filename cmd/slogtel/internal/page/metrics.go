package page

import (
	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/slogtel"
)

type metricKey struct {
	scopeKey
	kind slogtel.MetricType
}

// metricStats are the values of a metric.
type metricStats struct {
	metricKey
	collect.Series
	last   float64
	text   string // the last value that is no number, as JSON
	lastAt int64
	over   series[metricRow] // nil beyond the limit
}

func (m *Model) metricOf(e *events.Event) *metricStats {
	key := metricKey{scopeKey{e.Scope, e.Parent}, e.Type}
	if s := m.metrics[key]; s != nil {
		return s
	}
	if len(e.Scope) > maxKey || len(e.Parent) > maxKey || len(e.Type) > maxKey {
		key = metricKey{scopeKey{text.Clip(e.Scope, maxKey), text.Clip(e.Parent, maxKey)}, slogtel.MetricType(text.Clip(string(e.Type), maxKey))}
		if s := m.metrics[key]; s != nil {
			return s
		}
	}
	if len(m.metricList) >= m.limits.Metrics {
		m.leftOut.metrics++
		return nil
	}
	s := &metricStats{metricKey: key}
	if m.metricSeries < m.limits.Series {
		m.metricSeries++
		s.over = newSeries(&m.grid, (*metricRow).merge)
	}
	m.metrics[key] = s
	m.metricList = append(m.metricList, s)
	return s
}

// metric adds a value.
func (m *Model) metric(e *events.Event) {
	s := m.metricOf(e)
	if s == nil {
		return
	}
	weight := e.Weight()
	m.sampled = m.sampled || weight != 1
	s.Add(e, true)
	at, timed := unixNano(e.Time)
	if !timed {
		m.leftOut.untimed++
	} else {
		m.span(at, at)
	}
	if !e.Numeric || finite(e.Value) != e.Value {
		if at >= s.lastAt {
			s.text, s.lastAt = text.Clip(e.Text, m.limits.Text), at
		}
		return
	}
	s.after(at, e.Value)
	if timed && s.over != nil {
		row := metricRow{count: weight, sum: e.Value * weight, min: e.Value, max: e.Value, last: e.Value, lastAt: at}
		s.over.at(m.grid.bucket(at)).merge(&row)
	}
}

// summary adds a summary of values.
func (m *Model) summary(e *events.Event) {
	t := e.Totals
	if t.Count <= 0 {
		m.leftOut.odd++
		return
	}
	s := m.metricOf(e)
	if s == nil {
		return
	}
	s.Add(e, true)
	at, timed := unixNano(e.Time)
	last := finite(t.Last)
	s.after(at, last)
	if !timed {
		m.leftOut.untimed++
		return
	}
	m.span(at, at)
	if s.over != nil {
		row := metricRow{count: t.Events(), sum: finite(t.Sum), min: finite(t.Min), max: finite(t.Max), last: last, lastAt: at}
		s.over.at(m.grid.bucket(at)).merge(&row)
	}
}

// after notes the value that came last.
func (s *metricStats) after(at int64, v float64) {
	if at >= s.lastAt {
		s.last, s.lastAt = v, at
	}
}

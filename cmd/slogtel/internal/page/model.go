package page

import (
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/failures"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

// A Model gathers what a page shows. It is a sink of one reader at a time, not safe for
// concurrent use.
type Model struct {
	limits Limits
	meters *tree.Meters
	meter  *tree.Meter
	grid   grid
	spans  spanChoice

	scopes     map[scopeKey]*scopeStats
	scopeList  []*scopeStats // in the order in which they came
	otherScope *scopeStats   // all those beyond the limit
	latencies  int           // scopes with a series

	metrics      map[metricKey]*metricStats
	metricList   []*metricStats
	metricSeries int

	failures *failures.Collector

	first, last int64 // the least start and the greatest end, if timed
	timed       bool
	leftOut     leftOut
	sampled     bool
	inputs      map[string]struct{}
	inputList   []string
}

// leftOut counts what has no place of its own.
type leftOut struct {
	scopes, metrics float64 // events of these
	untimed         int64   // events without a time
	odd             int64   // events that say nothing that could be shown
}

var _ events.ChunkSink = (*Model)(nil)

// NewModel returns an empty model.
func NewModel(l Limits) *Model {
	m := &Model{
		limits:  l,
		grid:    grid{max: int64(max(2, l.Buckets)), width: firstWidth},
		scopes:  make(map[scopeKey]*scopeStats),
		metrics: make(map[metricKey]*metricStats),
		inputs:  make(map[string]struct{}),

		failures: failures.NewCollector(max(1, l.Errors)),
	}
	m.meters = tree.NewMeters()
	m.meter = m.meters.New()
	m.spans = newSpanChoice(&l, &m.grid)
	return m
}

// Event adds an event. It keeps nothing of e.
func (m *Model) Event(e *events.Event) {
	m.source(e)
	m.failures.Event(e)
	switch e.Kind {
	case events.Timing:
		m.timing(e)
	case events.Metric:
		if !e.InSummary {
			m.metric(e)
		}
	case events.Summary:
		switch {
		case e.Totals == nil:
			m.leftOut.odd++
		case e.Type == slogtel.TypeTiming:
			m.timings(e)
		default:
			m.summary(e)
		}
	}
}

// EndChunk implements [events.ChunkSink].
func (m *Model) EndChunk(number int) { m.meter.EndChunk(number) }

// source notes which inputs there are.
func (m *Model) source(e *events.Event) {
	const most = 20
	if n := len(m.inputList); n > 0 && m.inputList[n-1] == e.Source.Input || n >= most {
		return
	}
	if _, ok := m.inputs[e.Source.Input]; !ok {
		name := text.Clip(e.Source.Input, 1024)
		m.inputs[name] = struct{}{}
		m.inputList = append(m.inputList, name)
	}
}

func (m *Model) timing(e *events.Event) {
	s := m.scope(e)
	weight := e.Weight()
	m.sampled = m.sampled || weight != 1
	seconds := max(0, e.Duration.Seconds())
	if !e.InSummary {
		s.Add(e, true)
		m.meter.Timing(e, &s.times)
	}
	end, ok := unixNano(e.Time)
	if !ok {
		m.leftOut.untimed++
		return
	}
	duration := max(0, int64(e.Duration))
	m.span(end-duration, end)
	bucket := m.grid.bucket(end)
	if s.over != nil && !e.InSummary {
		row := s.over.at(bucket)
		row.calls += weight
		if e.Failed() {
			row.errors += weight
		}
		row.add(seconds, weight)
	}
	m.spans.add(e, end-duration, bucket, s, &m.limits)
}

// timings adds a summary of timings.
func (m *Model) timings(e *events.Event) {
	t := e.Totals
	if t.Count <= 0 {
		m.leftOut.odd++
		return
	}
	s := m.scope(e)
	s.Add(e, true)
	m.meter.Summary(e)
	end, ok := unixNano(e.Time)
	if !ok {
		m.leftOut.untimed++
		return
	}
	interval := min(max(0, int64(t.Interval)), int64(100*365*24*time.Hour))
	m.span(end-interval, end)
	bucket := m.grid.bucket(end - interval/2)
	if s.over == nil {
		return
	}
	row := s.over.at(bucket)
	row.calls += t.Events()
	row.errors += float64(max(0, t.Errors))
	var one collect.Series
	one.Add(e, true)
	for v, weight := range one.Sketch.Bins() {
		row.add(max(0, v/float64(time.Second)), weight)
	}
}

// span widens the range of time that the page is about.
func (m *Model) span(start, end int64) {
	if !m.timed {
		m.first, m.last, m.timed = start, end, true
		return
	}
	m.first, m.last = min(m.first, start), max(m.last, end)
}

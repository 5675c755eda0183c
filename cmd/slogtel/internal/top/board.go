//go:build !js

package top

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/slogtel"
)

// overflowName is the scope of what there was no room for.
const overflowName = "(other)"

// maxName is the most bytes that are kept of a name.
const maxName = 512

// ahead is how far the clock of another machine may be ahead of this one's.
const ahead = 5 * time.Second

// A board adds up events, each in the second in which it happened. It is a Sink, and safe for concurrent use.
//
// Its clock is that of the events: it stands at the latest of them, and goes on as time passes. So a file
// of yesterday shows its last minute, and the clock of the machine that wrote it need not be right.
type board struct {
	limit int

	mu     sync.Mutex
	all    map[key]*series
	swept  int64     // the second in which idle series were taken out
	latest time.Time // of an event
	came   time.Time // when that was read
	first  time.Time // when what is known begins
	lost   int64     // events in (other)
	late   int64     // events that came more than a minute after later ones
	early  int64     // events whose time has not come yet
}

type key struct {
	path string
	typ  slogtel.MetricType
}

type series struct {
	ring
	unit   string
	last   float64 // of a gauge
	lastAt time.Time
	isSet  bool
}

var _ events.Sink = (*board)(nil)

func newBoard(limit int) *board { return &board{limit: limit, all: make(map[key]*series)} }

// clock returns what time it is for the events.
func (b *board) clock(now time.Time) time.Time {
	if b.latest.IsZero() {
		return now
	}
	return b.latest.Add(max(0, now.Sub(b.came)))
}

// Event implements [events.Sink].
func (b *board) Event(e *events.Event) {
	if e.InSummary || e.Type == slogtel.TypePlain || e.Kind == events.Metric && !e.Numeric {
		return
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	at := e.Time
	switch {
	case at.IsZero():
		at = b.clock(now)
	case at.After(now.Add(ahead)):
		at = b.clock(now)
		b.early++
	case at.After(b.latest):
		b.latest, b.came = at, now
	}
	second := at.Unix()
	b.gauge(e, at, second)
	if second <= b.clock(now).Unix()-window {
		if e.Type != slogtel.TypeGauge {
			b.late++
		}
		return
	}
	began := at
	if e.Kind == events.Summary && e.Totals != nil {
		began = at.Add(-e.Totals.Interval)
	}
	if b.first.IsZero() || began.Before(b.first) {
		b.first = began
	}
	if e.Type != slogtel.TypeGauge {
		b.series(e, second).add(second, e)
	}
}

// gauge keeps the last value of a gauge, however old.
func (b *board) gauge(e *events.Event, at time.Time, second int64) {
	v := e.Value
	switch {
	case e.Type != slogtel.TypeGauge:
		return
	case e.Kind == events.Summary:
		if e.Totals == nil {
			return
		}
		v = e.Totals.Last
	}
	s := b.series(e, second)
	if s.isSet && at.Before(s.lastAt) {
		return
	}
	s.last, s.lastAt, s.isSet = v, at, true
	s.ring.last = second
}

// series returns the series of an event, or that of what there is no room for.
func (b *board) series(e *events.Event, second int64) *series {
	k := key{text.Short(e.Scope, maxName), e.Type}
	s := b.all[k]
	if s == nil && len(b.all) >= b.limit {
		b.sweep(second)
	}
	if s == nil && len(b.all) >= b.limit {
		k.path = overflowName
		s = b.all[k]
		b.lost++
	}
	if s == nil {
		s = new(series)
		k.path = strings.Clone(k.path)
		b.all[k] = s
	}
	s.unit = cmp.Or(s.unit, text.Clip(e.Unit, maxName))
	return s
}

// sweep makes room, once a second: it takes out what has had no event for a minute.
func (b *board) sweep(second int64) {
	if second <= b.swept {
		return
	}
	b.swept = second
	for k, s := range b.all {
		if s.ring.last <= second-window {
			delete(b.all, k)
		}
	}
}

// fill adds what the board knows to a snapshot.
func (b *board) fill(s *snapshot) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Time = b.clock(now)
	second := s.Time.Unix()
	if !b.first.IsZero() {
		s.Seconds = min(max(s.Time.Sub(b.first).Seconds(), 1), window)
	}
	if !b.came.IsZero() {
		ago := max(0, now.Sub(b.latest).Seconds())
		s.LastEvent = &ago
	}
	s.Scopes, s.Counters, s.Gauges, s.Histograms = []scope{}, []metric{}, []metric{}, []metric{}
	for k, from := range b.all {
		m := metric{Name: k.path, Unit: from.unit}
		if k.typ == slogtel.TypeGauge {
			last := from.last
			m.Last = &last
			s.Gauges = append(s.Gauges, m)
			continue
		}
		sum := from.sum(second)
		rate := perSecond(sum.Count.Value(), s.Seconds)
		switch k.typ {
		case slogtel.TypeTiming:
			if sum.Empty() {
				continue
			}
			s.Scopes = append(s.Scopes, scope{
				Scope: k.path, Calls: collect.Whole(&sum.Count), Errors: collect.Whole(&sum.Errors), Rate: rate,
				P50: quantile(sum, 0.5, 1e9), P95: quantile(sum, 0.95, 1e9), P99: quantile(sum, 0.99, 1e9), Max: quantile(sum, 1, 1e9),
			})
		case slogtel.TypeCounter:
			rate := perSecond(sum.Total.Value(), s.Seconds)
			m.Rate = &rate
			s.Counters = append(s.Counters, m)
		default:
			m.Rate = &rate
			m.P50, m.P95, m.P99 = quantile(sum, 0.5, 1), quantile(sum, 0.95, 1), quantile(sum, 0.99, 1)
			s.Histograms = append(s.Histograms, m)
		}
	}
	b.notes(s)
	slices.SortFunc(s.Scopes, func(a, b scope) int { return strings.Compare(a.Scope, b.Scope) })
	for _, list := range [][]metric{s.Counters, s.Gauges, s.Histograms} {
		slices.SortFunc(list, func(a, b metric) int { return strings.Compare(a.Name, b.Name) })
	}
}

// notes says what the figures leave out.
func (b *board) notes(s *snapshot) {
	s.Notes.If(b.lost > 0, "%d events of more than %d names (--max-series), in %s", b.lost, b.limit, overflowName)
	s.Notes.If(b.late > 0, "%d events left out that came more than a minute late", b.late)
	s.Notes.If(b.early > 0, "%d events of a time to come (their clock is ahead), counted as of now", b.early)
}

func perSecond(n, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return collect.Finite(n / seconds)
}

func quantile(s *collect.Series, q, unit float64) *float64 {
	if s.Sketch == nil || s.Sketch.Count() == 0 {
		return nil
	}
	v := collect.Finite(s.Sketch.Quantile(q) / unit)
	return &v
}

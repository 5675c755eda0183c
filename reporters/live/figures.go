package live

import (
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
)

// figures are what is kept of the events of a scope or a metric, or of a part of them.
type figures struct {
	window        *window // of scopes and histograms
	chart         *chart  // of counters and gauges
	total, errors tally.Total
	unit          string
	depth         int

	set            bool // of gauges: there is a value
	last, min, max float64
}

// sums are the figures of all scopes and metrics.
type sums struct {
	began           time.Time // with a monotonic reading
	wall            int64     // its Unix nanoseconds
	scopes, metrics series.Table[figures]
	overflow        atomic.Int64 // events of names beyond the limit
	forms           event.Forms[*known]
	floors          sync.Map // path of a root scope to *floor
	floorCount      atomic.Int64
}

// maxForms is how many kinds of events are read by their number alone.
const maxForms = 4096

func (s *sums) init(limit int) {
	s.began = time.Now()
	s.wall = s.began.UnixNano()
	s.scopes.Init(limit)
	s.metrics.Init(limit)
	s.forms = event.NewForms[*known](min(2*limit, maxForms), func(**known) bool { return false })
}

// tick is the present one. The monotonic clock decides: a wall clock that is set does not disturb.
func (s *sums) tick() int64 { return int64(time.Since(s.began) / tick) }

// tickOf is that of an event. Where its time is in the tick last, as most are, no clock is read.
func (s *sums) tickOf(t time.Time, last int64) int64 {
	if since := t.UnixNano() - s.wall; since >= 0 && since/int64(tick) == last {
		return last
	}
	return max(last, s.tick())
}

// add takes account of an event.
func (s *sums) add(t time.Time, l *look) {
	if l.entry == nil {
		return
	}
	if l.what == aGauge {
		p := l.entry.LockFirst() // the last value is kept
		p.Val.unit = l.unit
		s.gauge(&p.Val, t, l.value.Float64())
		p.Unlock()
		return
	}
	p := l.entry.Lock()
	f := &p.Val
	switch l.what {
	case aScope:
		f.depth = l.depth
		s.value(f, t, float64(l.duration), l.weight, l.failed)
	case aCounter:
		f.unit = l.unit
		s.count(f, t, l.value, l.weight)
	case aHistogram:
		f.unit = l.unit
		s.value(f, t, l.value.Float64(), l.weight, false)
	}
	p.Unlock()
}

func (s *sums) value(f *figures, t time.Time, v, weight float64, failed bool) {
	if f.window == nil {
		f.window = new(window)
	}
	if now := s.tickOf(t, f.window.now.index); now != f.window.now.index {
		f.window.advance(now)
	}
	f.window.now.add(v, weight, failed)
	f.total.AddInt(1, weight)
	if failed {
		f.errors.AddInt(1, weight)
	}
}

func (s *sums) count(f *figures, t time.Time, v slog.Value, weight float64) {
	n := v.Kind() == slog.KindInt64
	by := 0.0
	if n {
		by = float64(v.Int64())
	} else {
		by = v.Float64()
	}
	if f.chart == nil {
		f.chart = new(chart)
	}
	at := f.chart.at(s.tickOf(t, f.chart.index))
	*at = series.Finite(*at + by*weight)
	series.AddValue(&f.total, v, weight)
}

func (s *sums) gauge(f *figures, t time.Time, v float64) {
	if f.chart == nil {
		f.chart = new(chart)
	}
	*f.chart.at(s.tickOf(t, f.chart.index)) = v
	if !f.set || v < f.min {
		f.min = v
	}
	if !f.set || v > f.max {
		f.max = v
	}
	f.set, f.last = true, v
}

// summary takes account of what an aggregating handler has added up.
func (s *sums) summary(sum *event.Summary) {
	if sum.Count < 1 {
		return
	}
	table := &s.metrics
	if sum.Type == event.TypeTiming {
		table = &s.scopes
	}
	if sum.Type == event.TypePlain {
		return
	}
	entry := table.Get(&series.Key{Path: sum.Scope, Parent: sum.ParentScope, Type: sum.Type}, nil, nil)
	if entry == nil {
		s.overflow.Add(sum.Count)
		return
	}
	d := series.SketchOf(sum)
	p := entry.LockFirst()
	defer p.Unlock()
	f := &p.Val
	switch sum.Type {
	case event.TypeTiming, event.TypeHistogram:
		if f.window == nil {
			f.window = new(window)
		}
		f.depth = sum.Depth
		f.window.advance(s.tick())
		of := cell{dist: d, errors: float64(min(max(sum.Errors, 0), sum.Count))}
		var calls tally.Total
		series.AddCount(&calls, sum, d)
		of.calls = calls.Value()
		f.window.now.merge(&of)
		f.total.Merge(calls)
		f.errors.Add(of.errors, 1)
	case event.TypeCounter:
		if v := series.Finite(sum.Sum); v == v {
			s.count(f, sum.Time, slog.Float64Value(v), 1)
		}
	case event.TypeGauge:
		if finite(sum.Last) && finite(sum.Min) && finite(sum.Max) {
			s.gauge(f, sum.Time, sum.Min)
			s.gauge(f, sum.Time, sum.Max)
			s.gauge(f, sum.Time, sum.Last)
		}
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// fold merges the figures of from, which have been kept for another goroutine, as of a tick.
func fold(now int64) func(to, from *figures) {
	return func(to, from *figures) {
		if from.window != nil {
			from.window.advance(now)
			if to.window == nil {
				to.window = new(window)
			}
			to.window.advance(now)
			to.window.merge(from.window)
		}
		if from.chart != nil {
			from.chart.advance(now)
			if to.chart == nil {
				to.chart = new(chart)
			}
			to.chart.advance(now)
			to.chart.merge(from.chart)
		}
		to.total.Merge(from.total)
		to.errors.Merge(from.errors)
		from.total, from.errors = tally.Total{}, tally.Total{}
		if to.unit == "" {
			to.unit = from.unit
		}
		to.depth = max(to.depth, from.depth)
	}
}

// A floor is how slow a root scope of a name must be to be kept as one of the slowest.
type floor struct {
	above atomic.Int64 // nanoseconds
	until atomic.Int64 // Unix nanoseconds; 0: for ever
}

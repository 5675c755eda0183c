package diff

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxSeries = 20_000 // of a side
	maxPath   = 2048   // bytes of a scope path that is kept
)

// A key tells series apart.
type key struct {
	scope string
	typ   slogtel.MetricType
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.scope, o.scope), cmp.Compare(k.typ, o.typ))
}

// A series is all that one side says of a scope or metric. Timings are in nanoseconds.
type series struct {
	events        int64       // as they came
	count, errors tally.Total // what the events stand for
	weights       tally.Sum   // of the events whose errors are known
	squares       tally.Sum   // of these weights
	summed        tally.Total // of the count, what the sum is of
	sum           tally.Sum
	values        dist           // of events
	sketches      *sketch.Sketch // of summaries; nil for none
}

// A side is what was read of A or B.
type side struct {
	limit     int
	series    map[key]*series
	overflow  int64 // events of scopes over the limit
	inSummary int64 // events that a summary counts too
}

func newSide(limit int) *side { return &side{limit: limit, series: make(map[key]*series)} }

// Event implements [events.Sink].
func (s *side) Event(e *events.Event) {
	numeric := e.Kind == events.Timing || e.Kind == events.Metric && e.Numeric || e.Kind == events.Summary && e.Totals != nil
	if !numeric {
		return
	}
	k := key{e.Scope, e.Type}
	if e.Kind == events.Timing {
		k.typ = slogtel.TypeTiming
	}
	if e.InSummary {
		s.inSummary++
		return
	}
	into := s.find(k)
	if into == nil {
		s.overflow++
		return
	}
	weight := e.Weight()
	into.events++
	switch e.Kind {
	case events.Timing:
		into.addTiming(e, weight)
	case events.Metric:
		into.addMetric(k.typ, e.Value, weight)
	case events.Summary:
		into.addSummary(k.typ, e.Totals)
	}
}

func (s *side) find(k key) *series {
	f := s.series[k]
	if f == nil && len(s.series) < s.limit && len(k.scope) <= maxPath {
		f = new(series)
		s.series[k] = f
	}
	return f
}

func (f *series) addTiming(e *events.Event, weight float64) {
	f.count.AddInt(1, weight)
	f.weights.Add(weight)
	f.squares.Add(weight * weight)
	f.summed.AddInt(1, weight)
	f.sum.AddTimes(float64(max(e.Duration, 0)), weight)
	if e.Failed() {
		f.errors.AddInt(1, weight)
	}
	f.values.add(float64(max(e.Duration, 1)), weight) // no clock sees less than a nanosecond
}

func (f *series) addMetric(typ slogtel.MetricType, v, weight float64) {
	if v-v != 0 {
		return
	}
	f.count.AddInt(1, weight)
	f.summed.AddInt(1, weight)
	f.sum.AddTimes(v, weight)
	if typ == slogtel.TypeHistogram {
		f.values.add(v, weight)
	}
}

// addSummary adds what an aggregate has scaled already.
func (f *series) addSummary(typ slogtel.MetricType, t *events.Totals) {
	n, sum := t.Events(), t.Sum
	if sum-sum != 0 || t.Count <= 0 {
		return
	}
	if typ == slogtel.TypeTiming {
		sum = max(sum, 0) * float64(time.Second)
		f.errors.AddInt(min(max(t.Errors, 0), t.Count), 1)
		f.weights.Add(n)
		f.squares.Add(n) // the sum of n weights of 1
	}
	f.count.Add(n, 1)
	if !t.NoSum {
		f.summed.Add(n, 1)
		f.sum.Add(within(sum))
	}
	if t.Sketch != nil && (typ == slogtel.TypeTiming || typ == slogtel.TypeHistogram) {
		if f.sketches == nil {
			f.sketches = new(sketch.Sketch)
		}
		f.sketches.Merge(t.Sketch)
	}
}

func within(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// merge adds what o has, which must not be used after.
func (s *side) merge(o *side) {
	for _, k := range slices.SortedFunc(maps.Keys(o.series), key.compare) {
		from := o.series[k]
		into := s.find(k)
		if into == nil {
			s.overflow += from.events
			continue
		}
		into.merge(from)
	}
	s.overflow += o.overflow
	s.inSummary += o.inSummary
}

func (f *series) merge(o *series) {
	f.events += o.events
	f.count.Merge(o.count)
	f.errors.Merge(o.errors)
	f.weights.Merge(o.weights)
	f.squares.Merge(o.squares)
	f.summed.Merge(o.summed)
	f.sum.Merge(o.sum)
	f.values.merge(&o.values)
	if o.sketches != nil {
		if f.sketches == nil {
			f.sketches = new(sketch.Sketch)
		}
		f.sketches.Merge(o.sketches)
	}
}

// finish makes the distributions complete.
func (s *side) finish() {
	for _, f := range s.series {
		if f.sketches != nil {
			f.values.addSketch(f.sketches)
			f.sketches = nil
		}
	}
}

// mean is that of the events whose sum is known. It is false where there are none.
func (f *series) mean() (float64, bool) {
	if n := f.summed.Value(); n > 0 {
		return f.sum.Value() / n, true
	}
	return 0, false
}

// sides makes the Sinks of parallel workers.
type sides struct {
	mu  sync.Mutex
	all []*side
}

func (s *sides) sink() events.Sink {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := newSide(maxSeries)
	s.all = append(s.all, n)
	return n
}

// merged must be called once, when the workers are done.
func (s *sides) merged() *side {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := newSide(maxSeries)
	for _, n := range s.all {
		sum.merge(n)
	}
	sum.finish()
	return sum
}

// keys returns those of both sides.
func keys(a, b *side) []key {
	all := make(map[key]struct{}, len(a.series))
	for k := range a.series {
		all[k] = struct{}{}
	}
	for k := range b.series {
		all[k] = struct{}{}
	}
	return slices.SortedFunc(maps.Keys(all), key.compare)
}

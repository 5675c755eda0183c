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
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxSeries = 20_000 // of a side
	maxPath   = 2048   // bytes of a scope path that is kept
	leastRate = 1e-9   // of sampling; what is below counts as this
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
	count, errors float64 // what the events stand for
	weights       float64 // of the events whose errors are known
	squares       float64 // of these weights
	sum           float64
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
	weight := weightOf(e)
	switch e.Kind {
	case events.Timing:
		into.addTiming(e, weight)
	case events.Metric:
		into.addMetric(k.typ, e.Value, weight)
	case events.Summary:
		into.addSummary(k.typ, e.Totals)
	}
}

// weightOf is how many events e stands for.
func weightOf(e *events.Event) float64 {
	if e.SampleRate > 0 && e.SampleRate < 1 {
		return 1 / max(e.SampleRate, leastRate)
	}
	return 1
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
	f.count += weight
	f.weights += weight
	f.squares += weight * weight
	f.sum += weight * float64(max(e.Duration, 0))
	if e.Failed() {
		f.errors += weight
	}
	f.values.add(float64(max(e.Duration, 1)), weight) // no clock sees less than a nanosecond
}

func (f *series) addMetric(typ slogtel.MetricType, v, weight float64) {
	if v-v != 0 {
		return
	}
	f.count += weight
	f.sum = within(f.sum + weight*v)
	if typ == slogtel.TypeHistogram {
		f.values.add(v, weight)
	}
}

// addSummary adds what an aggregate has scaled already.
func (f *series) addSummary(typ slogtel.MetricType, t *events.Totals) {
	n, sum := float64(max(t.Count, 0)), t.Sum
	if sum-sum != 0 || n == 0 {
		return
	}
	if typ == slogtel.TypeTiming {
		sum = max(sum, 0) * float64(time.Second)
		f.errors += min(float64(max(t.Errors, 0)), n)
		f.weights += n
		f.squares += n // the sum of n weights of 1
	}
	f.count += n
	f.sum = within(f.sum + sum)
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
	for k, from := range o.series {
		into := s.find(k)
		if into == nil {
			s.overflow += int64(min(from.count, math.MaxInt32))
			continue
		}
		into.merge(from)
	}
	s.overflow += o.overflow
	s.inSummary += o.inSummary
}

func (f *series) merge(o *series) {
	f.count += o.count
	f.errors += o.errors
	f.weights += o.weights
	f.squares += o.squares
	f.sum = within(f.sum + o.sum)
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

func (f *series) mean() float64 {
	if f.count == 0 {
		return 0
	}
	return f.sum / f.count
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

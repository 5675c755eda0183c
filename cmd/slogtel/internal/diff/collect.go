package diff

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	maxSeries = 20_000 // of a side, and of each of its runs
	maxPath   = 2048   // bytes of a scope path that is kept
	maxCelled = 2000   // series of a run whose blocks have cells: up to 32 KiB each
)

// A key tells series apart.
type key struct {
	scope string
	typ   slogtel.MetricType
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.scope, o.scope), cmp.Compare(k.typ, o.typ))
}

// A series is all that a run says of a scope or metric.
type series struct {
	collect.Series
	blocks blocks
	celled bool
	one    [1]cell // scratch
}

// A run is what was read of one file, in its order. It is a Sink.
type run struct {
	limit     int
	series    map[key]*series
	overflow  int64 // events of scopes over the limit
	inSummary int64 // events that a summary counts too
	counts    events.Counts
}

func newRun(limit int) *run { return &run{limit: limit, series: make(map[key]*series)} }

// Event implements [events.Sink].
func (r *run) Event(e *events.Event) {
	k := key{e.Scope, e.Type}
	switch {
	case e.Kind == events.Timing:
		k.typ = slogtel.TypeTiming
	case e.Kind == events.Metric && e.Numeric && collect.Finite(e.Value) == e.Value:
	case e.Kind == events.Summary && e.Totals != nil && e.Totals.Sum-e.Totals.Sum == 0 && e.Totals.Count > 0:
	default:
		return
	}
	if e.InSummary {
		r.inSummary++
		return
	}
	s := r.series[k]
	if s == nil {
		if len(r.series) >= r.limit || len(k.scope) > maxPath {
			r.overflow++
			return
		}
		s = &series{celled: len(r.series) < maxCelled && (k.typ == slogtel.TypeTiming || k.typ == slogtel.TypeHistogram)}
		r.series[k] = s
	}
	s.Add(e, collect.Distributed(k.typ))
	s.entry(e)
}

// entry adds an event to the blocks.
func (s *series) entry(e *events.Event) {
	if e.Kind == events.Summary {
		s.totals(e.Totals, e.Type)
		return
	}
	v, failed := e.Value, 0.0
	if e.Kind == events.Timing {
		v = float64(max(e.Duration, 1)) // no clock sees less than a nanosecond
	}
	weight := e.Weight()
	if e.Failed() {
		failed = weight
	}
	log := logarithm(v)
	b := block{n: weight, log: log * weight, raw: v * weight, failed: failed}
	if s.celled {
		s.one[0] = cell{binOf(log), float32(weight)}
		b.cells = s.one[:]
	}
	s.blocks.add(b, weight*weight, log*log*weight, v*v*weight)
}

// totals adds a summary to the blocks: calls that came together.
func (s *series) totals(t *events.Totals, typ slogtel.MetricType) {
	n, sum := t.Events(), t.Sum
	b := block{n: n, failed: float64(min(max(t.Errors, 0), t.Count))}
	least := math.Inf(-1)
	if typ == slogtel.TypeTiming {
		sum, least = max(sum, 0)*1e9, 1
	}
	b.raw = collect.Finite(sum)
	mean := b.raw / n
	logs, raws := 0.0, b.raw*mean
	if t.Sketch != nil {
		raws = 0
		for v, weight := range t.Sketch.Bins() {
			log := logarithm(max(v, least))
			b.log += log * weight
			logs += log * log * weight
			if s.celled {
				b.cells = put(b.cells, cell{binOf(log), float32(weight)})
			}
			raws += v * v * weight
		}
	} else {
		s.celled = false // it is not known how many there are in each
		log := logarithm(max(mean, least))
		b.log, logs = log*n, log*log*n
	}
	s.blocks.add(b, n, logs, raws)
}

// logarithm is that of a positive value.
func logarithm(v float64) float64 { return math.Log(max(v, math.SmallestNonzeroFloat64)) }

// A point is what a run says of a series, in numbers that runs are compared by.
type point struct {
	log, mean       float64 // of the values: the mean of their logarithms, and their mean
	p95, p99        float64
	calls           float64 // how many equal calls would tell as much
	failed          float64 // of these
	amount          float64 // of calls, or the sum of a counter
	amountVariance  float64 // relative, if the events came by chance
	positive, whole bool    // all values are above zero; there is a distribution
}

func (s *series) point(typ slogtel.MetricType) point {
	b := &s.blocks
	p := point{calls: b.calls(), amount: s.Count.Value(), whole: s.Sketch != nil && !s.Approximate}
	p.positive = typ == slogtel.TypeTiming || s.Sketch != nil && s.Sketch.Min() > 0
	p.amountVariance = 1 / max(p.calls, 1)
	logs, raws := 0.0, 0.0
	for i := range b.list {
		logs += b.list[i].log
		raws += b.list[i].raw
		p.failed += b.list[i].failed
	}
	if b.weights > 0 {
		p.log, p.mean, p.failed = logs/b.weights, raws/b.weights, p.failed/b.weights*p.calls
	}
	if p.whole {
		p.p95, p.p99 = s.Sketch.Quantile(0.95), s.Sketch.Quantile(0.99)
	}
	if typ == slogtel.TypeCounter {
		p.amount = s.Total.Value()
		if p.amount != 0 {
			p.amountVariance = max(p.amountVariance, b.rawSquares/p.amount/p.amount)
		}
	}
	return p
}

// A pooled is all that the runs of a side say of a series.
type pooled struct {
	series
	points []point // of the runs that have it
}

// A Side is what was read of A or B.
type Side struct {
	series    map[key]*pooled
	runs      int
	overflow  int64
	inSummary int64
	Counts    events.Counts
	Nothing   error // that a run has something in it, but no telemetry
}

func newSide() *Side { return &Side{series: make(map[key]*pooled)} }

// add adds a run, which must not be used after. Only of a first run are the blocks kept: with several
// it is the runs that are compared.
func (s *Side) add(r *run) {
	for _, k := range slices.SortedFunc(maps.Keys(r.series), key.compare) {
		from := r.series[k]
		into := s.series[k]
		if into == nil {
			if len(s.series) >= r.limit {
				s.overflow += from.Events
				continue
			}
			into = new(pooled)
			s.series[k] = into
		}
		into.points = append(into.points, from.point(k.typ))
		into.Merge(&from.Series)
		into.blocks = from.blocks
		if s.runs > 0 {
			into.blocks = blocks{}
		}
		into.celled = from.celled
	}
	s.runs++
	s.overflow += r.overflow
	s.inSummary += r.inSummary
	s.Counts.Add(r.counts)
}

// keys returns those of both sides.
func keys(a, b *Side) []key {
	all := make(map[key]struct{}, len(a.series))
	for k := range a.series {
		all[k] = struct{}{}
	}
	for k := range b.series {
		all[k] = struct{}{}
	}
	return slices.SortedFunc(maps.Keys(all), key.compare)
}

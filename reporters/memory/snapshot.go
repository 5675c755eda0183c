package memory

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// A Snapshot is what a [Handler] held at one moment. It shares nothing with the
// Handler and is made to be marshaled to JSON: durations are seconds, no float is
// NaN or infinite, and empty lists are [].
//
// Lists are sorted by scope, then by parent. Of a metric, Scope is its full path,
// which ends in its name, and ParentScope the scope that it was recorded in.
//
// A quantile, such as P95, is the least value that at least 95 % of the values do
// not exceed, within QuantileError of it, relatively; for values of a histogram
// that are 1e19 times smaller than the largest, within 1e-19 of that. Everything
// else is exact, but for the rounding of floats. Where events were sampled, counts and the sums
// of counters are the whole numbers nearest to what they stand for; those that leave the range of
// an int64 are at its end, see CounterStats.Saturated.
type Snapshot struct {
	QuantileError float64 `json:"quantile_error"` // 0.01

	Scopes     []ScopeStats     `json:"scopes"`
	Counters   []CounterStats   `json:"counters"`
	Gauges     []GaugeStats     `json:"gauges"`
	Histograms []HistogramStats `json:"histograms"`
	Metrics    []MetricStats    `json:"metrics"` // those without a type, of Telemetry.Metric
	Forgotten  Forgotten        `json:"forgotten"`
}

// ScopeStats are the timings of one scope.
type ScopeStats struct {
	Scope        string  `json:"scope"`
	ParentScope  string  `json:"parent_scope"`
	Depth        int     `json:"depth"` // the least one, where calls differ
	Calls        int64   `json:"calls"`
	Errors       int64   `json:"errors"`
	LastError    string  `json:"last_error,omitempty"` // at most 256 bytes of it
	TotalSeconds float64 `json:"total_s"`
	MeanSeconds  float64 `json:"mean_s"`
	MinSeconds   float64 `json:"min_s"`
	P50Seconds   float64 `json:"p50_s"`
	P95Seconds   float64 `json:"p95_s"`
	P99Seconds   float64 `json:"p99_s"`
	MaxSeconds   float64 `json:"max_s"`
	// NoQuantiles is how many of the calls P50, P95 and P99 leave out: those of summaries
	// that came without a sketch. All else is of all calls.
	NoQuantiles int64 `json:"no_quantiles,omitempty"`
}

// CounterStats are the events of one counter.
type CounterStats struct {
	Scope       string `json:"scope"`
	ParentScope string `json:"parent_scope"`
	Count       int64  `json:"count"`               // of events
	Sum         int64  `json:"sum"`                 // the nearest whole number
	Saturated   bool   `json:"saturated,omitempty"` // the sum has no int64: Sum is the end of the range

	// SumFloat is the sum where it is not a whole number, as it may be with CountFloat or
	// with sampling, and 0 otherwise.
	SumFloat float64 `json:"sum_float,omitempty"`
}

// GaugeStats are the events of one gauge.
type GaugeStats struct {
	Scope       string  `json:"scope"`
	ParentScope string  `json:"parent_scope"`
	Count       int64   `json:"count"`
	Last        float64 `json:"last"` // the one that came last to the Handler
	Min         float64 `json:"min"`
	Max         float64 `json:"max"`
}

// HistogramStats are the values of one histogram. A sum beyond the range of a
// float64 is the end of that range.
type HistogramStats struct {
	Scope       string  `json:"scope"`
	ParentScope string  `json:"parent_scope"`
	Count       int64   `json:"count"`
	Sum         float64 `json:"sum"`
	Mean        float64 `json:"mean"`
	Min         float64 `json:"min"`
	P50         float64 `json:"p50"`
	P95         float64 `json:"p95"`
	P99         float64 `json:"p99"`
	Max         float64 `json:"max"`
	NoQuantiles int64   `json:"no_quantiles,omitempty"` // as of ScopeStats
}

// MetricStats are the events of one metric without a type.
type MetricStats struct {
	Scope       string `json:"scope"`
	ParentScope string `json:"parent_scope"`
	Count       int64  `json:"count"`
	// Last is a bool, an int64, a uint64, a float64, or a string: at most 256 bytes of
	// a text, or of what is an error or a fmt.Stringer; of other values the type.
	// Unmarshalled from JSON, all numbers are float64.
	Last any `json:"last"`
}

// Forgotten counts the events that a [Handler] could not add up.
type Forgotten struct {
	Timings   int64 `json:"timings"`         // of scopes beyond MaxSeries
	Errors    int64 `json:"errors"`          // those of Timings that had failed
	Metrics   int64 `json:"metrics"`         // events of metrics beyond MaxSeries
	Rates     int64 `json:"rates,omitempty"` // events whose sample_rate is not from 0.000001 to 1; each of them counts once
	NotFinite int64 `json:"not_finite"`      // metrics that were NaN or infinite, and events of such summaries; a Telemetry rejects those itself
}

// Snapshot returns what m holds. While events come in, each of its entries is
// consistent in itself; two of them may be some events apart. A nil Handler, like an
// empty one, returns a Snapshot with nothing in it.
func (m *Handler) Snapshot() Snapshot {
	s := Snapshot{
		QuantileError: sketch.RelativeError,
		Scopes:        []ScopeStats{},
		Counters:      []CounterStats{},
		Gauges:        []GaugeStats{},
		Histograms:    []HistogramStats{},
		Metrics:       []MetricStats{},
	}
	if m == nil {
		return s
	}
	st := m.load()
	for _, in := range sortedSeries(&st.scopes) {
		p := in.Fold((*sums).merge)
		stats := p.Val.scopeStats(&in.Key)
		p.Unlock()
		if stats.Calls > 0 {
			s.Scopes = append(s.Scopes, stats)
		}
	}
	for _, in := range sortedSeries(&st.metrics) {
		p := in.Fold((*sums).merge)
		p.Val.appendMetric(&in.Key, &s)
		p.Unlock()
	}
	s.Forgotten = st.forgotten.stats()
	s.Forgotten.Rates = st.badRates.Load()
	s.Forgotten.NotFinite = st.notFinite.Load()
	return s
}

func (f *forgottenTotals) stats() Forgotten {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Forgotten{Timings: series.Whole(&f.timings), Errors: series.Whole(&f.errors), Metrics: series.Whole(&f.metrics)}
}

func sortedSeries(t *series.Table[sums]) []*series.Entry[sums] {
	all := slices.Clone(t.List())
	slices.SortFunc(all, func(a, b *series.Entry[sums]) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Parent, b.Parent))
	})
	return all
}

func (s *sums) scopeStats(k *series.Key) ScopeStats {
	h := s.histogramStats(k, float64(time.Second))
	return ScopeStats{
		Scope: h.Scope, ParentScope: h.ParentScope, Depth: s.Depth,
		Calls: h.Count, Errors: series.Whole(&s.Errors), LastError: string(s.text),
		TotalSeconds: h.Sum, MeanSeconds: h.Mean, MinSeconds: h.Min,
		P50Seconds: h.P50, P95Seconds: h.P95, P99Seconds: h.P99, MaxSeconds: h.Max,
		NoQuantiles: h.NoQuantiles,
	}
}

// histogramStats are those of a distribution, divided by unit.
func (s *sums) histogramStats(k *series.Key, unit float64) HistogramStats {
	count, d := s.Count(), &s.Sketch
	least, most := s.Range()
	h := HistogramStats{
		Scope: k.Path, ParentScope: k.Parent, Count: series.Whole(&count),
		Sum: s.Value() / unit, Min: least / unit,
		P50: d.Quantile(0.50) / unit, P95: d.Quantile(0.95) / unit, P99: d.Quantile(0.99) / unit,
		Max: most / unit, NoQuantiles: series.Whole(&s.Rest),
	}
	if s.Events > 0 {
		h.Mean = s.Value() / count.Value() / unit
	}
	return h
}

func (s *sums) appendMetric(k *series.Key, to *Snapshot) {
	if s.Events == 0 { // its first event is on its way
		return
	}
	count := series.Whole(&s.Rest)
	switch k.Type {
	case slogtel.TypeCounter:
		c := CounterStats{Scope: k.Path, ParentScope: k.Parent, Count: count}
		sum, ok := s.Total.Int()
		c.Sum, c.Saturated = sum, !ok
		if v := s.Total.Value(); v != math.Trunc(v) {
			c.SumFloat = v
		}
		to.Counters = append(to.Counters, c)
	case slogtel.TypeGauge:
		least, most := s.Range()
		to.Gauges = append(to.Gauges, GaugeStats{k.Path, k.Parent, count, s.Last, least, most})
	case slogtel.TypeHistogram:
		to.Histograms = append(to.Histograms, s.histogramStats(k, 1))
	default:
		last := s.plain.Any()
		if s.plain.Kind() == slog.KindAny {
			last = string(s.text)
		}
		to.Metrics = append(to.Metrics, MetricStats{k.Path, k.Parent, count, last})
	}
}

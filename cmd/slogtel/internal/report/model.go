package report

import (
	"encoding/json"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// A Report is what a report says, as JSON. Durations are in seconds.
type Report struct {
	QuantileError float64       `json:"quantile_error"`
	By            string        `json:"by,omitempty"`
	Scopes        []Scope       `json:"scopes"`
	Counters      []Counter     `json:"counters"`
	Gauges        []Gauge       `json:"gauges"`
	Histograms    []Histogram   `json:"histograms"`
	Metrics       []Metric      `json:"metrics"` // without a type
	Overflow      int64         `json:"overflow_events"`
	Ungrouped     int64         `json:"ungrouped_events,omitempty"`   // in groups named (other)
	InSummary     int64         `json:"in_summary_events"`            // not added up: a summary counts them
	NotCounted    int64         `json:"not_counted_events,omitempty"` // their call_count is 0: the program had too many scopes
	Lines         events.Counts `json:"lines"`
	hidden        bool          // there are scopes below the depth that was asked for
}

// A Scope is a line of the scope tree.
type Scope struct {
	Scope       string  `json:"scope"`
	ParentScope string  `json:"parent_scope"`
	Group       *string `json:"group,omitempty"` // of the attribute By
	Timed       bool    `json:"timed"`           // false: only scopes inside it were
	Calls       int64   `json:"calls"`
	Errors      int64   `json:"errors"`
	Canceled    int64   `json:"canceled,omitempty"` // ended because others canceled their context: no errors
	Total       float64 `json:"total_s"`
	// Self is nil where it is not known: scopes inside took longer together than the scope (Overlap).
	// Where some may have run at once, and no span ids say in which call, it is an estimate.
	Self        *float64 `json:"self_s"`
	Estimated   bool     `json:"self_estimated"`
	Overlap     bool     `json:"overlap"`
	Mean        float64  `json:"mean_s"`
	Min         float64  `json:"min_s"`
	P50         float64  `json:"p50_s"`
	P95         float64  `json:"p95_s"`
	P99         float64  `json:"p99_s"`
	Max         float64  `json:"max_s"`
	Approximate bool     `json:"approximate"` // quantiles, of summaries without a sketch
	LastError   string   `json:"last_error,omitempty"`
	level       int
	name        string
	spark       string
}

// named is what all metrics have.
type named struct {
	Scope       string  `json:"scope"`
	ParentScope string  `json:"parent_scope"`
	Group       *string `json:"group,omitempty"`
	Unit        string  `json:"unit,omitempty"`
	Count       int64   `json:"count"`
}

// A Counter is a sum of numbers.
type Counter struct {
	named
	Sum json.Number `json:"sum"` // all digits of a whole one
}

// A Gauge is a value that changes.
type Gauge struct {
	named
	Last float64 `json:"last"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// A Histogram is a distribution of values.
type Histogram struct {
	named
	Sum         float64 `json:"sum"`
	Mean        float64 `json:"mean"`
	Min         float64 `json:"min"`
	P50         float64 `json:"p50"`
	P95         float64 `json:"p95"`
	P99         float64 `json:"p99"`
	Max         float64 `json:"max"`
	Approximate bool    `json:"approximate"`
	spark       string
}

// A Metric is a value of any kind.
type Metric struct {
	named
	Last string `json:"last"`
}

// A view says what of a report is shown, and in which order.
type view struct {
	sort  string
	top   int // 0: all, as a tree
	depth int // 0: all
}

func newReport(c *collector, v view, counts events.Counts, parallel func(path string) bool) *Report {
	r := &Report{
		QuantileError: sketch.RelativeError, By: c.by, Overflow: c.lost, Ungrouped: c.grouped, InSummary: c.skipped, NotCounted: c.notCounted, Lines: counts,
		Scopes: []Scope{}, Counters: []Counter{}, Gauges: []Gauge{}, Histograms: []Histogram{}, Metrics: []Metric{},
	}
	r.addScopes(c, v, parallel)
	for _, k := range c.keys(false) {
		s := c.series.All[k]
		r.addMetric(k, s, nil)
		for _, value := range groupNames(s) {
			r.addMetric(k, s.by.All[value], &value)
		}
	}
	return r
}

func (r *Report) addMetric(k key, s *series, group *string) {
	about := named{k.scope, k.parent, group, s.Unit, collect.Whole(&s.Count)}
	switch k.typ {
	case slogtel.TypeCounter:
		r.Counters = append(r.Counters, Counter{about, exact(&s.Total)})
	case slogtel.TypeGauge:
		r.Gauges = append(r.Gauges, Gauge{about, s.value, s.Min, s.Max})
	case slogtel.TypeHistogram:
		h := Histogram{named: about, Approximate: s.Approximate}
		if d := s.Sketch; d != nil {
			h.Sum, h.Mean = s.Total.Value(), s.mean()
			h.Min, h.P50, h.P95, h.P99, h.Max = d.Min(), d.Quantile(.5), d.Quantile(.95), d.Quantile(.99), d.Max()
			h.spark = spark(d)
		}
		r.Histograms = append(r.Histograms, h)
	default:
		m := Metric{about, s.text}
		if m.Last == "" {
			m.Last = formatFloat(s.value)
		}
		r.Metrics = append(r.Metrics, m)
	}
}

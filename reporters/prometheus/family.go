package prometheus

import (
	"fmt"
	"sync/atomic"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
)

// A family is a metric with all of its series. It is a collector of its own, so
// that the registry refuses at once what would make a scrape fail later.
type family struct {
	name string
	kind kind
	path string // that it was made for; others may share it with ScopeLabel

	start time.Time // that the times of exemplars count from

	bounds     []float64 // of a timing or histogram
	counters   *prom.CounterVec
	gauges     *prom.GaugeVec
	histograms *prom.HistogramVec
	errors     *prom.CounterVec // of a timing, nil where errors are a label
	reserved   []*prom.Desc     // names that nobody else may have

	state   atomic.Uint32 // pending, registered, refused
	held    atomic.Int64  // events taken while pending
	refusal error         // set before state is
}

const (
	pending uint32 = iota
	registered
	refused
)

var _ prom.Collector = (*family)(nil)

// newFamily makes a metric. What it is made of follows from its name, kind and
// path, so that it can be registered again after it was unregistered.
func (o *Options) newFamily(name string, k kind, path string, labels *labelKeys) *family {
	f := &family{name: name, kind: k, path: path, start: time.Now()}
	help := func(what string) string {
		if labels.scope {
			return what + " by slogtel scope."
		}
		return fmt.Sprintf("%s of slogtel scope %+q.", what, path)
	}
	switch k {
	case counter:
		f.counters = prom.NewCounterVec(prom.CounterOpts{Name: name, Help: help("Counter")}, labels.names)
	case gauge:
		f.gauges = prom.NewGaugeVec(prom.GaugeOpts{Name: name, Help: help("Gauge")}, labels.names)
	case duration:
		f.gauges = prom.NewGaugeVec(prom.GaugeOpts{Name: name, Help: help("Last duration in seconds")}, labels.names)
	case histogram:
		f.histograms = o.histograms(name, help("Histogram"), o.bounds(k, path), labels)
	case timing:
		f.histograms = o.histograms(name, help("Time in seconds"), o.bounds(k, path), labels)
		if labels.Failed() < 0 {
			f.errors = prom.NewCounterVec(prom.CounterOpts{Name: name + errorsSuffix, Help: help("Failed calls")}, labels.names)
		}
	}
	if f.histograms != nil {
		f.bounds = o.bounds(k, path)
		for _, suffix := range [...]string{countSuffix, sumSuffix, bucketSuffix} {
			f.reserved = append(f.reserved, prom.NewDesc(name+suffix, "Part of histogram "+name+".", nil, nil))
		}
	}
	return f
}

func (o *Options) bounds(k kind, path string) []float64 {
	if b, ok := o.BucketsFor[path]; ok {
		return b
	}
	if k == timing {
		return o.TimingBuckets
	}
	return o.HistogramBuckets
}

func (o *Options) histograms(name, help string, bounds []float64, labels *labelKeys) *prom.HistogramVec {
	h := prom.HistogramOpts{Name: name, Help: help, Buckets: bounds}
	if o.NativeFactor > 1 {
		h.NativeHistogramBucketFactor = o.NativeFactor
		h.NativeHistogramMaxBucketNumber = maxNativeBuckets
	}
	return prom.NewHistogramVec(h, labels.names)
}

// Describe sends the metric, and the names that it takes besides its own.
func (f *family) Describe(ch chan<- *prom.Desc) {
	for _, v := range f.vecs() {
		v.Describe(ch)
	}
	for _, d := range f.reserved {
		ch <- d
	}
}

// Collect sends all series.
func (f *family) Collect(ch chan<- prom.Metric) {
	for _, v := range f.vecs() {
		v.Collect(ch)
	}
}

func (f *family) vecs() []prom.Collector {
	switch {
	case f.counters != nil:
		return []prom.Collector{f.counters}
	case f.gauges != nil:
		return []prom.Collector{f.gauges}
	case f.errors != nil:
		return []prom.Collector{f.histograms, f.errors}
	}
	return []prom.Collector{f.histograms}
}

// newSeries makes the series with these values of labels, which are UTF-8 and as
// many as there are labels: nothing else could fail.
func (f *family) newSeries(labels []string) *series {
	x := &series{family: f}
	switch {
	case f.counters != nil:
		x.counter = f.counters.WithLabelValues(labels...)
		x.exemplars = make([]atomic.Int64, 1)
	case f.gauges != nil:
		x.gauge = f.gauges.WithLabelValues(labels...)
	default:
		x.histogram = f.histograms.WithLabelValues(labels...)
		x.exemplars = make([]atomic.Int64, len(f.bounds)+1)
		if f.errors != nil {
			x.errors = f.errors.WithLabelValues(labels...)
		}
	}
	return x
}

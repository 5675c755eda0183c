package prometheus

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
)

// A family is a metric with all of its series. It is a collector of its own, so
// that the registry refuses at once what would make a scrape fail later.
type family struct {
	name string // without what only UTF8Names allows
	kind kind
	path string // that it was made for; others may share it with ScopeLabel
	unit string // a word, or none
	help string // "": what it is and of which path

	series int // guarded by the mutex of the store

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

// build makes the metric, with the name that it is shown by. What it is made of follows from its name,
// kind, path, unit and help, so that it can be registered again after it was unregistered.
func (o *Options) build(f *family, shown string, labels *labelKeys) {
	f.start = time.Now()
	help := func(what string) string {
		switch {
		case f.help != "":
			return f.help
		case labels.scope:
			return what + " by slogtel scope."
		}
		return fmt.Sprintf("%s of slogtel scope %+q.", what, f.path)
	}
	opts := prom.Opts{Name: shown, Unit: f.unit}
	if !strings.HasSuffix(strings.TrimSuffix(shown, totalSuffix), f.unit) {
		opts.Unit = "" // OpenMetrics wants the name to end in it
	}
	switch f.kind {
	case counter:
		opts.Help = help("Counter")
		f.counters = prom.NewCounterVec(prom.CounterOpts(opts), labels.names)
	case gauge:
		opts.Help = help("Gauge")
		f.gauges = prom.NewGaugeVec(prom.GaugeOpts(opts), labels.names)
	case duration:
		opts.Help = help("Last duration in seconds")
		f.gauges = prom.NewGaugeVec(prom.GaugeOpts(opts), labels.names)
	case histogram:
		opts.Help = help("Histogram")
		f.bounds = o.bounds(f.kind, f.path)
		f.histograms = o.histograms(opts, f.bounds, labels)
	case timing:
		opts.Help = help("Time in seconds")
		f.bounds = o.bounds(f.kind, f.path)
		f.histograms = o.histograms(opts, f.bounds, labels)
		if labels.Failed() < 0 {
			f.errors = prom.NewCounterVec(prom.CounterOpts{Name: shown + errorsSuffix, Help: help("Failed calls")}, labels.names)
		}
	}
	f.reserve(shown)
}

// reserve takes the names that the series of a histogram have, and all names as servers
// without UTF-8 get them.
func (f *family) reserve(shown string) {
	names := []string{f.name}
	if f.histograms != nil {
		for _, suffix := range [...]string{countSuffix, sumSuffix, bucketSuffix} {
			f.reserved = append(f.reserved, prom.NewDesc(shown+suffix, "Part of histogram "+shown+".", nil, nil))
			names = append(names, f.name+suffix)
		}
	}
	if shown == f.name {
		return
	}
	if f.errors != nil {
		names = append(names, f.name+errorsSuffix)
	}
	for _, name := range names {
		f.reserved = append(f.reserved, prom.NewDesc(name, "Older form of "+shown+".", nil, nil))
	}
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

func (o *Options) histograms(opts prom.Opts, bounds []float64, labels *labelKeys) *prom.HistogramVec {
	h := prom.HistogramOpts{Name: opts.Name, Help: opts.Help, Unit: opts.Unit, Buckets: bounds}
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

// fill gives x the values of its labels, which are UTF-8 and as many as there are labels: nothing else
// could fail.
func (f *family) fill(x *series, labels []string) {
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
}

// drop removes the series with these values of labels.
func (f *family) drop(labels []string) {
	switch {
	case f.counters != nil:
		f.counters.DeleteLabelValues(labels...)
	case f.gauges != nil:
		f.gauges.DeleteLabelValues(labels...)
	case f.histograms != nil:
		f.histograms.DeleteLabelValues(labels...)
		if f.errors != nil {
			f.errors.DeleteLabelValues(labels...)
		}
	}
}

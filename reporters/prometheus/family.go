package prometheus

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/internal/event"
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
	vecs       []vec            // those of these that there are
	reserved   []*prom.Desc     // names that nobody else may have

	state   atomic.Uint32 // pending, registered, refused
	held    atomic.Int64  // events taken while pending
	refusal error         // set before state is
}

type vec interface {
	prom.Collector
	DeleteLabelValues(values ...string) bool
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
		f.vecs = []vec{f.counters}
	case gauge, duration:
		opts.Help = help("Gauge")
		if f.kind == duration {
			opts.Help = help("Last duration in seconds")
		}
		f.gauges = prom.NewGaugeVec(prom.GaugeOpts(opts), labels.names)
		f.vecs = []vec{f.gauges}
	default:
		opts.Help = help("Histogram")
		if f.kind == timing {
			opts.Help = help("Time in seconds")
		}
		f.bounds = o.bounds(f.kind, f.path)
		f.histograms = o.histograms(opts, f.bounds, labels)
		f.vecs = []vec{f.histograms}
		if f.kind == timing && labels.Failed() < 0 {
			f.errors = prom.NewCounterVec(prom.CounterOpts{Name: shown + errorsSuffix, Help: help("Failed calls")}, labels.names)
			f.vecs = append(f.vecs, f.errors)
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
	for _, v := range f.vecs {
		v.Describe(ch)
	}
	for _, d := range f.reserved {
		ch <- d
	}
}

// Collect sends all series.
func (f *family) Collect(ch chan<- prom.Metric) {
	for _, v := range f.vecs {
		v.Collect(ch)
	}
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
	for _, v := range f.vecs {
		v.DeleteLabelValues(labels...)
	}
}

// family returns the metric for events such as e, and whether it is new.
// One whose name is taken is refused already, and not kept. The mutex must be held.
func (s *store) family(e *sample) (_ *family, isNew bool) {
	k, path := e.kind, strings.Clone(e.Scope)
	given, ok := s.options.Units[path]
	if !ok {
		given = e.Unit
	}
	unit := unitWord(given, k)
	name := metricName(s.prefix, k, path, unit, false)
	f := &family{name: name, kind: k, path: path, unit: unit}
	if other := s.families[name]; other != nil {
		if other.kind == k && other.name == name && (s.labels.scope || other.path == path) {
			return other, false
		}
		return f.refuse(other.takes(name)), false
	}
	if k == timing {
		for _, taken := range [...]string{name + errorsSuffix, strings.TrimSuffix(name+errorsSuffix, totalSuffix)} {
			if other := s.families[taken]; other != nil && s.labels.Failed() < 0 {
				return f.refuse(other.takes(taken)), false
			}
		}
	}
	// In OpenMetrics a counter's name is without its suffix.
	sibling := name + totalSuffix
	if k == counter {
		sibling = strings.TrimSuffix(name, totalSuffix)
	}
	if other := s.families[sibling]; other != nil && other.state.Load() != refused &&
		(k == counter) != (other.kind == counter || other.name != sibling) {
		return f.refuse(other.takes(sibling)), false
	}
	shown := name
	if s.options.UTF8Names {
		shown = metricName(s.utf8Prefix, k, strings.ToValidUTF8(path, "\uFFFD"), unit, true)
	}
	f.help = s.help(f, e.Series)
	s.options.build(f, shown, s.labels)
	s.families[name] = f
	if f.errors != nil {
		s.families[name+errorsSuffix] = f
	}
	return f, true
}

// help returns the help text of a new metric, whose first event points to from: that of the
// options, or of the instrument, or "". One that was registered before keeps its text. The
// mutex must be held.
func (s *store) help(f *family, from *event.Series) string {
	if text, ok := s.helps[f.name]; ok {
		return text
	}
	text := s.options.Help[f.path]
	if text == "" && from != nil {
		text = from.Help
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// takes says that f has the name.
func (f *family) takes(name string) string {
	return fmt.Sprintf("%s belongs to %v %.200q", name, f.kind, f.path)
}

// refuse marks f as one that has lost its name to another.
func (f *family) refuse(why string) *family {
	f.refusal = fmt.Errorf("prometheus: %v %.200q: %w: %s", f.kind, f.path, ErrClash, why)
	f.state.Store(refused)
	return f
}

// register makes a new metric seen by scrapes, if the registry takes it. The mutex
// must not be held: a Registerer may be anybody's.
func (s *store) register(f *family) {
	if err := register(s.registerer, f); err != nil {
		f.refuse(err.Error())
		s.refuseHeld(f)
		return
	}
	f.state.Store(registered)
	if s.gone.Load() {
		unregister(s.registerer, f)
	}
}

// refuseHeld counts what f was given before it was refused.
func (s *store) refuseHeld(f *family) {
	if n := f.held.Swap(0); n > 0 {
		s.clashed(f, n)
	}
}

func (s *store) clashed(f *family, n int64) {
	s.lost.clashed.Add(n)
	s.problems.clash.report(func() error { return f.refusal })
}

func (s *store) overflowed(e *sample) {
	s.lost.overflowed.Add(1)
	s.problems.overflow.report(func() error {
		return fmt.Errorf("prometheus: %v %.200q left out: %w", e.kind, e.Scope, ErrOverflow)
	})
}

func register(reg prom.Registerer, c prom.Collector) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the registerer panicked: %v", p)
		}
	}()
	return reg.Register(c)
}

func unregister(reg prom.Registerer, c prom.Collector) (done bool) {
	defer func() { _ = recover() }()
	return reg.Unregister(c)
}

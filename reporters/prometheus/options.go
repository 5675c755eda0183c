package prometheus

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Options configure [New]. The zero value is good for most apps.
type Options struct {
	// Namespace begins each metric's name, with an underscore behind it. What a name
	// may not hold becomes an underscore.
	Namespace string

	// LabelKeys are the attributes that become labels, at most 16; one in a group is
	// group.key. Every metric has all of these labels; an event without the attribute
	// has the empty value, which to Prometheus is the same as no label. Each
	// combination of values is a series of its own: list what has few values, never an
	// id. The key "error" is special: it gives each timing a label error that is true
	// or false, in place of the counter of errors.
	LabelKeys []string

	// ScopeLabel adds a label scope with the path as it was given. With it, paths that
	// become the same name, as a.b_c and a.b.c do, share one metric and differ in this
	// label; without it, the second of them is a clash.
	ScopeLabel bool

	// TimingBuckets are the upper bounds of the classic buckets of timings, in
	// seconds, HistogramBuckets those of histograms, in increasing order. Nil are the
	// defaults: 17 from 1 ms to 5 min, and 15 from 0.01 to a million. Empty, but not
	// nil, is no classic buckets at all, for a server that scrapes native histograms.
	TimingBuckets, HistogramBuckets []float64

	// BucketsFor overrides these for single paths, timings and histograms alike.
	BucketsFor map[string][]float64

	// NativeFactor is how much wider each native bucket is than the one before, at
	// most. 0 is 1.1, a quantile within 5 %. 1 is no native histograms: a series of a
	// timing then takes 2 KB of memory and not 7.
	NativeFactor float64

	// Help has the help text of a metric, Units its unit, by path. Where they have none, both
	// are those of the instrument, if the metric has one. A unit is UCUM's, as "By", or a
	// word; it becomes part of the name: see the package documentation. That of a timing is
	// always seconds.
	Help, Units map[string]string

	// UTF8Names keeps all characters of paths and keys in names, which then need Prometheus 3. An
	// older server is given the same names as without it.
	UTF8Names bool

	// MaxSeries is how many series there are at most: combinations of a metric and
	// the values of its labels. A timing counts as one, with its buckets and its
	// counter of errors. Events of one more are counted in Stats.Overflowed. The last
	// quarter is for the first series of new metrics. 0 is 2000.
	MaxSeries int

	// MaxSeriesPerMetric is how many series one metric has at most, so that a label with too
	// many values takes no room from other metrics. 0 is a tenth of MaxSeries, and 100 at least.
	MaxSeriesPerMetric int

	// IdleTimeout is how long a series without events stays. Idle ones are looked for at each
	// scrape, and when there are too many series. A counter that comes again begins at 0, as after a
	// restart. The name of a metric without series is free, but a registry only takes the same
	// help and labels under it, and never forgets a name: expiry bounds series, not names that
	// are ever new. It is a second at least. 0 is for ever: a series stays until
	// [Handler.Delete] or [Handler.Unregister].
	IdleTimeout time.Duration

	// OnError is told of clashes ([ErrClash]), negative increments ([ErrNegative]), counters
	// at their end ([ErrSaturated]) and of a limit of series being reached ([ErrOverflow]): of each at most once a
	// minute, with the number of those held back. It is called on the goroutine of
	// the event and must not block. A panic in it is swallowed. When nil, errors are
	// logged through slog.Default(). [Handler.Stats] counts them either way.
	OnError func(error)
}

const (
	defaultMaxSeries    = 2000
	leastPerMetric      = 100 // of the default
	defaultNativeFactor = 1.1
	maxNativeBuckets    = 160 // beyond, the resolution is halved
)

var (
	defaultTimingBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}

	defaultHistogramBuckets = []float64{.01, .1, .5, 1, 5, 10, 50, 100, 500, 1e3, 5e3, 1e4, 5e4, 1e5, 1e6}
)

// withDefaults checks the options, and returns a copy with nothing left to default.
func (o *Options) withDefaults() (Options, error) {
	if o == nil {
		o = &Options{}
	}
	c := *o
	switch {
	case c.MaxSeries < 0:
		return c, fmt.Errorf("prometheus: MaxSeries is negative")
	case c.MaxSeries == 0:
		c.MaxSeries = defaultMaxSeries
	}
	switch {
	case c.MaxSeriesPerMetric < 0:
		return c, fmt.Errorf("prometheus: MaxSeriesPerMetric is negative")
	case c.MaxSeriesPerMetric == 0:
		c.MaxSeriesPerMetric = max(c.MaxSeries/10, leastPerMetric)
	}
	if c.IdleTimeout != 0 && c.IdleTimeout < time.Second {
		return c, fmt.Errorf("prometheus: IdleTimeout is %v, less than a second", c.IdleTimeout)
	}
	c.Help, c.Units = maps.Clone(c.Help), maps.Clone(c.Units)
	switch {
	case c.NativeFactor == 0:
		c.NativeFactor = defaultNativeFactor
	case !(1 <= c.NativeFactor && c.NativeFactor <= math.MaxFloat64):
		return c, fmt.Errorf("prometheus: NativeFactor is %v, want 1 or more", c.NativeFactor)
	}
	var err error
	if c.TimingBuckets, err = c.buckets("TimingBuckets", c.TimingBuckets, defaultTimingBuckets); err != nil {
		return c, err
	}
	if c.HistogramBuckets, err = c.buckets("HistogramBuckets", c.HistogramBuckets, defaultHistogramBuckets); err != nil {
		return c, err
	}
	given := c.BucketsFor
	c.BucketsFor = make(map[string][]float64, len(given))
	for path, bounds := range given {
		if c.BucketsFor[path], err = c.buckets(fmt.Sprintf("BucketsFor[%.100q]", path), bounds, []float64{}); err != nil {
			return c, err
		}
	}
	return c, nil
}

// buckets returns a checked copy of bounds, without the infinite one that all
// histograms have anyway.
func (o *Options) buckets(name string, bounds, byDefault []float64) ([]float64, error) {
	if bounds == nil {
		bounds = byDefault
	}
	bounds = slices.Clone(bounds)
	if n := len(bounds); n > 0 && math.IsInf(bounds[n-1], 1) {
		bounds = bounds[:n-1]
	}
	for i, b := range bounds {
		if !finite(b) || i > 0 && bounds[i-1] >= b {
			return nil, fmt.Errorf("prometheus: %s[%d] is %v: bounds are finite and in increasing order", name, i, b)
		}
	}
	if len(bounds) == 0 && o.NativeFactor <= 1 {
		return nil, fmt.Errorf("prometheus: %s is empty and there are no native histograms", name)
	}
	return bounds, nil
}

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

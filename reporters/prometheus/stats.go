package prometheus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
)

// Stats counts what a handler holds and what could not become a metric. The scrape
// has the same, see the package documentation.
type Stats struct {
	Metrics int // names in the registry, without those of errors and of the handler itself
	Series  int // of them; what clashes counts too, as it is remembered

	// Each event that did not become part of a metric is in exactly one of these.
	Skipped      int64 // no number, or one that is not finite; a telemetry.summary or what one has counted; a value with a sample_rate under 1e-4
	Negative     int64 // a negative increment of a counter
	Overflowed   int64 // of a new series when there were as many as Options allow
	Saturated    int64 // of a counter that is too large to grow by all of it
	Clashed      int64 // of a metric whose name is taken
	Unregistered int64 // after Unregister

	Truncated int64 // events with a label that was cut to 200 bytes
	Expired   int64 // series that went after Options.IdleTimeout

	// What was reported last of each; nil: nothing yet.
	LastNegative, LastOverflow, LastSaturated, LastClash error
}

func (s *store) stats() Stats {
	st := Stats{
		Skipped:      s.lost.skipped.Load(),
		Negative:     s.lost.negative.Load(),
		Overflowed:   s.lost.overflowed.Load(),
		Saturated:    s.lost.saturated.Load(),
		Clashed:      s.lost.clashed.Load(),
		Unregistered: s.lost.unregistered.Load(),
		Truncated:    s.cut.Load(),
		Expired:      s.expired.Load(),

		LastNegative:  s.problems.negative.lastError(),
		LastOverflow:  s.problems.overflow.lastError(),
		LastSaturated: s.problems.saturated.lastError(),
		LastClash:     s.problems.clash.lastError(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Series = len(s.table.all)
	for name, f := range s.families {
		if name == f.name && f.state.Load() == registered {
			st.Metrics++
		}
	}
	return st
}

// A self has the metrics of the handler itself.
type self struct {
	store                                *store
	dropped, cut, expired, series, limit *prom.Desc
	labels                               *prom.Desc // of all other metrics; it has no values
}

var _ prom.Collector = (*self)(nil)

func newSelf(s *store) *self {
	name := s.prefix + "slogtel_"
	return &self{
		store:   s,
		dropped: prom.NewDesc(name+"dropped_events_total", "Telemetry events that did not become part of a metric.", []string{"reason"}, nil),
		cut:     prom.NewDesc(name+"truncated_events_total", "Telemetry events with a label value that was cut.", nil, nil),
		expired: prom.NewDesc(name+"expired_series_total", "Series that had no events for so long that they were removed.", nil, nil),
		series:  prom.NewDesc(name+"series", "Series that the telemetry handler holds.", nil, nil),
		limit:   prom.NewDesc(name+"series_limit", "Series that the telemetry handler may hold.", nil, nil),
		labels:  prom.NewDesc(name+"labels", "Labels of the telemetry handler's metrics.", s.labels.names, nil),
	}
}

// Describe sends what Collect does. Besides, it lets the registry check the labels: one that a wrapped
// registerer adds itself is refused by New, and not with each metric.
func (c *self) Describe(ch chan<- *prom.Desc) {
	for _, d := range [...]*prom.Desc{c.dropped, c.cut, c.expired, c.series, c.limit, c.labels} {
		ch <- d
	}
}

// Collect sends the counts of now. A scrape is when idle series go.
func (c *self) Collect(ch chan<- prom.Metric) {
	c.store.expire()
	s := c.store.stats()
	for _, r := range [...]struct {
		reason string
		count  int64
	}{
		{"clash", s.Clashed},
		{"negative", s.Negative},
		{"overflow", s.Overflowed},
		{"saturated", s.Saturated},
		{"skipped", s.Skipped},
	} {
		ch <- prom.MustNewConstMetric(c.dropped, prom.CounterValue, float64(r.count), r.reason)
	}
	ch <- prom.MustNewConstMetric(c.cut, prom.CounterValue, float64(s.Truncated))
	ch <- prom.MustNewConstMetric(c.expired, prom.CounterValue, float64(s.Expired))
	ch <- prom.MustNewConstMetric(c.series, prom.GaugeValue, float64(s.Series))
	ch <- prom.MustNewConstMetric(c.limit, prom.GaugeValue, float64(c.store.options.MaxSeries))
}

// What [Options.OnError] is told wraps one of these.
var (
	// ErrClash says that the name of a metric is taken: by a metric of another type,
	// by another path, or by a collector of the app's own in the same registry. All
	// events of the metric are counted in Stats.Clashed.
	ErrClash = errors.New("metric clashes with another one")

	// ErrNegative says that a counter was given a negative increment, which was left out.
	ErrNegative = errors.New("counter cannot decrease")

	// ErrSaturated says that a counter could not grow by all of an increment: it ends at 2⁶³, and
	// an increment that is no whole number is lost where it would be rounded away.
	ErrSaturated = errors.New("counter is too large to grow")

	// ErrOverflow says that there was an event of a new series when there were as many as
	// Options.MaxSeries or Options.MaxSeriesPerMetric allow.
	ErrOverflow = errors.New("too many series: keep ids out of labels and scopes, set Options.IdleTimeout, or raise Options.MaxSeries and MaxSeriesPerMetric")
)

// reportEvery is the least time between two reports of one problem.
const reportEvery = time.Minute

// A problem reports its errors, but not too often.
type problem struct {
	call  func(error) // nil: log them
	start time.Time   // that next counts from, by the monotonic clock
	next  atomic.Int64
	held  atomic.Int64 // since the last report

	mu   sync.Mutex
	last error
}

// report passes on the error that build returns, unless one was passed on within
// the last minute.
func (p *problem) report(build func() error) {
	now := int64(time.Since(p.start)) + 1
	next := p.next.Load()
	if now < next || !p.next.CompareAndSwap(next, now+int64(reportEvery)) {
		p.held.Add(1)
		return
	}
	err := build()
	p.mu.Lock()
	p.last = err
	p.mu.Unlock()
	if held := p.held.Swap(0); held > 0 {
		err = fmt.Errorf("%w (and %d more since the last report)", err, held)
	}
	defer func() { _ = recover() }() // a panic in OnError must not end the app
	if p.call != nil {
		p.call(err)
		return
	}
	slog.Default().Error("telemetry error", slog.String("error", err.Error()))
}

func (p *problem) lastError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

package prometheus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

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

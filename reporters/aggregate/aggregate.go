package aggregate

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// OverflowScope is the scope under which an [Aggregate] sums up the events for which it
// has no series left.
const OverflowScope = "telemetry_overflow"

const (
	defaultInterval = time.Minute
	minInterval     = time.Millisecond
	overflowSeries  = 4 // one a type
)

// AggregateOptions configure [NewAggregate].
type Options struct {
	// Interval is how often summaries are sent. Zero and less mean a minute; the least is
	// a millisecond.
	Interval time.Duration

	// SlowerThan makes timings longer than it pass, as those that failed do. At zero
	// and less none is slow.
	SlowerThan time.Duration

	// MaxPassed is how many failed and slow timings pass of one series in an interval at
	// most: when all fails, one of them is like the other. At zero and less all pass.
	MaxPassed int

	// MaxSeries is how many series are summed up in an interval at most; the events of
	// others are summed up under OverflowScope. Zero and less mean 4096. A series takes 1
	// to 2 KiB if its values lie within a factor of 40, and 48 KiB at the very most.
	MaxSeries int

	// Keys are attributes of events, not in groups, by which series are told apart, besides
	// scope, parent and type; summaries have them. Other attributes are left out. Take only
	// keys that have few values: each of their combinations is a series. What is neither
	// text, number nor bool becomes text, and text is cut at 256 bytes.
	Keys []string

	// Sketch makes the summaries of timings and histograms carry their distribution, so
	// that [MergeSummaries], [Memory] and other readers can merge them: usually 100 to 1000
	// bytes more.
	Sketch bool

	// OnError is told of a summary that the next handler failed or panicked on. It is
	// called on the goroutine that sends summaries. By default slog.Default() is told, at
	// most once an interval.
	OnError func(context.Context, error)
}

// An Aggregate is a handler that rolls telemetry up: in place of every timing, counter,
// gauge and histogram event, it sends one summary of each series in an interval to the
// next handler.
//
//	agg := reporters.NewAggregate(reporters.NewJSON(file, nil), nil)
//	tel := slogtel.New(nil, agg)
//	defer tel.Shutdown(context.Background()) // sends the last interval
//
// A series is a scope or metric (path, parent and type), what [AggregateOptions].Keys
// add to it, and the handler that the events came to, where some were derived by
// WithAttrs and WithGroup: their summaries have the attributes and groups that were
// given there. [slogtel.Summary] says what a summary holds. Its quantiles are within 1 %
// of the value at their rank. Its level is the highest of its events, and its time the
// end of the interval.
//
// What passes as it is, on the goroutine of the caller: ordinary records; metrics
// without a type; summaries, and events that one has counted; values that are not
// finite, and events with a sample rate that cannot be; and timings that failed or were slow. These are in the summary as well, so
// they pass with in_summary, true: what adds up events and summaries, as [Memory] does,
// leaves them out. See [slogtel.Timing].InSummary.
//
// Sampled events are scaled up: one with a sample rate of 0.1 counts as ten. Where the
// rate is not one in a whole number, the count and the errors of a summary are rounded; its sum,
// mean and quantiles are not, and the sum divided by the mean is the number of events.
//
// An event waits for nothing but another one of the same series, also while the next
// handler blocks: then intervals get longer. Its memory is bounded by MaxSeries; what is
// beyond is summed up under [OverflowScope], type by type, and counted by
// [Aggregate.Stats].
//
// The next handler is not told of scopes that start, as a slogtel.ScopeWatcher is: of most
// it would never see the end. A handler that counts events, but does not know summaries,
// is better given to slogtel.New beside the Aggregate than put behind it.
//
// An Aggregate has a goroutine, which Shutdown ends. It is safe for concurrent use, and
// shares all of it with the handlers derived from it.
type Handler struct {
	core *aggregator
	view *series.View
}

var _ slog.Handler = (*Handler)(nil)

// NewAggregate returns an Aggregate in front of next. Nil opts are the defaults. With a
// nil next all is lost.
func New(next slog.Handler, opts *Options) *Handler {
	if next == nil {
		next = slog.DiscardHandler
	}
	c := &aggregator{
		next:     next,
		requests: make(chan request),
		stop:     make(chan context.Context, 1),
		done:     make(chan struct{}),
	}
	if opts != nil {
		c.opts = *opts
	}
	c.opts.Keys = distinct(c.opts.Keys)
	if c.opts.Interval <= 0 {
		c.opts.Interval = defaultInterval
	}
	c.opts.Interval = max(c.opts.Interval, minInterval)
	if c.opts.MaxSeries <= 0 {
		c.opts.MaxSeries = series.DefaultLimit
	}
	root := series.NewView(next)
	c.root = root
	c.table.Store(c.newTable(time.Now(), series.MinSlots))
	go c.run()
	return &Handler{core: c, view: root}
}

// aggregator is what an Aggregate shares with those derived from it.
type aggregator struct {
	opts Options
	next slog.Handler
	root *series.View

	table    atomic.Pointer[table] // nil after the last interval
	requests chan request
	stopOnce sync.Once
	stop     chan context.Context
	done     chan struct{} // closed when the goroutine has ended
	downErr  error         // what Shutdown returns, once done is closed

	unsent atomic.Int64 // summaries being sent
	counts counts
}

// Enabled asks the next handler.
func (a *Handler) Enabled(ctx context.Context, l slog.Level) bool {
	return a.view.Next.Enabled(ctx, l)
}

// Handle adds r to its series, or passes it on. The error, which may be a panic, is
// that of the next handler.
func (a *Handler) Handle(ctx context.Context, r slog.Record) error {
	switch a.take(&r) {
	case inSeries:
		return nil
	case alsoTaken:
		r = r.Clone()
		r.AddAttrs(slog.Bool(slogtel.KeyInSummary, true))
	}
	return a.core.handle(ctx, a.view.Next, r)
}

// RetainsRecords reports whether the next handler does, see slogtel.RetainsRecords.
func (a *Handler) RetainsRecords() bool { return slogtel.RetainsRecords(a.view.Next) }

// handle hands r over, and makes an error of a panic.
func (c *aggregator) handle(ctx context.Context, next slog.Handler, r slog.Record) (err error) {
	err = errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = panicError(v)
		}
		if err != nil {
			c.counts.errors.Add(1)
		}
	}()
	return next.Handle(ctx, r)
}

// distinct returns the keys in their order, each of them once.
func distinct(keys []string) (once []string) {
	for _, key := range keys {
		if !slices.Contains(once, key) {
			once = append(once, key)
		}
	}
	return once
}

// WithAttrs returns an Aggregate whose records go to the next handler's WithAttrs.
func (a *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return a
	}
	return &Handler{a.core, series.NewView(a.view.Next.WithAttrs(attrs))}
}

// WithGroup returns an Aggregate whose records go to the next handler's WithGroup.
func (a *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return a
	}
	return &Handler{a.core, series.NewView(a.view.Next.WithGroup(name))}
}

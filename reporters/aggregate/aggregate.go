package aggregate

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// OverflowScope is the scope under which a [Handler] sums up the events for which it
// has no series left.
const OverflowScope = "telemetry_overflow"

const (
	defaultInterval = time.Minute
	minInterval     = time.Millisecond
	overflowSeries  = 4 // one a type
)

// Options configure [New].
type Options struct {
	// Interval is how often summaries are sent. Zero and less mean a minute; the least is
	// a millisecond.
	Interval time.Duration

	// SlowerThan makes timings longer than it pass, as those that failed do. At zero
	// and less none is slow.
	SlowerThan time.Duration

	// MaxPassed is how many failed and slow timings of one series pass in an interval at
	// most: when all fail, one is like the other. At zero and less all pass.
	MaxPassed int

	// MaxSeries is how many series are summed up in an interval at most. The events of
	// others are summed up under OverflowScope. Zero and less mean 4096. A series takes 1
	// to 2 KiB if its values lie within a factor of 40, and at most 48 KiB. Series that several
	// goroutines use at once have up to 256 parts more in all, each of that size.
	MaxSeries int

	// Keys are attributes of events, not in groups, that tell series apart besides scope,
	// parent and type. Summaries have these attributes and no others. Choose only keys that
	// have few values: each combination is a series. A value that is neither text, number
	// nor bool becomes text, and text is cut at 256 bytes.
	Keys []string

	// Sketch makes the summaries of timings and histograms carry their distribution, so
	// that [Merge], package memory and other readers can merge them: usually 100 to 1000
	// bytes more.
	Sketch bool

	// OnError is told of each summary on which the next handler failed or panicked. It is
	// called on the goroutine that sends summaries. By default slog.Default() is told, at
	// most once an interval.
	OnError func(context.Context, error)
}

// A Handler sums up events and sends summaries of them to the next handler. It has a
// goroutine, which Shutdown ends. It is safe for concurrent use, and shares everything with
// the handlers derived from it.
type Handler struct {
	core *aggregator
	view *series.View
}

var _ slog.Handler = (*Handler)(nil)

// New returns a Handler in front of next. Nil opts are the defaults. A nil next discards
// everything.
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
	c.opts.Interval = cmp.Or(max(c.opts.Interval, 0), defaultInterval)
	c.opts.Interval = max(c.opts.Interval, minInterval)
	c.opts.MaxSeries = cmp.Or(max(c.opts.MaxSeries, 0), series.DefaultLimit)
	root := series.NewView(next)
	c.root = root
	c.table.Store(c.newTable(time.Now(), nil))
	go c.run()
	return &Handler{core: c, view: root}
}

// aggregator is what a Handler shares with those derived from it.
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

// Handle adds r to its series, or passes it on. The error is that of the next handler,
// whose panics become errors.
func (a *Handler) Handle(ctx context.Context, r slog.Record) error {
	if taken, passes := a.take(&r); taken {
		if !passes {
			return nil
		}
		r = r.Clone()
		r.AddAttrs(slog.Bool(slogtel.KeyInSummary, true))
	}
	return a.core.handle(ctx, a.view.Next, r)
}

// RetainsRecords reports whether the next handler does, see slogtel.RetainsRecords.
func (a *Handler) RetainsRecords() bool { return slogtel.RetainsRecords(a.view.Next) }

// handle hands r to next, and makes an error of a panic.
func (c *aggregator) handle(ctx context.Context, next slog.Handler, r slog.Record) (err error) {
	err = forward.ErrGoexit
	defer func() {
		if v := recover(); v != nil {
			err = forward.PanicError(v)
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

// WithAttrs returns a Handler whose records go to the next handler's WithAttrs.
func (a *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return a
	}
	return &Handler{a.core, series.NewView(a.view.Next.WithAttrs(attrs))}
}

// WithGroup returns a Handler whose records go to the next handler's WithGroup.
func (a *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return a
	}
	return &Handler{a.core, series.NewView(a.view.Next.WithGroup(name))}
}

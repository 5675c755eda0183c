package tailsample

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/glob"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// KeyKeep is the key of an attribute of a root scope, a bool. A trace whose root has it, true,
// is kept.
const KeyKeep = "keep_trace"

// Options configure [New]. The zero value has the defaults.
type Options struct {
	// Rate is the share of the traces that nothing speaks for that is kept, in (0, 1]. Zero
	// means 0.1, less than zero none.
	Rate float64

	// Rules are for the roots of some paths, in place of Rate. The first one whose Scope matches
	// decides: health checks need a smaller share than what earns money. Their rates are read
	// as in package sample, where zero keeps all.
	Rules []sample.Rule

	// SlowerThan keeps each trace whose root took longer. At zero and less none is slow.
	SlowerThan time.Duration

	// Slowest is a quantile, 0.99 say. A trace is kept if its root took longer, by at least 1 %,
	// than that quantile of the roots of its path so far, of which there must be 100. The
	// quantiles of 1000 paths are known, the first ones. At zero and less, and from 1 on, none
	// is kept for that reason.
	Slowest float64

	// KeepLevel keeps each trace with a record of that level or above. Nil, also a nil
	// *slog.LevelVar, is slog.LevelError, the level of scopes that failed.
	KeepLevel slog.Leveler

	// Keep, if not nil, returns true for more traces that are to be kept, by the event of
	// their root. Of a root that has not ended, that is its path, how long it runs and those of its
	// attributes that are text, numbers, bools or times. It may be called for one root several
	// times, from any goroutine. A trace is kept if Keep panics, which is an error for OnError.
	Keep func(ctx context.Context, root slogtel.Timing) bool

	// Logs says that the app's own records, logged with a context that is in a scope, are kept
	// or dropped with its trace. By default they pass.
	Logs bool

	// Rest, if not nil, is handed what is dropped. Then what is kept has no sample_rate. New takes
	// it over: it is flushed and shut down with the next handler.
	Rest slog.Handler

	// MaxRecords is how many records of a trace wait at most. Zero and less mean 10,000.
	MaxRecords int

	// MaxWaiting is how many records of all traces wait at most. Zero and less mean
	// 100,000. When there are more, the oldest traces are decided on until a quarter is free.
	MaxWaiting int

	// MaxAge is how long a root scope runs at most until its trace is decided on. It is looked
	// at four times in that time, so a record can wait for a quarter longer. Zero and less mean
	// a minute.
	MaxAge time.Duration

	// OnError is told of each record on which the next handler failed or panicked outside of a
	// call of Handle, and of a panic of Keep. Nil: slog.Default() is told, at most once a minute.
	OnError func(context.Context, error)
}

const (
	defaultRate       = 0.1
	defaultMaxRecords = 10_000
	defaultMaxWaiting = 100_000
	defaultMaxAge     = time.Minute
	maxTraces         = 50_000 // open, and as many whose decision is remembered
)

// Stats counts what a [Handler] has done.
type Stats struct {
	Open    int   // traces whose root has not ended
	Waiting int64 // records of them

	Failed, Slow, Asked, Chance int64 // traces kept, by the first reason that fits
	Dropped                     int64 // traces
	Early                       int64 // of all these, decided on before their root had ended

	RecordsKept    int64
	RecordsDropped int64 // handed to Rest, if there is one
	Late           int64 // of both: came after their root had ended
	Errors         int64 // records on which the next handler, or Rest, failed or panicked
}

// A Handler keeps or drops whole traces. It is safe for concurrent use, and shares everything
// with the handlers derived from it.
type Handler struct {
	*core
	out outputs
}

// answers reports whether l can be asked.
func answers(l slog.Leveler) (ok bool) {
	defer func() { ok = recover() == nil }()
	l.Level()
	return
}

// outputs are where a record may go, with what WithAttrs and WithGroup added.
type outputs struct {
	next  slog.Handler
	rated []slog.Handler // next, behind what adds the rate of each share; none if there is rest
	rest  slog.Handler   // nil: what is dropped is gone
}

// core is what a Handler shares with those derived from it.
type core struct {
	opts   Options
	shares []share // the last one is for all paths
	root   outputs
	open   *roots.Table[trace]
	kept   *roots.Table[*atomic.Int64] // by trace id, what was kept for a reason, and where that is counted
	late   *roots.Table[late]          // by root, what has no trace id and scopes that are open
	routes routes

	ticking, relieving, down atomic.Bool

	mu       sync.Mutex // guards what follows
	lastTold time.Time

	waiting                                            atomic.Int64
	failed, slow, asked, chance, dropped, early        atomic.Int64
	recordsKept, recordsDropped, lateRecords, failures atomic.Int64
}

var _ slog.Handler = (*Handler)(nil)

// New returns a Handler in front of next. Nil opts are the defaults. A nil next discards
// what is kept.
func New(next slog.Handler, opts *Options) *Handler {
	if next == nil {
		next = slog.DiscardHandler
	}
	c := &core{open: roots.NewTable[trace](maxTraces), kept: roots.NewTable[*atomic.Int64](maxTraces), late: roots.NewTable[late](maxTraces)}
	if opts != nil {
		c.opts = *opts
	}
	o := &c.opts
	if o.Rate == 0 || o.Rate != o.Rate {
		o.Rate = defaultRate
	}
	if o.KeepLevel == nil || !answers(o.KeepLevel) {
		o.KeepLevel = slog.LevelError
	}
	o.MaxRecords = cmp.Or(max(o.MaxRecords, 0), defaultMaxRecords)
	o.MaxWaiting = cmp.Or(max(o.MaxWaiting, 0), defaultMaxWaiting)
	o.MaxAge = cmp.Or(max(o.MaxAge, 0), defaultMaxAge)
	c.root = outputs{next: next, rest: o.Rest}
	for _, r := range append(slices.Clip(o.Rules), sample.Rule{Scope: "*", Rate: o.Rate}) {
		if r.Rate == 0 || r.Rate != r.Rate {
			r.Rate = 1
		}
		if o.Rest == nil {
			// A trace is kept by chance if its id is one that this keeps, so it drops nothing of it.
			const never = slog.Level(1 << 30)
			c.root.rated = append(c.root.rated, sample.New(&sample.Options{
				Rate: r.Rate, KeepLevel: never, Metrics: true, Random: func() float64 { return 0 },
			}).Middleware(next))
		}
		c.shares = append(c.shares, share{glob.New(r.Scope), min(r.Rate, 1)})
	}
	o.Rules = nil // the caller's
	return &Handler{c, c.root}
}

// Enabled asks the next handler, and Rest.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.out.next.Enabled(ctx, l) || h.out.rest != nil && h.out.rest.Enabled(ctx, l)
}

// pass hands on a record that is in no trace.
func (o *outputs) pass(ctx context.Context, r slog.Record) error {
	if o.rest != nil && !o.next.Enabled(ctx, r.Level) { // it was Rest that was enabled
		return nil
	}
	return o.next.Handle(ctx, r)
}

// Handle keeps r until its root scope ends, or hands it on. The error is that of the next
// handler, also about other records of the trace.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	var s event.Sample
	isEvent := s.ReadFrom(&r)
	if !isEvent && (!h.opts.Logs || r.Message == event.MessageSummary) {
		if r.Level >= h.opts.KeepLevel.Level() {
			h.noteFailure(ctx)
		}
		return h.out.pass(ctx, r)
	}
	root, ok := roots.Of(ctx)
	if !ok {
		return h.out.pass(ctx, r)
	}
	in := arrival{failed: s.Error != "" || r.Level >= h.opts.KeepLevel.Level(), rate: s.SampleRate}
	if isEvent && s.Type == event.TypeTiming {
		if root.Is(s.Depth) {
			return h.end(ctx, root, in, s.Duration, r)
		}
		in.ended = true
	}
	t, old := h.open.FindOrOpen(root.Key, h.starts(root))
	h.started(ctx, old)
	if t == nil {
		return h.handleLate(ctx, root, in, r)
	}
	switch v, full := t.add(h, ctx, r, in); {
	case v != undecided:
		return h.hand(v, in.failed, &item{ctx, r, h})
	case full:
		return h.decide(ctx, t, nil)
	case h.waiting.Load() > int64(h.opts.MaxWaiting):
		return h.relieve(ctx, t)
	}
	return nil
}

// noteFailure keeps the trace of a record that passes.
func (h *Handler) noteFailure(ctx context.Context) {
	if root, ok := roots.Of(ctx); ok {
		if t := h.find(ctx, root); t != nil {
			t.mu.Lock()
			t.failed = true
			t.mu.Unlock()
		}
	}
}

// end decides on a trace whose root has ended. Until then it stays in the table, so that what
// comes in the meantime obeys the decision.
func (h *Handler) end(ctx context.Context, root roots.Root, in arrival, took time.Duration, r slog.Record) error {
	t := h.open.Find(root.Key)
	if t == nil {
		t = &trace{root: root}
	}
	v, _ := t.add(h, ctx, r, in)
	var err error
	if v == undecided {
		err = h.decide(ctx, t, &r)
	} else {
		h.slowest(root.Path, took, true)
		err = h.hand(v, in.failed, &item{ctx, r, h})
	}
	isLate := t.open()
	if isLate {
		h.late.Open(lateKey{root.Key}, func(l *late) { *l = late{t, time.Now()} })
	}
	h.core.open.Close(root.Key)
	if isLate && !t.open() { // the last one ended just now
		h.late.Close(lateKey{root.Key})
	}
	return err
}

// handleLate handles a record whose root has ended.
func (h *Handler) handleLate(ctx context.Context, root roots.Root, in arrival, r slog.Record) error {
	h.lateRecords.Add(1)
	var v verdict
	if late := h.late.Find(lateKey{root.Key}); late != nil {
		v, _ = late.add(h, ctx, r, in)
		if !late.open() {
			h.late.Close(lateKey{root.Key})
		}
	} else if h.keptBefore(root.TraceID) != nil {
		v = keep
	} else {
		v = h.byChance(root.Path, root.TraceID, in.rate)
	}
	return h.hand(v, in.failed, &item{ctx, r, h})
}

// find returns the trace of a root that is open, or nil.
func (h *Handler) find(ctx context.Context, root roots.Root) *trace {
	t, old := h.open.FindOrOpen(root.Key, h.starts(root))
	h.started(ctx, old)
	return t
}

// starts returns what sets up the trace of a root that starts.
func (h *core) starts(root roots.Root) func(*trace) {
	return func(t *trace) { t.root, t.started = root, time.Now() }
}

// started decides on the traces that were pushed out by one that started, and sees to the timer.
func (h *Handler) started(ctx context.Context, old []*trace) {
	for _, t := range old {
		h.tell(ctx, h.decide(ctx, t, nil))
	}
	h.wind()
}

// ScopeStarted notes a scope that was opened.
func (h *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	forward.ScopeStarted(ctx, h.out.next, s)
	root, ok := roots.Of(ctx)
	if !ok {
		return
	}
	if root.Is(s.Depth) {
		h.started(ctx, h.open.Open(root.Key, h.starts(root)))
		return
	}
	if root.TraceID != "" {
		return // the id tells what becomes of what is late
	}
	t := h.open.Find(root.Key)
	if t == nil {
		if l := h.late.Find(lateKey{root.Key}); l != nil {
			t = l.trace
		}
	}
	if t != nil {
		t.mu.Lock()
		t.running++
		t.mu.Unlock()
	}
}

// RetainsRecords returns true: records wait.
func (h *Handler) RetainsRecords() bool { return true }

// WithAttrs returns a Handler whose records go to the WithAttrs of the handlers behind it.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	attrs = retain.Attrs(attrs)
	return h.derived(func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
}

// WithGroup returns a Handler whose records go to the WithGroup of the handlers behind it.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derived(func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h *Handler) derived(with func(slog.Handler) slog.Handler) *Handler {
	out := outputs{next: with(h.out.next)}
	for _, rated := range h.out.rated {
		out.rated = append(out.rated, with(rated))
	}
	if h.out.rest != nil {
		out.rest = with(h.out.rest)
	}
	return &Handler{h.core, out}
}

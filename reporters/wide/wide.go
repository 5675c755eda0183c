package wide

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// Options configure [New]. The zero value has the defaults.
type Options struct {
	// MaxScopes is how many different inner scopes a record has at most, the first ones.
	// Zero and less mean 64.
	MaxScopes int

	// MaxMetrics is how many counters, gauges and histograms a record has at most, taken
	// together. Zero and less mean 64.
	MaxMetrics int

	// MaxOpen is how many root scopes are followed at the same time. Zero and less mean
	// 10,000.
	MaxOpen int
}

const (
	defaultNames = 64
	defaultOpen  = 10_000
)

// Stats counts what a [Handler] has done.
type Stats struct {
	Open    int   // root scopes followed now
	Records int64 // of root scopes that ended
	Events  int64 // rolled up
	Cut     int64 // of these, only counted: their names were beyond the limits
	Late    int64 // passed as they are, because their root had ended
	GivenUp int64 // root scopes beyond MaxOpen, and those open at Shutdown
}

// A Handler makes one record of each root scope and hands it to the next handler. It is safe
// for concurrent use, and shares everything with the handlers derived from it.
type Handler struct {
	core *core
	next slog.Handler
}

// core is what a Handler shares with those derived from it.
type core struct {
	next    slog.Handler // as it was given to New
	opts    Options
	open    *roots.Table[state]
	watched atomic.Bool // scopes that start are told: a root that is not open has ended

	records, events, cut, late, givenUp atomic.Int64
}

var _ slog.Handler = (*Handler)(nil)

// New returns a Handler in front of next. Nil opts are the defaults. A nil next discards
// everything.
func New(next slog.Handler, opts *Options) *Handler {
	if next == nil {
		next = slog.DiscardHandler
	}
	c := &core{next: next}
	if opts != nil {
		c.opts = *opts
	}
	if c.opts.MaxScopes <= 0 {
		c.opts.MaxScopes = defaultNames
	}
	if c.opts.MaxMetrics <= 0 {
		c.opts.MaxMetrics = defaultNames
	}
	if c.opts.MaxOpen <= 0 {
		c.opts.MaxOpen = defaultOpen
	}
	c.open = roots.NewTable[state](c.opts.MaxOpen)
	return &Handler{core: c, next: next}
}

// Enabled asks the next handler.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle rolls r up, or hands on the record of a root scope that has ended, or r as it is.
// The error is that of the next handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message != event.MessageTiming && r.Message != event.MessageMetric {
		return h.next.Handle(ctx, r)
	}
	key, root, ok := roots.Of(ctx)
	if !ok {
		return h.next.Handle(ctx, r)
	}
	var s event.Sample
	if !s.ReadFrom(&r) || s.Type == event.TypePlain {
		return h.next.Handle(ctx, r)
	}
	if s.Type == event.TypeTiming && s.Scope == root.Path {
		return h.end(ctx, key, root, &s, r)
	}
	st := h.core.find(ctx, key, root)
	if st == nil || !st.add(ctx, h.core, &s) {
		h.core.late.Add(1)
		return h.next.Handle(ctx, r)
	}
	return nil
}

// end hands on the record of a root scope. Its record is that of r even if nothing is known
// of what happened inside.
func (h *Handler) end(ctx context.Context, key roots.Key, root scope.Info, s *event.Sample, r slog.Record) error {
	h.core.records.Add(1)
	st := h.core.open.Close(key)
	if st == nil {
		return h.next.Handle(ctx, r)
	}
	inside, empty := st.end(root.Path, weight(s.SampleRate))
	if empty {
		return h.next.Handle(ctx, r)
	}
	return h.next.Handle(ctx, withInside(r, inside))
}

// find returns the state of a root that is open, or nil.
func (c *core) find(ctx context.Context, key roots.Key, root scope.Info) *state {
	st := c.open.Find(key)
	if st == nil && !c.watched.Load() {
		c.start(ctx, key, root)
		st = c.open.Find(key)
	}
	return st
}

func (c *core) start(ctx context.Context, key roots.Key, root scope.Info) {
	if old := c.open.Open(key, func(st *state) { st.root = root }); old != nil {
		c.giveUp(ctx, old)
	}
}

// giveUp hands on what is known of a root scope that is open.
func (c *core) giveUp(ctx context.Context, st *state) {
	c.givenUp.Add(1)
	if r := st.unfinished(); c.next.Enabled(ctx, r.Level) {
		_ = c.next.Handle(ctx, r) // there is nobody to tell: the scope is another one than that of ctx
	}
}

// ScopeStarted notes a scope that was opened.
func (h *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	key, root, ok := roots.Of(ctx)
	if !ok {
		return
	}
	h.core.watched.Store(true)
	if s.Path == root.Path {
		h.core.start(ctx, key, root)
		forward.ScopeStarted(ctx, h.next, s)
		return
	}
	if st := h.core.open.Find(key); st != nil {
		st.started()
	}
}

// RetainsRecords reports whether the next handler does, see slogtel.RetainsRecords.
func (h *Handler) RetainsRecords() bool { return slogtel.RetainsRecords(h.next) }

// WithAttrs returns a Handler whose records go to the next handler's WithAttrs.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Handler{h.core, h.next.WithAttrs(attrs)}
}

// WithGroup returns a Handler whose records go to the next handler's WithGroup.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{h.core, h.next.WithGroup(name)}
}

// Flush flushes the next handler. Root scopes that are open stay so.
func (h *Handler) Flush(ctx context.Context) error { return forward.Flush(ctx, h.core.next) }

// Shutdown hands on what is known of root scopes that are open, and shuts the next handler
// down, or flushes it. Later events pass as they are.
func (h *Handler) Shutdown(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	h.core.watched.Store(true)
	for _, st := range h.core.open.CloseAll() {
		h.core.giveUp(ctx, st)
	}
	return forward.Shutdown(ctx, h.core.next)
}

// Stats returns the counts so far, of h and the handlers that share them.
func (h *Handler) Stats() Stats {
	c := h.core
	return Stats{
		Open: c.open.Len(), Records: c.records.Load(), Events: c.events.Load(),
		Cut: c.cut.Load(), Late: c.late.Load(), GivenUp: c.givenUp.Load(),
	}
}

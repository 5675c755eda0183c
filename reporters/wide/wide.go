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
	GivenUp int64 // root scopes beyond MaxOpen, those not seen to end at Shutdown, and those whose event did not come
}

// A Handler makes one record of each root scope and hands it to the next handler. It is safe
// for concurrent use, and shares everything with the handlers derived from it.
type Handler struct {
	core *core
	next slog.Handler
}

// core is what a Handler shares with those derived from it.
type core struct {
	next slog.Handler // as it was given to New
	opts Options
	open *roots.Table[state]

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
	root, ok := roots.Of(ctx)
	if !ok {
		return h.next.Handle(ctx, r)
	}
	var s event.Sample
	if !s.ReadFrom(&r) || s.Type == event.TypePlain {
		return h.next.Handle(ctx, r)
	}
	if s.Type == event.TypeTiming && root.Is(s.Depth) {
		return h.end(ctx, root, &s, r)
	}
	st := h.core.find(ctx, root)
	if st == nil || !st.add(h.core, &s) {
		h.core.late.Add(1)
		return h.next.Handle(ctx, r)
	}
	return nil
}

// end hands on the record of a root scope. Its record is that of r even if nothing is known
// of what happened inside.
func (h *Handler) end(ctx context.Context, root roots.Root, s *event.Sample, r slog.Record) error {
	h.core.records.Add(1)
	st := h.core.open.Close(root.Key)
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
func (c *core) find(ctx context.Context, root roots.Root) *state {
	st, old := c.open.FindOrOpen(root.Key, func(st *state) { st.root = root })
	c.giveUp(ctx, old...)
	return st
}

// giveUp hands on what is known of root scopes that are open.
func (c *core) giveUp(ctx context.Context, all ...*state) {
	for _, st := range all {
		c.givenUp.Add(1)
		if r, ok := st.unfinished(); ok && c.next.Enabled(ctx, r.Level) {
			_ = c.next.Handle(ctx, r) // there is nobody to tell: the scope is another one than that of ctx
		}
	}
}

// ScopeStarted notes a scope that was opened.
func (h *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	root, ok := roots.Of(ctx)
	if !ok {
		return
	}
	if root.Is(s.Depth) {
		h.core.giveUp(ctx, h.core.open.Open(root.Key, func(st *state) { st.root = root })...)
		forward.ScopeStarted(ctx, h.next, s)
		return
	}
	if st := h.core.open.Find(root.Key); st != nil {
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
	h.core.giveUp(ctx, h.core.open.CloseAll()...)
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

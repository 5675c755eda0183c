package live

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// Options configure [New]. The zero value has the defaults.
type Options struct {
	// Title is the heading of the page. Empty is the name of the program.
	Title string

	// Level is the least level of the app's own logs that are kept inside their traces. Nil is
	// slog.LevelInfo. Events of telemetry that are below it are not seen either.
	Level slog.Leveler

	// MaxScopes is how many different scopes have figures, and how many different metrics. Zero
	// and less mean 500.
	MaxScopes int

	// MaxOpen is how many open scopes are followed at the same time. Zero and less mean 10,000.
	MaxOpen int

	// MaxEvents is how many events and logs of a trace are kept. Zero and less mean 1000.
	MaxEvents int

	// MaxClients is how many browsers are sent updates at the same time. Zero and less mean 16.
	MaxClients int

	// Interval is the time between two updates. Zero and less mean a second.
	Interval time.Duration

	// Redact says which secrets and personal data are hidden in what is shown. Nil hides what
	// package redact hides by default.
	Redact *redact.Options

	// Stats are further things whose counts are shown, by name: what a queue or another reporter
	// has dropped. A value has a method Stats without arguments that returns a struct or a map
	// of numbers, as those of this module have, or is a func() any that returns such. They are
	// asked when somebody looks.
	Stats map[string]any

	// Hosts are names beside localhost and loopback addresses under which the page may be asked
	// for, without a port. Any other name is refused: it may have been made to point here.
	Hosts []string

	// Clients are the networks from which the page may be asked for. Nil is the machine itself.
	Clients []netip.Prefix
}

const (
	defaultScopes  = 500
	defaultOpen    = 10_000
	defaultEvents  = 1000
	defaultClients = 16
)

// Stats counts what a [Handler] has done, and what it could not show.
type Stats struct {
	Open       int64 // scopes that are followed now
	Unlisted   int64 // open scopes beyond Options.MaxOpen
	Overflow   int64 // events of scopes and metrics beyond Options.MaxScopes
	Late       int64 // events and logs of traces whose root had ended, or was not followed
	Cut        int64 // events and logs beyond what is kept of a trace
	TraceBytes int64 // that traces hold which have not ended, about
	Clients    int64 // browsers that are sent updates now
	Refused    int64 // requests from other machines, under other names, or beyond MaxClients
}

// A Handler shows what is happening now. It is a [slog.Handler] for telemetry and for the app's
// logs, and an [http.Handler] for the page. It is safe for concurrent use, and shares
// everything with the handlers derived from it.
type Handler struct {
	core  *core
	bound event.Bound
}

// core is what a Handler shares with those derived from it.
type core struct {
	opts  Options
	clean cleaner
	table table
	sums  sums
	shelf shelf
	cache snapshot

	clients, refused atomic.Int64
	closed           atomic.Bool
	done             chan struct{} // closed by Shutdown
	once             sync.Once
	server           *server // of Listen, or nil
}

var _ slogtel.ScopeWatcher = (*Handler)(nil)

// New returns a Handler that has seen nothing. Nil opts are the defaults; they are copied.
func New(opts *Options) *Handler {
	c := &core{done: make(chan struct{})}
	if opts != nil {
		c.opts = *opts
	}
	o := &c.opts
	if o.Title == "" && len(os.Args) > 0 {
		o.Title = filepath.Base(os.Args[0])
	}
	for limit, otherwise := range map[*int]int{
		&o.MaxScopes: defaultScopes, &o.MaxOpen: defaultOpen, &o.MaxEvents: defaultEvents, &o.MaxClients: defaultClients,
	} {
		if *limit <= 0 {
			*limit = otherwise
		}
	}
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	o.Stats = maps.Clone(o.Stats)
	o.Hosts, o.Clients = slices.Clone(o.Hosts), slices.Clone(o.Clients)
	c.clean = cleaner(redact.New(o.Redact))
	c.table.init(o.MaxOpen, o.MaxEvents)
	c.sums.init(o.MaxScopes)
	c.shelf.slow = make(map[string][]*kept)
	return &Handler{core: c}
}

// Enabled reports whether l is at least [Options].Level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	least := slog.LevelInfo
	if h.core.opts.Level != nil {
		least = h.core.opts.Level.Level()
	}
	return l >= least
}

// Handle takes account of an event, or keeps an app's own log inside its trace. The error is
// always nil.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	c := h.core
	if c.closed.Load() {
		return nil
	}
	if r.Message == event.MessageSummary {
		if s, ok := slogtel.DecodeSummary(r); ok {
			c.sums.summary(&s)
			return nil
		}
	}
	var l look
	if c.sums.read(&r, &l) {
		c.sums.add(r.Time, &l)
	}
	root := slogtel.Root(ctx)
	if root == nil {
		return nil
	}
	l.bound = h.bound.Attrs()
	key, at := keyOf(ctx)
	if l.what == aScope && at == slogattrs.Address(root) { // it ends, and its attributes are looked at if it is kept
		if k, ok := c.event(key, root, &r, &l, nil, nil, false); ok {
			if k != nil {
				front, back := h.attrs(&r, &l)
				c.keep(k, &r, &l, front, back)
			}
			return nil
		}
	}
	front, back := h.attrs(&r, &l)
	if k, _ := c.event(key, root, &r, &l, front, back, true); k != nil {
		c.keep(k, &r, &l, front, back)
	}
	return nil
}

// ScopeStarted takes account of a scope that was opened.
func (h *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	if !h.core.closed.Load() {
		h.core.table.start(ctx, &s)
	}
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns a Handler that adds attrs to what it keeps.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	settled := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		settled[i] = h.core.clean.attr(a)
	}
	return &Handler{h.core, h.bound.WithAttrs(settled)}
}

// WithGroup returns a Handler that puts what it is given into a group.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{h.core, h.bound.WithGroup(name)}
}

// Stats returns the counts so far.
func (h *Handler) Stats() Stats {
	c := h.core
	return Stats{
		Open: c.table.open.Load(), Unlisted: c.table.unlisted.Load(), Overflow: c.sums.overflow.Load(),
		Late: c.table.late.Load(), Cut: c.table.cut.Load(), TraceBytes: c.table.bytes.Load(),
		Clients: c.clients.Load(), Refused: c.refused.Load(),
	}
}

// Shutdown ends the updates, and the server of [Listen]. Later events are ignored. What was
// recorded can still be asked for where the app serves the page itself. Only the first call does
// anything; the error is that of the server, or of ctx.
func (h *Handler) Shutdown(ctx context.Context) (err error) {
	if ctx == nil {
		ctx = context.Background()
	}
	h.core.once.Do(func() {
		h.core.closed.Store(true)
		close(h.core.done)
		if h.core.server != nil {
			err = h.core.server.end(ctx)
		}
	})
	return err
}

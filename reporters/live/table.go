package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// A table has the scopes that are open, and a trace for each open root scope in which something has happened.
type table struct {
	open    openScopes
	parts   [1 << stripeBits]stripe
	events  int          // of a trace at most
	bytes   atomic.Int64 // that traces hold
	watched atomic.Bool  // scopes that start are told

	unlisted atomic.Int64 // open scopes beyond the limit
	late     atomic.Int64 // events of traces that had ended
	cut      atomic.Int64 // events beyond the limits of a trace or of all
}

const (
	stripeBits = 6
	chainBits  = 6 // of a stripe
)

// A stripe is some of the traces.
type stripe struct {
	mu     sync.Mutex                            // guards what follows, and the traces in the chains
	chains [1 << chainBits]atomic.Pointer[trace] // that nothing is in can be read without
	free   *trace                                // one whose memory can be used again
	_      [64]byte
}

type chain = atomic.Pointer[trace]

// stripe returns where the trace of a root is. As for slots, roots of one page are together.
func (t *table) stripe(root *slogtel.Span) (*stripe, *chain) {
	at := address(root)
	p := &t.parts[(at>>13)*golden>>(64-stripeBits)]
	return p, &p.chains[at*golden>>(64-chainBits)]
}

func find(c *chain, root *slogtel.Span) *trace {
	tr := c.Load()
	for tr != nil && tr.root != root {
		tr = tr.next
	}
	return tr
}

// take takes a trace out of its chain.
func take(c *chain, root *slogtel.Span) *trace {
	tr := c.Load()
	if tr == nil {
		return nil
	}
	if tr.root == root {
		c.Store(tr.next)
		return tr
	}
	for before := tr; ; before = tr {
		if tr = before.next; tr == nil {
			return nil
		}
		if tr.root == root {
			before.next = tr.next
			return tr
		}
	}
}

// A carrier is a context that Start or Rename returned.
type carrier interface {
	ScopeSpan() (span *slogtel.Span, depth int)
}

// start adds a scope that was opened.
func (t *table) start(ctx context.Context) {
	in, ok := ctx.Value(scope.Key{}).(carrier)
	if !ok {
		return
	}
	if !t.watched.Load() {
		t.watched.Store(true)
	}
	if span, _ := in.ScopeSpan(); !t.enter(span) {
		t.unlisted.Add(1)
	}
}

// enter adds an open scope, and reports whether there was room.
func (t *table) enter(span *slogtel.Span) bool {
	if t.open.enter(span) {
		return true
	}
	return t.prune() && t.open.enter(span)
}

// An incoming thing is an event, or an app's own log.
type incoming struct {
	record *slog.Record
	at     int64         // when it was, in Unix nanoseconds
	event  *event.Sample // nil for a log
	bound  *event.Bound
	front  []slog.Attr // its attributes, in two pieces; plain, as the value of a metric is
	back   []slog.Attr
}

// put puts something into its trace. Where it is the end of a root scope whose trace is wanted, put returns it.
func (c *core) put(ctx context.Context, in *incoming) *kept {
	of, ok := ctx.Value(scope.Key{}).(carrier)
	if !ok {
		return nil
	}
	t := &c.table
	span, depth := of.ScopeSpan()
	root := span.Root()
	if e := in.event; e == nil || e.Type != event.TypeTiming || e.Depth != depth {
		t.add(root, in, place{in: address(slogtel.Current(ctx))})
		return nil
	}
	known := t.open.leave(span)
	if span != root {
		t.add(root, in, place{is: address(span)})
		return nil
	}
	if !known && t.watched.Load() {
		t.late.Add(1)
		return nil
	}
	return c.end(root, in)
}

// add adds what has happened in a root scope to its trace.
func (t *table) add(root *slogtel.Span, in *incoming, where place) {
	p, chain := t.stripe(root)
	p.mu.Lock()
	tr := find(chain, root)
	if tr == nil {
		if tr = t.new(p, chain, root); tr == nil {
			p.mu.Unlock()
			t.late.Add(1)
			if !t.watched.Load() {
				t.prune()
			}
			return
		}
	}
	if e := in.event; e != nil && e.Error != "" {
		tr.fail(e.Error)
	}
	if !tr.add(t, in, where) {
		t.cut.Add(1)
	}
	p.mu.Unlock()
}

// new returns a trace that is in the chain, or nil if its root is not open. Where nobody tells of scopes that start,
// the first event does.
func (t *table) new(p *stripe, c *chain, root *slogtel.Span) *trace {
	if !t.open.has(root) && (t.watched.Load() || !t.open.enter(root)) {
		return nil
	}
	tr := p.free
	if tr == nil {
		tr = new(trace)
	}
	p.free = nil
	tr.root, tr.next = root, c.Load()
	c.Store(tr)
	if !t.open.has(root) { // it ended meanwhile, and may not have seen the trace
		t.drop(p, take(c, root))
		return nil
	}
	return tr
}

// drop ends the use of a trace that is in no chain. Its memory is kept for another one, unless it is a lot.
func (t *table) drop(p *stripe, tr *trace) {
	if tr.taken > 0 {
		t.bytes.Add(int64(-tr.taken))
	}
	if p.free == nil && tr.reset() {
		p.free = tr
	}
}

// end takes out the trace of a root that has ended, and returns it if it is wanted.
func (c *core) end(root *slogtel.Span, in *incoming) *kept {
	var none trace // nothing has happened inside
	p, chain := c.table.stripe(root)
	if chain.Load() == nil {
		return c.wanted(&none, in, root)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	tr := take(chain, root)
	if tr == nil {
		return c.wanted(&none, in, root)
	}
	k := c.wanted(tr, in, root)
	c.table.drop(p, tr)
	return k
}

// prune takes out what nobody told the end of, once a second at most, and reports whether it looked.
func (t *table) prune() bool {
	if !t.open.prune() {
		return false
	}
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		for j := range p.chains {
			c := &p.chains[j]
			for tr := c.Load(); tr != nil; {
				next := tr.next
				if !t.open.has(tr.root) {
					t.drop(p, take(c, tr.root))
				}
				tr = next
			}
		}
		p.mu.Unlock()
	}
	return true
}

package live

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The table of what is open: a trace for each root scope, with the scopes in it that have not
// ended and what has happened in it so far. It is in stripes, each with a lock of its own.
const (
	stripes = 64
	chains  = 64 // of a stripe
)

type table struct {
	parts   [stripes]stripe
	limit   int64        // of open scopes
	events  int          // of a trace at most
	open    atomic.Int64 // scopes in the table
	bytes   atomic.Int64 // that traces hold
	pruned  atomic.Int64 // Unix seconds of the last time
	watched atomic.Bool  // scopes that start are told

	unlisted atomic.Int64 // open scopes beyond the limit
	late     atomic.Int64 // events of traces that had ended
	cut      atomic.Int64 // events beyond the limits of a trace or of all
}

type stripe struct {
	mu     sync.Mutex // guards what follows, and the traces in the chains
	chains [chains]*trace
	free   *trace // one whose memory can be used again
	_      [64]byte
}

// An openScope is a scope that has started.
type openScope struct {
	key        any // its context: what a context that is in it has under scope.Key
	path       string
	id, parent int32 // of a scope in the trace
}

// stripe returns where the trace of a root is. The address of the root spreads them.
func (t *table) stripe(root *slogtel.Span) (p *stripe, chain **trace) {
	h := uint64(reflect.ValueOf(root).Pointer()) * 0x9e3779b97f4a7c15
	p = &t.parts[h>>58]
	return p, &p.chains[h>>52&(chains-1)]
}

func find(chain *trace, root *slogtel.Span) *trace {
	for ; chain != nil; chain = chain.next {
		if chain.root == root {
			return chain
		}
	}
	return nil
}

// start adds a scope that was opened.
func (t *table) start(ctx context.Context, s *scope.Info) {
	root := slogtel.Root(ctx)
	if root == nil {
		return
	}
	if !t.watched.Load() {
		t.watched.Store(true)
	}
	if t.open.Load() >= t.limit {
		if t.prune(); t.open.Load() >= t.limit {
			t.unlisted.Add(1)
			return
		}
	}
	p, chain := t.stripe(root)
	p.mu.Lock()
	tr := find(*chain, root)
	if tr == nil {
		tr = p.new(chain, root)
		if slogtel.Current(ctx) != root {
			// Its root has ended, or had no room: it is shown, but makes no trace.
			tr.ended = true
		}
	}
	entered := tr.enter(ctx.Value(scope.Key{}), s)
	p.mu.Unlock()
	if entered {
		t.open.Add(1)
	}
}

// new returns a trace that is in the chain.
func (p *stripe) new(chain **trace, root *slogtel.Span) *trace {
	tr := p.free
	if tr == nil {
		tr = new(trace)
	}
	p.free = nil
	tr.root, tr.next = root, *chain
	*chain = tr
	return tr
}

// remove takes a trace out of its chain. Its memory is kept for another one, unless it is a lot.
func (p *stripe) remove(t *table, chain **trace, tr *trace) {
	for at := chain; *at != nil; at = &(*at).next {
		if *at == tr {
			*at = tr.next
			break
		}
	}
	t.bytes.Add(-tr.taken)
	if tr.untold {
		t.open.Add(-1)
	}
	if p.free == nil && max(cap(tr.items), cap(tr.attrs), cap(tr.open)) <= maxReused {
		tr.reset()
		p.free = tr
	}
}

// event adds an event, or an app's own log, to its trace. Where it is the end of a root scope whose trace is
// wanted, event returns it.
func (c *core) event(ctx context.Context, root *slogtel.Span, r *slog.Record, e *event.Sample, bound *event.Bound, front, back []slog.Attr, value slog.Value) *kept {
	t := &c.table
	timing := e != nil && e.Type == event.TypeTiming
	p, chain := t.stripe(root)
	p.mu.Lock()
	tr := find(*chain, root)
	if tr == nil {
		if t.watched.Load() || t.open.Load() >= t.limit {
			p.mu.Unlock()
			t.late.Add(1)
			if !t.watched.Load() {
				t.prune()
			}
			return nil
		}
		tr = p.new(chain, root) // nobody tells of scopes that start
		tr.untold = true
		t.open.Add(1)
	}
	var own bool
	at := tr.find(ctx.Value(scope.Key{}), ctx)
	if timing && at >= 0 {
		own = tr.open[at].is(e.Scope)
	}
	id, parent := int32(0), int32(0)
	if at >= 0 {
		parent = tr.open[at].id
		if own {
			id, parent = tr.open[at].id, tr.open[at].parent
			tr.leave(at)
		}
	}
	ends := timing && (own && id == rootID || at < 0 && !t.watched.Load() && isRoot(ctx, root, e.Scope))
	var keep *kept
	switch {
	case tr.ended:
		t.late.Add(1)
	case ends:
		tr.ended = true
		if slow, failed := c.wanted(tr, r, e); slow || failed {
			tr.add(t, id, parent, r, e, bound, front, back, &value, true)
			keep = take(tr, e, slow, failed)
		}
	case !tr.add(t, id, parent, r, e, bound, front, back, &value, false):
		t.cut.Add(1)
	}
	if tr.ended && len(tr.open) == 0 {
		p.remove(t, chain, tr)
	}
	p.mu.Unlock()
	if own {
		t.open.Add(-1)
	}
	return keep
}

// isRoot reports whether a timing is that of the root scope, where nobody told of its start.
func isRoot(ctx context.Context, root *slogtel.Span, path string) bool {
	if slogtel.Current(ctx) != root {
		return false
	}
	state, _ := root.State()
	return state.Scope == path
}

// is reports whether a timing with this path is that of the scope, which may have been renamed.
func (o *openScope) is(path string) bool {
	if o.path == path {
		return true
	}
	state, _ := o.span().State()
	return state.Scope == path
}

func (o *openScope) span() *slogtel.Span {
	ctx, _ := o.key.(context.Context)
	return slogtel.Current(ctx)
}

// prune takes out the scopes whose end nobody told of, once a second at most.
func (t *table) prune() {
	now, last := time.Now().Unix(), t.pruned.Load()
	if now == last || !t.pruned.CompareAndSwap(last, now) {
		return
	}
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		for c := range p.chains {
			chain := &p.chains[c]
			for tr := *chain; tr != nil; {
				next := tr.next
				t.open.Add(-tr.prune())
				if _, open := tr.root.State(); !open && len(tr.open) == 0 {
					p.remove(t, chain, tr)
				}
				tr = next
			}
		}
		p.mu.Unlock()
	}
}

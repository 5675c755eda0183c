package live

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/stripe"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The table of what is open: a trace for each root scope, with the scopes in it that have not
// ended and what has happened in it so far. It is in parts, each with a lock of its own and a hash table
// that is as small as can be, so that what is used stays in the cache of a processor.
type table struct {
	parts   []part        // a power of two
	limit   int64         // of open scopes
	events  int           // of a trace at most
	open    atomic.Int64  // scopes in the table
	bytes   atomic.Int64  // that traces hold
	pruned  atomic.Int64  // Unix seconds of the last time
	swept   atomic.Uint64 // parts, by sweep
	watched atomic.Bool   // scopes that start are told
	queued  atomic.Bool   // and not at once: a queue in front has the ends of others, too

	unlisted atomic.Int64 // open scopes beyond the limit
	late     atomic.Int64 // events of traces that had ended
	cut      atomic.Int64 // events beyond the limits of a trace or of all
}

type part struct {
	mu     sync.Mutex // guards what follows, and the traces in the chains
	traces int        // in the chains
	chains []*trace   // a power of two
	swept  int        // the chain that was looked at last
	free   *trace     // one whose memory can be used again
	_      [64]byte
}

// An openScope is a scope that has started.
type openScope struct {
	key        any // its context: what a context that is in it has under scope.Key; by its address it is found
	path       string
	id, parent int32 // of a scope in the trace
	depth      int32
}

func (o *openScope) at() uintptr { return slogattrs.Address(o.key) }

func (o *openScope) span() *slogtel.Span { return spanOf(o.key) }

// ended reports whether the scope has ended, and copies no attributes for that.
func (o *openScope) ended() bool { return roots.Ended(o.key) }

func (t *table) init(limit, events int) {
	t.limit, t.events = int64(limit), events
	t.parts = make([]part, min(2*stripe.Count, 64))
	for i := range t.parts {
		t.parts[i].chains = make([]*trace, minChains)
	}
}

const minChains = 4

// hash is that of the address of a root.
func hash(root uintptr) uint64 {
	h := uint64(root) * 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio spreads the bits
	return h>>32 ^ h>>48
}

// part returns that in which the trace of a root is.
func (t *table) part(hash uint64) *part {
	return &t.parts[hash&uint64(len(t.parts)-1)]
}

// chain returns the chain in which the trace of a root is.
func (p *part) chain(hash uint64) **trace {
	return &p.chains[hash>>8&uint64(len(p.chains)-1)]
}

func (p *part) find(hash uint64, root *slogtel.Span) *trace {
	for tr := *p.chain(hash); tr != nil; tr = tr.next {
		if tr.root == root {
			return tr
		}
	}
	return nil
}

// keyOf returns the key of the innermost scope that ctx is in, and where it is: at the place of its Span, unless ctx is
// one that Span.Rename returned. It calls the app if the context is one of its own, so that no lock may be held.
func keyOf(ctx context.Context) (key any, at uintptr) {
	key = ctx.Value(scope.Key{})
	return key, slogattrs.Address(key)
}

// placeOf returns the depth of the scope with this key, and the key of the one that it was opened in: nil for a root,
// and if it is too late to ask.
//
// Something at another depth is not the scope, but a timing that was measured elsewhere, which is told with the
// context of the scope around it. Paths do not tell: a scope that is renamed can get the path of one inside.
func placeOf(key any) (depth int, outer any) {
	c, ok := key.(interface {
		ScopePlace() (depth int, outer context.Context)
	})
	if !ok {
		return -1, nil
	}
	depth, in := c.ScopePlace()
	if in != nil {
		outer = in
	}
	return depth, outer
}

func depthOf(key any) int {
	depth, _ := placeOf(key)
	return depth
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
	key, at := keyOf(ctx)
	depth, outer := placeOf(key)
	if depth != s.Depth {
		return // it is a timing that was measured elsewhere
	}
	if t.open.Load() >= t.limit {
		if t.sweep(key); t.open.Load() >= t.limit {
			t.unlisted.Add(1)
			return
		}
	}
	rootAt := slogattrs.Address(root)
	h := hash(rootAt)
	p := t.part(h)
	p.mu.Lock()
	defer p.mu.Unlock()
	tr := p.find(h, root)
	if tr == nil {
		tr = p.new(h, root)
		if at != rootAt {
			// Its root has ended, or had no room: it is shown, but makes no trace.
			tr.ended = true
		}
	}
	if at != rootAt && tr.ids < rootID {
		tr.ids = rootID // of which nobody told
	}
	if tr.enter(key, at, outer, s) {
		t.open.Add(1)
	}
}

// new returns a trace that is in its chain.
func (p *part) new(hash uint64, root *slogtel.Span) *trace {
	if p.traces >= 2*len(p.chains) {
		p.grow()
	}
	tr := p.free
	if tr == nil {
		tr = new(trace)
	}
	p.free = nil
	chain := p.chain(hash)
	tr.root, tr.hash, tr.next = root, hash, *chain
	*chain = tr
	p.traces++
	return tr
}

// grow doubles the chains.
func (p *part) grow() {
	old := p.chains
	p.chains = make([]*trace, 2*len(old))
	for _, tr := range old {
		for tr != nil {
			next, chain := tr.next, p.chain(tr.hash)
			tr.next = *chain
			*chain = tr
			tr = next
		}
	}
}

// remove takes a trace out of its chain. Its memory is kept for another one, unless it is a lot.
func (p *part) remove(t *table, tr *trace) {
	at := p.chain(tr.hash)
	for *at != tr {
		at = &(*at).next
	}
	*at = tr.next
	p.traces--
	t.bytes.Add(-tr.taken)
	if tr.untold {
		t.open.Add(-1)
	}
	if p.free == nil && max(cap(tr.items), cap(tr.attrs), cap(tr.open)) <= maxReused {
		tr.reset()
		p.free = tr
	}
}

// spanOf returns the scope with this key. Of the app nothing is called.
func spanOf(key any) *slogtel.Span {
	ctx, _ := key.(context.Context)
	return slogtel.Current(ctx)
}

// event adds what l tells of r, with these attributes, to its trace, in the scope with this key. Where it is the end
// of a root scope whose trace is wanted, event returns that, without its last item. It reports false where the
// attributes are needed and were not given.
func (c *core) event(key any, root *slogtel.Span, r *slog.Record, l *look, front, back []slog.Attr, given bool) (keep *kept, ok bool) {
	t := &c.table
	if !t.watched.Load() && t.open.Load() >= t.limit || t.bytes.Load() > allTraceBytes {
		t.prune()
	}
	h := hash(slogattrs.Address(root))
	p := t.part(h)
	p.mu.Lock()
	defer p.mu.Unlock()
	tr := p.find(h, root)
	if tr == nil {
		if t.watched.Load() || t.open.Load() >= t.limit {
			t.late.Add(1)
			return nil, true
		}
		tr = p.new(h, root) // nobody tells of scopes that start
		tr.untold = true
		t.open.Add(1)
	}
	at := tr.find(key)
	own := l.what == aScope && at >= 0 && int(tr.open[at].depth) == l.depth
	ends := own && tr.open[at].id == rootID || tr.untold && l.what == aScope && at < 0 && depthOf(key) == l.depth && spanOf(key) == root
	if !given && !ends && !tr.ended {
		return nil, false
	}
	id, parent := int32(0), int32(0)
	if at >= 0 {
		parent = tr.open[at].id
		if own {
			id, parent = tr.open[at].id, tr.open[at].parent
			tr.leave(at)
			t.open.Add(-1)
		}
	}
	if l.known != nil && l.failed {
		tr.fails++
	}
	switch {
	case tr.ended:
		t.late.Add(1)
	case ends:
		tr.ended = true
		if keep = c.take(tr, r, l); len(tr.open) > 0 { // which may be so for long
			t.bytes.Add(-tr.taken)
			tr.taken, tr.journal = 0, journal{}
		}
	case tr.full(t):
		tr.cut++
		t.cut.Add(1)
	default:
		tr.add(id, parent, r, l, front, back)
		if size := tr.size(); size >= tr.taken+bytesStep {
			t.bytes.Add(size - tr.taken)
			tr.taken = size
		}
	}
	if tr.ended && len(tr.open) == 0 {
		p.remove(t, tr)
	}
	return keep, true
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
		for range p.chains {
			p.sweepChain(t, math.MaxInt)
		}
		p.mu.Unlock()
	}
}

// sweep makes room for the scope with this key, which starts. It is prune, or else does the same for some traces,
// others each time. As it is done for each scope that starts when there is no room, the ends of any number of scopes
// may be dropped; and so it looks at some scopes only, also of a trace, which may have all there are.
//
// Behind a queue that is not what to do: there the ends of the scopes that have ended are still to be told.
func (t *table) sweep(key any) {
	t.prune()
	if roots.Ended(key) {
		t.queued.Store(true)
	}
	if t.queued.Load() {
		return
	}
	looked := 0
	for range t.parts {
		if looked >= sweptAtOnce || t.open.Load() < t.limit {
			return
		}
		p := &t.parts[t.swept.Add(1)%uint64(len(t.parts))]
		p.mu.Lock()
		for range minChains {
			looked += p.sweepChain(t, sweptAtOnce)
		}
		p.mu.Unlock()
	}
}

// sweepChain looks at the next chain, and at so many open scopes of each trace in it. It returns how many these were.
func (p *part) sweepChain(t *table, most int) (looked int) {
	p.swept = (p.swept + 1) & (len(p.chains) - 1)
	for tr := p.chains[p.swept]; tr != nil; {
		next := tr.next
		looked += min(most, len(tr.open))
		t.open.Add(-tr.prune(most))
		if len(tr.open) == 0 {
			if _, open := tr.root.State(); !open {
				p.remove(t, tr)
			}
		}
		tr = next
	}
	return looked
}

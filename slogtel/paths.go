package slogtel

import (
	"context"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/tracecontext"
	"github.com/slogtel/telemetry/scope"
)

// What a pathTable remembers at most. A program has some hundreds of scopes; one
// that has more has put ids into its names. Both bounds together keep the table
// below 4 MiB.
const (
	maxPaths     = 8192
	maxPathBytes = 1 << 20
)

// maxPathLength bounds a path, so that scopes nested without end cost no more than
// others; tooLong is the scope that stands for all that is deeper.
const (
	maxPathLength = 2048
	tooLong       = "path_too_long"
)

// A node is a scope path: all that is the same for each call of it, computed when
// it is first seen. Nodes are immutable, but for their series.
type node struct {
	core   *core
	parent *node  // nil for the root, and for a scope taken over from elsewhere
	name   string // as the caller gave it: the key of the table
	hash   uint64
	info   scope.Info // without ids; the depth of the root is -1
	calls  *counter   // shared by all nodes of the same path; nil: not counted
	bad    error      // why the name had to be changed; nil if it was taken as it is
	last   bool       // stands for all that is inside it, too
	passes bool       // is in no table, and forgotten after its event

	series [kinds]atomic.Pointer[event.Series] // by kind; made when it is first needed
}

// A kind is a [MetricType] as an index.
type kind uint8

const (
	timingKind kind = iota
	counterKind
	gaugeKind
	histogramKind
	plainKind
	kinds
)

var typeOfKind = [kinds]MetricType{TypeTiming, TypeCounter, TypeGauge, TypeHistogram, TypePlain}

// seriesOf returns the series of the node's events of a kind.
func (n *node) seriesOf(k kind) *event.Series {
	if s := n.series[k].Load(); s != nil {
		return s
	}
	return n.newSeries(k)
}

func (n *node) newSeries(k kind) *event.Series {
	s := event.Series{Path: n.info.Path, Parent: n.info.Parent, Depth: n.info.Depth, Type: typeOfKind[k]}
	if n.passes {
		return event.NewPassingSeries(s)
	}
	n.series[k].CompareAndSwap(nil, event.NewSeries(s))
	return n.series[k].Load() // that of another goroutine, if it was quicker
}

// A counter fills a cache line, so that counting does not slow the reading of the
// nodes around it.
type counter struct {
	n atomic.Int64
	_ [56]byte
}

// next counts a call, and returns 0 where calls are not counted.
func (n *node) next() int64 {
	if n.calls == nil {
		return 0
	}
	return n.calls.n.Add(1)
}

// pathTable maps a parent and a name to their node. Reading it takes no lock. It
// is an open-addressing hash table to which nodes are only ever added; growing
// makes a new one, so readers see the old table or the new, both right.
type pathTable struct {
	slots atomic.Pointer[[]atomic.Pointer[node]] // length: a power of two
	seed  maphash.Seed
	root  node

	mu       sync.Mutex // guards adding
	nodes    int
	bytes    int
	counters map[string]*counter
	full     atomic.Bool // which was reported
	deep     atomic.Bool // a path was too long, which was reported
}

func (t *pathTable) init(c *core) {
	t.seed = maphash.MakeSeed()
	t.root.core, t.root.info.Depth = c, -1
	t.counters = make(map[string]*counter)
	slots := make([]atomic.Pointer[node], 64)
	t.slots.Store(&slots)
}

func (t *pathTable) hash(parent *node, name string) uint64 {
	h := maphash.String(t.seed, name)
	if parent != nil {
		h ^= parent.hash * 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio spreads the bits
	}
	return h
}

func (t *pathTable) find(parent *node, name string, h uint64) *node {
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := slots[i].Load()
		if n == nil || n.hash == h && n.parent == parent && n.name == name {
			return n
		}
	}
}

// add returns the node made by build, remembered if there is room, or the one
// that another goroutine added in the meantime.
func (t *pathTable) add(n *node) (_ *node, remembered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.find(n.parent, n.name, n.hash); other != nil {
		return other, true
	}
	size := len(n.info.Path) + len(n.name)
	if t.nodes >= maxPaths || t.bytes+size > maxPathBytes || n.parent != nil && !t.holds(n.parent) {
		n.calls = t.counters[n.info.Path] // its path may be counted all the same
		n.passes = true
		return n, false
	}
	t.nodes++
	t.bytes += size
	n.name = strings.Clone(n.name) // the caller's may be a piece of something large
	if n.calls = t.counters[n.info.Path]; n.calls == nil {
		n.calls = new(counter)
		t.counters[n.info.Path] = n.calls
	}
	slots := *t.slots.Load()
	if 2*t.nodes > len(slots) {
		grown := make([]atomic.Pointer[node], 2*len(slots))
		for i := range slots {
			if old := slots[i].Load(); old != nil {
				place(grown, old)
			}
		}
		place(grown, n)
		t.slots.Store(&grown)
		return n, true
	}
	place(slots, n)
	return n, true
}

// holds reports whether n is in the table: children of a forgotten node could
// never be found again.
func (t *pathTable) holds(n *node) bool {
	return n == &t.root || t.find(n.parent, n.name, n.hash) == n
}

func place(slots []atomic.Pointer[node], n *node) {
	mask := uint64(len(slots) - 1)
	i := n.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(n)
}

// child returns the node for name inside parent, and reports a name that cannot go
// out as it is. It is the hot path: one hash and one comparison for a path seen before.
func (c *core) child(ctx context.Context, parent *node, name string) *node {
	if len(name) > scope.MaxLength { // never a key; what is left of it may be one
		short := scope.Sanitize(name)
		n := c.lookup(ctx, parent, short)
		c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: &longNameError{len(name), name[:64]}})
		return n
	}
	n := c.lookup(ctx, parent, name)
	if n.bad != nil {
		c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: n.bad})
	}
	return n
}

func (c *core) lookup(ctx context.Context, parent *node, name string) *node {
	h := c.paths.hash(parent, name)
	if n := c.paths.find(parent, name, h); n != nil {
		return n
	}
	if parent.last {
		return parent
	}
	return c.newNode(ctx, parent, name, h)
}

func (c *core) newNode(ctx context.Context, parent *node, name string, h uint64) *node {
	n := &node{core: c, parent: parent, name: name, hash: h, info: scope.Info{Parent: parent.info.Path, Depth: parent.info.Depth + 1}}
	clean := name
	if name == "" || c.strict {
		if n.bad = scope.Validate(name); n.bad != nil {
			clean = scope.Sanitize(name)
		}
	}
	if len(parent.info.Path)+1+len(clean) > maxPathLength {
		if c.paths.deep.CompareAndSwap(false, true) {
			c.errors.event(ctx, &EventError{Scope: parent.info.Path, Err: ErrPathTooLong})
		}
		if name != tooLong {
			return c.lookup(ctx, parent, tooLong)
		}
		n.last = true
	}
	if parent.info.Path == "" {
		n.info.Path = strings.Clone(clean)
	} else {
		n.info.Path = scope.Join(parent.info.Path, clean)
	}
	return c.remember(ctx, n)
}

// foreign returns the place of a scope that this core did not open: one of another
// Telemetry, or one put into the context by scope.NewContext, where it may have come
// from anywhere.
func (c *core) foreign(ctx context.Context, in scope.Info) position {
	var p position
	if c.traceIDs && tracecontext.ValidID(in.TraceID, 32) {
		p.ids.trace = in.TraceID
		if tracecontext.ValidID(in.SpanID, 16) {
			p.ids.span = in.SpanID
		}
	}
	var bad error
	switch {
	case len(in.Path) > maxPathLength || in.Depth < 0:
		bad = ErrForeign
		in = scope.Info{}
	case in.Path != "" && c.strict:
		if bad = scope.Validate(in.Path); bad != nil {
			in.Path = scope.Sanitize(in.Path)
		}
	}
	if bad != nil {
		c.errors.event(ctx, &EventError{Scope: in.Path, Err: bad})
	}
	p.node = c.foreignNode(ctx, in)
	return p
}

func (c *core) foreignNode(ctx context.Context, in scope.Info) *node {
	if in.Path == "" {
		return &c.paths.root
	}
	h := c.paths.hash(nil, in.Path)
	if n := c.paths.find(nil, in.Path, h); n != nil && n.info.Depth == in.Depth {
		return n
	}
	n := &node{core: c, name: in.Path, hash: h, info: scope.Info{Path: strings.Clone(in.Path), Depth: in.Depth}}
	if known := c.remember(ctx, n); known.info.Depth == in.Depth {
		return known
	}
	n.passes = true
	return n // the same path at two depths: the first one stays in the table
}

func (c *core) remember(ctx context.Context, n *node) *node {
	n, ok := c.paths.add(n)
	if !ok && c.paths.full.CompareAndSwap(false, true) {
		c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: ErrTooManyScopes})
	}
	return n
}

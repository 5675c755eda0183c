package live

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"time"
)

// head returns the trace without what is in it.
func (k *kept) head(clean cleaner) *Trace {
	t := &Trace{
		ID: k.id, Scope: clean.path(k.path), Start: k.start, DurationS: k.took.Seconds(),
		Failed: k.failed, Errors: k.fails, TraceID: k.traceID, CutEvents: k.cut,
	}
	t.Error, _ = clean.all(slog.Record{Message: k.failure})
	return t
}

// trace returns the trace whole, without the secrets in it.
func (k *kept) trace(clean cleaner) *Trace {
	k.once.Do(func() {
		k.whole = k.head(clean)
		k.whole.Root = k.tree(clean)
	})
	return k.whole
}

func (k *kept) tree(clean cleaner) *Node {
	items := k.journal.items()
	nodes := make([]*Node, len(items))
	var scopes scopes
	for i := range items {
		nodes[i] = k.node(&items[i], clean)
		scopes.add(i, &items[i])
	}
	last := len(nodes) - 1 // the root ended last
	for i, n := range nodes[:last] {
		at := scopes.around(items, i)
		if at < 0 {
			at = last
		}
		nodes[at].Children = append(nodes[at].Children, n)
	}
	for _, n := range nodes {
		slices.SortStableFunc(n.Children, func(a, b *Node) int { return cmp.Compare(a.StartS, b.StartS) })
	}
	return nodes[last]
}

// scopes are the places of the scopes of a trace, by what others know of them.
type scopes struct {
	bySpan    map[string]int
	byAddress map[uint64][]int
	byPath    map[string][]int
}

func (s *scopes) add(i int, it *item) {
	if s.bySpan == nil {
		*s = scopes{map[string]int{}, map[uint64][]int{}, map[string][]int{}}
	}
	if it.what != aScope {
		return
	}
	if it.spanID != "" {
		s.bySpan[it.spanID] = i
	}
	if it.is != 0 {
		s.byAddress[it.is] = append(s.byAddress[it.is], i)
		s.byPath[it.name] = append(s.byPath[it.name], i)
	}
}

// around returns the place of the scope that an item happened in, or -1.
func (s *scopes) around(items []item, i int) int {
	it := &items[i]
	id := it.spanID // of what is no scope: the one that it is in
	if it.what == aScope {
		id = it.parentID
	}
	if at, ok := s.bySpan[id]; ok && at != i {
		return at
	}
	if it.is == 0 {
		ended := s.byAddress[it.in]
		if n, _ := slices.BinarySearch(ended, i); n < len(ended) {
			return ended[n] // the first that ended after it
		}
		return -1
	}
	best, least := -1, int64(math.MaxInt64)
	for _, at := range s.byPath[it.parent] {
		// Of scopes with one path it is the one that it lies within, or nearly so, and of these the last.
		of := &items[at]
		outside := max(0, of.begin()-it.begin()) + max(0, it.at-of.at)
		if at != i && (outside < least || outside == least && of.begin() > items[best].begin()) {
			best, least = at, outside
		}
	}
	return best
}

func (it *item) begin() int64 { return it.at - int64(it.duration) }

// node is an item without the secrets in it.
func (k *kept) node(it *item, clean cleaner) *Node {
	start := it.begin() - k.start.UnixNano()
	n := &Node{
		Kind: names[it.what], StartS: time.Duration(start).Seconds(), DurationS: it.duration.Seconds(),
		SpanID: it.spanID, Unit: it.unit,
	}
	r := slog.Record{Message: it.name}
	r.AddAttrs(it.attrs...)
	message, attrs := clean.all(r)
	n.Attrs = attrsOf(attrs)
	if it.what == aLog {
		n.Name, n.Level = message, it.level.String()
		return n
	}
	n.Name = clean.path(it.name)
	if it.what == aScope {
		n.Error, _ = clean.all(slog.Record{Message: it.failure})
	} else {
		n.Value = plainOf(it.value)
		if s, ok := n.Value.(string); ok {
			n.Value, _ = clean.all(slog.Record{Message: s})
		}
	}
	return n
}

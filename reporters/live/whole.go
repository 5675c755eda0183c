package live

import (
	"cmp"
	"log/slog"
	"slices"
	"time"
)

var names = [...]string{aScope: "scope", aLog: "log", aCounter: "counter", aGauge: "gauge", aHistogram: "histogram", aMetric: "metric"}

// head returns the trace without what is in it.
func (k *kept) head(clean cleaner) *Trace {
	t := &Trace{
		ID: k.id, Scope: clean.path(k.path), Start: k.start, DurationS: k.took.Seconds(),
		Failed: k.failed, Errors: k.fails, TraceID: k.traceID, CutEvents: k.cut,
	}
	failure := k.items[len(k.items)-1].failure // that of the root
	for i := 0; failure == "" && i < len(k.items); i++ {
		failure = k.items[i].failure
	}
	t.Error, _ = clean.all(slog.Record{Message: failure})
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
	nodes := make([]*Node, len(k.items))
	byID, bySpan := map[int32]*Node{}, map[string]*Node{}
	for i := range k.items {
		it := &k.items[i]
		nodes[i] = k.node(it, clean)
		if it.what == aScope && it.id != 0 {
			byID[it.id] = nodes[i]
		}
		if it.what == aScope && it.spanID != "" {
			bySpan[it.spanID] = nodes[i]
		}
	}
	last := len(nodes) - 1 // the root ended last
	root := nodes[last]
	for i, n := range nodes[:last] {
		it := &k.items[i]
		id := it.spanID // of what is no scope: the one that it is in
		if it.what == aScope {
			id = it.parentID
		}
		parent := bySpan[id]
		if parent == nil || parent == n {
			parent = byID[it.parent]
		}
		if parent == nil || parent == n {
			parent = root
		}
		parent.Children = append(parent.Children, n)
	}
	for _, n := range nodes {
		slices.SortStableFunc(n.Children, func(a, b *Node) int { return cmp.Compare(a.StartS, b.StartS) })
	}
	return root
}

// node is an item without the secrets in it.
func (k *kept) node(it *item, clean cleaner) *Node {
	start := it.at - int64(it.duration) - k.start.UnixNano()
	n := &Node{
		Kind: names[it.what], StartS: time.Duration(start).Seconds(), DurationS: it.duration.Seconds(),
		SpanID: it.spanID, Unit: it.unit,
	}
	r := slog.Record{Message: it.name}
	r.AddAttrs(k.attrs[it.from:it.to]...)
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

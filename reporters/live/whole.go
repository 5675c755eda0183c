package live

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/event"
)

var names = [...]string{aScope: "scope", aLog: "log", aCounter: "counter", aGauge: "gauge", aHistogram: "histogram", aMetric: "metric"}

// head returns the trace without what is in it.
func (k *kept) head(clean cleaner) *Trace {
	t := &Trace{
		ID: k.id, Scope: clean.path(k.path), Start: k.start, DurationS: k.took.Seconds(),
		Failed: k.failed, Errors: k.fails, TraceID: k.traceID, CutEvents: k.cut,
	}
	failure := k.own(&k.items[len(k.items)-1], event.KeyError) // that of the root
	for i := 0; failure == "" && i < len(k.items); i++ {
		failure = k.failure(&k.items[i])
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
		if it.what == aScope && nodes[i].SpanID != "" {
			bySpan[nodes[i].SpanID] = nodes[i]
		}
	}
	last := len(nodes) - 1 // the root ended last
	root := nodes[last]
	for i, n := range nodes[:last] {
		it := &k.items[i]
		id := n.SpanID // of what is no scope: the one that it is in
		if it.what == aScope {
			id = k.own(it, event.KeyParentSpanID)
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

// own returns the text of an attribute of an event that is its own.
func (k *kept) own(it *item, key string) (text string) {
	for _, a := range k.attrs[it.own:it.to] {
		if a.Key == key && a.Value.Kind() == slog.KindString {
			text = a.Value.String()
		}
	}
	return text
}

func (k *kept) failure(it *item) string {
	if it.what != aScope {
		return ""
	}
	return k.own(it, event.KeyError)
}

// node is an item without the secrets in it.
func (k *kept) node(it *item, clean cleaner) *Node {
	start := it.at - int64(it.duration) - k.start.UnixNano()
	n := &Node{
		Kind: names[it.what], StartS: time.Duration(start).Seconds(), DurationS: it.duration.Seconds(),
		SpanID: k.own(it, event.KeySpanID), Unit: k.own(it, event.KeyUnit),
	}
	r := slog.Record{Message: it.name}
	r.AddAttrs(k.attrs[it.from:it.own]...)
	own := k.attrs[it.own:it.to]
	var value slog.Value
	if it.what > aScope {
		value, own = own[0].Value, own[1:]
	}
	for _, a := range own {
		if !isOwn(a.Key) {
			r.AddAttrs(a)
		}
	}
	message, attrs := clean.all(r)
	n.Attrs = attrsOf(attrs)
	if it.what == aLog {
		n.Name, n.Level = message, it.level.String()
		return n
	}
	n.Name = clean.path(it.name)
	if it.what == aScope {
		n.Error, _ = clean.all(slog.Record{Message: k.failure(it)})
	} else {
		n.Value = plainOf(value)
		if s, ok := n.Value.(string); ok {
			n.Value, _ = clean.all(slog.Record{Message: s})
		}
	}
	return n
}

package live

import (
	"context"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The limits of one trace.
const (
	maxTraceBytes = 128 << 10
	maxAttrs      = 32   // of an event
	maxText       = 1024 // bytes of a text
	maxReused     = 64   // events and attributes whose memory is used again
	indexed       = 32   // open scopes from which on they are looked up in a map
	looked        = 64   // open scopes that are compared, where there is no other way
	rootID        = 1

	allTraceBytes = 32 << 20 // of all traces that are open
	bytesStep     = 4 << 10  // in which these are counted
)

// A trace is what has happened in a root scope so far. The lock of its stripe guards it.
type trace struct {
	root *slogtel.Span
	next *trace // in the chain

	open  []openScope
	index map[any]int32 // places in open, by key; nil while they are few
	ids   int32         // the last one

	items []item
	attrs []slog.Attr // of all items
	texts int64       // bytes of texts in these
	taken int64       // bytes that the table has counted for it
	cut   int         // events that had no room
	fails int         // scopes that failed

	ended  bool // the root has; what comes now is late
	untold bool // it counts as an open scope: nobody told of the start
}

func (tr *trace) reset() {
	clear(tr.open)
	clear(tr.items)
	clear(tr.attrs)
	*tr = trace{open: tr.open[:0], items: tr.items[:0], attrs: tr.attrs[:0]}
}

// An item is an event, or an app's own log, in a trace.
type item struct {
	what       what
	id, parent int32 // of the scope that it is, and that it is in; 0: none
	level      slog.Level
	at         int64  // when it was, or when the scope ended, in Unix nanoseconds
	name       string // path or message
	duration   time.Duration
	failure    string
	spanID     string
	parentID   string
	value      slog.Value
	unit       string
	from, to   int32 // its attributes
}

type what uint8

const (
	aScope what = iota
	aLog
	aCounter
	aGauge
	aHistogram
	aMetric
)

const (
	itemSize = 176
	attrSize = 40
)

// enter adds a scope that was opened. It reports false for one that is there already.
func (tr *trace) enter(key any, s *scope.Info) bool {
	if key == nil || tr.at(key) >= 0 {
		return false
	}
	tr.ids++
	parent := int32(0)
	for i, n := len(tr.open)-1, looked; i >= 0 && n > 0; i, n = i-1, n-1 {
		if tr.open[i].path == s.Parent {
			parent = tr.open[i].id
			break
		}
	}
	if parent == 0 && tr.ids > rootID {
		parent = rootID
	}
	tr.open = append(tr.open, openScope{key, s.Path, tr.ids, parent})
	if tr.index != nil {
		tr.index[key] = int32(len(tr.open) - 1)
	} else if len(tr.open) > indexed {
		tr.index = make(map[any]int32, 2*indexed)
		for i := range tr.open {
			tr.index[tr.open[i].key] = int32(i)
		}
	}
	return true
}

// at returns the place of an open scope, or -1.
func (tr *trace) at(key any) int {
	if tr.index != nil {
		if i, ok := tr.index[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := len(tr.open) - 1; i >= 0; i-- {
		if tr.open[i].key == key {
			return i
		}
	}
	return -1
}

// find is at for a context that may be one that Span.Rename returned.
func (tr *trace) find(key any, ctx context.Context) int {
	if i := tr.at(key); i >= 0 || len(tr.open) == 0 {
		return i
	}
	span := slogtel.Current(ctx)
	for i, n := len(tr.open)-1, looked; i >= 0 && n > 0; i, n = i-1, n-1 {
		if tr.open[i].span() == span {
			return i
		}
	}
	if tr.open[0].span() == span {
		return 0
	}
	return -1
}

// leave takes out an open scope.
func (tr *trace) leave(i int) {
	last := len(tr.open) - 1
	if tr.index != nil {
		delete(tr.index, tr.open[i].key)
		if i != last {
			tr.index[tr.open[last].key] = int32(i)
		}
	}
	tr.open[i] = tr.open[last]
	tr.open[last] = openScope{}
	tr.open = tr.open[:last]
}

// prune takes out scopes that have ended, and returns how many.
func (tr *trace) prune() (n int64) {
	for i := len(tr.open) - 1; i >= 0; i-- {
		if _, open := tr.open[i].span().State(); !open {
			tr.leave(i)
			n++
		}
	}
	return n
}

// add adds what r tells as an item with an id, in a parent, and reports false where there is no room for it. The
// end of the root always has.
func (tr *trace) add(t *table, id, parent int32, r *slog.Record, e *event.Sample, bound *event.Bound, front, back []slog.Attr, value *slog.Value, root bool) bool {
	if e != nil && e.Error != "" {
		tr.fails++
	}
	size := tr.size()
	if !root && (len(tr.items) >= t.events-1 || size > maxTraceBytes || size > tr.taken && t.bytes.Load() > allTraceBytes) {
		tr.cut++
		return false
	}
	n := len(tr.items)
	if n < cap(tr.items) {
		tr.items = tr.items[:n+1] // it was cleared by reset
	} else {
		tr.items = append(tr.items, item{})
	}
	it := &tr.items[n]
	it.id, it.parent, it.level = id, parent, r.Level
	if it.at = r.Time.UnixNano(); r.Time.IsZero() {
		it.at = time.Now().UnixNano()
	}
	it.from = int32(len(tr.attrs))
	if e == nil {
		it.what, it.name = aLog, tr.text(r.Message)
		tr.addAttrs(it, front)
		tr.addAttrs(it, back)
	} else {
		it.name, it.duration = tr.text(e.Scope), e.Duration
		if e.Error != "" {
			it.failure = tr.text(e.Error)
		}
		if e.SpanID != "" {
			it.spanID = e.SpanID
		}
		if it.what = kindOf(e.Type); it.what != aScope {
			it.value, it.unit = *value, e.Unit
			tr.texts += textOf(it.value)
		}
		tr.addAttrs(it, bound.Attrs())
		tr.addOthers(it, front)
		tr.addOthers(it, back)
	}
	it.to = int32(len(tr.attrs))
	if size := tr.size(); size >= tr.taken+bytesStep {
		t.bytes.Add(size - tr.taken)
		tr.taken = size
	}
	return true
}

func (tr *trace) size() int64 {
	return int64(len(tr.items))*itemSize + int64(len(tr.attrs))*attrSize + tr.texts
}

func kindOf(typ event.MetricType) what {
	switch typ {
	case event.TypeTiming:
		return aScope
	case event.TypeCounter:
		return aCounter
	case event.TypeGauge:
		return aGauge
	case event.TypeHistogram:
		return aHistogram
	}
	return aMetric
}

func (tr *trace) text(s string) string {
	if s = cutText(s); len(s) > 64 { // shorter ones are counted with their item
		tr.texts += int64(len(s))
	}
	return s
}

// addOthers adds attributes of an event, but for those that are the event's own.
func (tr *trace) addOthers(it *item, attrs []slog.Attr) {
	for i := range attrs {
		switch a := &attrs[i]; a.Key {
		case event.KeyTraceID, event.KeySpanID, event.KeyError, event.KeyUnit:
		case event.KeyParentSpanID:
			it.parentID = a.Value.String()
		default:
			tr.addAttr(it, a)
		}
	}
}

func (tr *trace) addAttrs(it *item, attrs []slog.Attr) {
	for i := range attrs {
		tr.addAttr(it, &attrs[i])
	}
}

// addAttr adds an attribute whose value is plain.
func (tr *trace) addAttr(it *item, a *slog.Attr) {
	if len(tr.attrs)-int(it.from) >= maxAttrs || a.Key == "" && a.Value.Kind() == slog.KindAny {
		return
	}
	tr.attrs = append(tr.attrs, *a)
	b := &tr.attrs[len(tr.attrs)-1]
	if len(b.Key) > maxText {
		b.Key = cutText(b.Key)
	}
	switch b.Value.Kind() {
	case slog.KindString:
		s := b.Value.String()
		if len(s) > maxText {
			s = cutText(s)
			b.Value = slog.StringValue(s)
		}
		tr.texts += int64(len(s))
	case slog.KindGroup:
		tr.texts += textOf(b.Value)
	}
}

package live

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// The limits of one trace.
const (
	maxTraceBytes = 128 << 10
	maxAttrs      = 32   // of an event
	maxOwn        = 8    // of these that are its own, further ones
	maxText       = 1024 // bytes of a text
	maxReused     = 1024 // events and attributes whose memory is used again: of a hundred scopes with ids
	indexed       = 32   // open scopes from which on they are looked up in a map
	looked        = 64   // open scopes that are compared to find the one around another
	sweptAtOnce   = 32   // open scopes that are looked at for one that starts when there is no room, about
	rootID        = 1

	allTraceBytes = 32 << 20 // of all traces that are open
	bytesStep     = 4 << 10  // in which these are counted
)

// A trace is what has happened in a root scope so far. The lock of its part guards it.
type trace struct {
	root *slogtel.Span
	hash uint64 // of the root
	next *trace // in the chain

	open  []openScope
	index map[uintptr]int32 // places in open, by key; nil while they are few
	ids   int32             // the last one
	swept int32             // the open scope that was looked at last

	journal
	taken int64 // bytes that the table has counted for it
	cut   int   // events that had no room
	fails int   // scopes that failed

	ended  bool // the root has; what comes now is late
	untold bool // it counts as an open scope: nobody told of the start
}

// A journal has the events and logs of a trace.
type journal struct {
	items []item
	attrs []slog.Attr // of all items
	texts int64       // bytes of texts in these
}

// reset empties a trace in which no scope is open any more, for another root. Only what is set is written:
// to clear all takes a third of what a scope costs.
func (tr *trace) reset() {
	tr.root, tr.next = nil, nil
	if tr.index != nil {
		tr.index = nil
	}
	if len(tr.items) > 0 {
		clear(tr.items)
		clear(tr.attrs)
		tr.items, tr.attrs = tr.items[:0], tr.attrs[:0]
	}
	tr.ids, tr.texts, tr.taken, tr.cut, tr.fails = 0, 0, 0, 0, 0
	tr.ended, tr.untold = false, false
}

// An item is an event, or an app's own log, in a trace. Of its attributes, those from own on are the
// event's: among them are its ids, its error and its unit, and the first one is the value of a metric.
type item struct {
	name          string // path or message
	at            int64  // when it was, or when the scope ended, in Unix nanoseconds
	duration      time.Duration
	level         slog.Level
	id, parent    int32 // of the scope that it is, and that it is in; 0: none
	from, own, to int32
	what          what
}

type what uint8

const (
	aLog what = iota
	aScope
	aCounter
	aGauge
	aHistogram
	aMetric
)

const (
	itemSize = 64
	attrSize = 40

	shortText = 64 // bytes of a name or a key up to which it is not counted
)

// enter adds a scope that was opened in another, outer, or nil. It reports false for one that is there already.
func (tr *trace) enter(key any, at uintptr, outer any, s *scope.Info) bool {
	if tr.at(at) >= 0 {
		return false
	}
	parent := int32(0)
	if tr.ids >= rootID {
		parent = tr.around(outer, s)
	}
	if tr.ids++; tr.ids < rootID { // after two billion of them
		tr.ids = rootID + 1
	}
	o := grow(&tr.open)
	o.key, o.path, o.id, o.parent, o.depth = key, s.Path, tr.ids, parent, int32(s.Depth)
	if tr.index != nil {
		tr.index[at] = int32(len(tr.open) - 1)
	} else if len(tr.open) > indexed {
		tr.index = make(map[uintptr]int32, 2*indexed)
		for i := range tr.open {
			tr.index[tr.open[i].at()] = int32(i)
		}
	}
	return true
}

// around returns the scope that s is in. If that is told too late to ask for the outer one, behind a queue, it is the last
// one of that name that was opened, or else the root.
func (tr *trace) around(outer any, s *scope.Info) int32 {
	if outer != nil {
		if i := tr.find(outer); i >= 0 {
			return tr.open[i].id
		}
		return rootID
	}
	depth := int32(s.Depth) - 1
	first := max(0, len(tr.open)-looked)
	for i := len(tr.open) - 1; i >= first; i-- {
		if o := &tr.open[i]; o.depth == depth && o.path == s.Parent {
			return o.id
		}
	}
	for i := len(tr.open) - 1; i >= first; i-- {
		if o := &tr.open[i]; o.depth == depth && o.id != rootID {
			if state, _ := o.span().State(); state.Scope == s.Parent { // it was renamed
				return o.id
			}
		}
	}
	return rootID
}

// at returns the place of an open scope, or -1.
func (tr *trace) at(address uintptr) int {
	if tr.index != nil {
		if i, ok := tr.index[address]; ok {
			return int(i)
		}
		return -1
	}
	for i := len(tr.open) - 1; i >= 0; i-- {
		if tr.open[i].at() == address {
			return i
		}
	}
	return -1
}

// find returns the place of the scope with this key, or -1.
func (tr *trace) find(key any) int {
	if i := tr.at(slogattrs.Address(key)); i >= 0 || len(tr.open) == 0 {
		return i
	}
	return tr.at(slogattrs.Address(spanOf(key))) // it may be the key of a context that Span.Rename returned
}

// leave takes out an open scope.
func (tr *trace) leave(i int) {
	last := len(tr.open) - 1
	o := &tr.open[last]
	if tr.index != nil {
		delete(tr.index, tr.open[i].at())
		if i != last {
			tr.index[o.at()] = int32(i)
		}
	}
	if i != last {
		tr.open[i] = *o
	}
	o.key, o.path = nil, ""
	tr.open = tr.open[:last]
}

// prune takes out scopes that have ended, and returns how many. It looks at so many at most, others each time.
func (tr *trace) prune(most int) (n int64) {
	i := int(tr.swept)
	if most >= len(tr.open) {
		i, most = len(tr.open), len(tr.open)
	}
	for range most {
		if i--; i < 0 || i >= len(tr.open) {
			i = len(tr.open) - 1
		}
		if tr.open[i].ended() {
			tr.leave(i)
			n++
		}
	}
	tr.swept = int32(i)
	return n
}

// grow returns another element of a list, which has what it had before.
func grow[T any](list *[]T) *T {
	n := len(*list)
	if n < cap(*list) {
		*list = (*list)[:n+1]
	} else {
		var none T
		*list = append(*list, none)
	}
	return &(*list)[n]
}

// full reports whether there is no room for another item; for the end of the root there always is.
func (tr *trace) full(t *table) bool {
	size := tr.size()
	return len(tr.items) >= t.events-1 || size > maxTraceBytes || size > tr.taken && t.bytes.Load() > allTraceBytes
}

// add adds what l tells of r as an item with an id, in a parent.
func (j *journal) add(id, parent int32, r *slog.Record, l *look, front, back []slog.Attr) {
	it := grow(&j.items)
	it.what, it.name, it.duration, it.level, it.id, it.parent = l.what, j.text(l.name), l.duration, r.Level, id, parent
	if it.at = r.Time.UnixNano(); r.Time.IsZero() {
		it.at = time.Now().UnixNano()
	}
	from := len(j.attrs)
	if l.what != aLog { // they are among the others of a log
		j.addAttrs(from, l.bound)
	}
	it.from, it.own = int32(from), int32(len(j.attrs))
	if l.what > aScope {
		j.addAttr(&slog.Attr{Key: event.KeyValue, Value: l.value})
	}
	j.addAttrs(from, front)
	j.addAttrs(from, back)
	it.to = int32(len(j.attrs))
	if l.what == aLog {
		it.own = it.to
	}
}

func (j *journal) size() int64 {
	return int64(len(j.items))*itemSize + int64(len(j.attrs))*attrSize + j.texts
}

func (j *journal) text(s string) string {
	if s = cutText(s); len(s) > shortText {
		j.texts += int64(len(s))
	}
	return s
}

// addAttrs adds attributes whose values are plain, of an item whose first one is at from. Beyond the limit
// there is still room for those that are the event's own.
func (j *journal) addAttrs(from int, attrs []slog.Attr) {
	for i := range attrs {
		a := &attrs[i]
		if n := len(j.attrs) - from; n >= maxAttrs && (n >= maxAttrs+maxOwn || !isOwn(a.Key)) || a.Key == "" && a.Value.Kind() == slog.KindAny {
			continue
		}
		j.addAttr(a)
	}
}

func (j *journal) addAttr(a *slog.Attr) {
	b := grow(&j.attrs)
	*b = *a
	if len(b.Key) > shortText {
		b.Key = j.text(b.Key)
	}
	if s, ok := slogattrs.Text(&b.Value); ok {
		if len(s) > maxText {
			s = cutText(s)
			b.Value = slog.StringValue(s)
		}
		j.texts += int64(len(s))
	} else if b.Value.Kind() == slog.KindGroup {
		j.texts += textOf(b.Value)
	}
}

// isOwn reports whether an attribute is an event's own.
func isOwn(key string) bool {
	switch key {
	case event.KeyTraceID, event.KeySpanID, event.KeyParentSpanID, event.KeyError, event.KeyUnit:
		return true
	}
	return false
}

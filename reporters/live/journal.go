package live

import (
	"encoding/binary"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/slogtel/telemetry/internal/event"
)

// A journal is the events and logs of a trace, one after another, in bytes. It keeps nothing of the app's
// alive, the garbage collector has nothing to do with it, and its length is its size. It is read when
// somebody looks.
type journal []byte

// An item is what a journal has of an event, or of an app's own log.
type item struct {
	what what
	place
	at       int64 // when it was, or when the scope ended, in Unix nanoseconds
	duration time.Duration
	name     string // path or message
	parent   string // of a scope: the path of the one around it
	level    slog.Level
	failure  string
	spanID   string
	parentID string
	unit     string
	value    slog.Value
	attrs    []slog.Attr
}

// A place is where in a trace something belongs. Scopes are known by the addresses of their spans: of two with one
// address, the first had ended before the second started.
type place struct {
	is uint64 // the scope that ended; 0: it is not the end of one that was started
	in uint64 // the scope that it happened in, if it is none
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

var names = [...]string{aScope: "scope", aLog: "log", aCounter: "counter", aGauge: "gauge", aHistogram: "histogram", aMetric: "metric"}

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

// append returns j with what has happened in a scope. The item of a reader is its inverse.
func (j journal) append(in *incoming, where place) journal {
	b, e := []byte(j), in.event
	w := attrWriter{end: len(b) + maxItem, left: maxAttrs}
	if e == nil {
		b = appendHead(b, head(aLog), where.in, in.at)
		b = appendText(b, in.record.Message)
		b = binary.AppendVarint(b, int64(in.record.Level))
		b = w.list(b, in.front)
		b = w.list(b, in.back)
		return append(b, noAttr)
	}
	h := head(kindOf(e.Type))
	if where.is != 0 {
		h |= isScope
	}
	if e.SpanID != "" {
		h |= hasSpanID
	}
	if e.Error != "" {
		h |= hasFailure
	}
	b = appendHead(b, h, where.is|where.in, in.at)
	b = appendText(b, e.Scope)
	if h&hasSpanID != 0 {
		b = appendText(b, e.SpanID)
	}
	if h&hasFailure != 0 {
		b = appendText(b, e.Error)
	}
	if e.Type == event.TypeTiming {
		b = binary.AppendUvarint(b, uint64(e.Duration))
		b = binary.AppendUvarint(b, uint64(len(e.Parent))) // the path begins with it
	} else {
		b = appendText(b, e.Unit)
		b = w.attr(b, &slog.Attr{Value: e.Value})
	}
	if bound := in.bound.Attrs(); len(bound) > 0 {
		b = w.list(b, bound)
	}
	if len(in.front) > 0 {
		b = w.others(b, in.front)
	}
	b = w.others(b, in.back)
	return append(b, noAttr)
}

// A head is what an item begins with: its kind, and what there is of it.
type head byte

const (
	kindBits   head = 7
	isScope    head = 8 // the place is the scope itself
	hasSpanID  head = 16
	hasFailure head = 32
)

func appendHead(b []byte, h head, where uint64, at int64) []byte {
	b = append(b, byte(h))
	b = binary.LittleEndian.AppendUint64(b, where)
	return binary.LittleEndian.AppendUint64(b, uint64(at))
}

// appendText appends what is kept of a text, behind its length.
func appendText(b []byte, s string) []byte {
	if len(s) > maxText {
		s = cutText(s)
	}
	if len(s) < 0x80 {
		return append(append(b, byte(len(s))), s...)
	}
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Before each attribute stands the kind of its value and one, and behind the last one noAttr.
const noAttr = 0

// An attrWriter appends the attributes of an item, as many as are kept.
type attrWriter struct {
	end  int // of the journal: no attribute begins behind it
	left int
}

func (w *attrWriter) list(b []byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		b = w.attr(b, &attrs[i])
	}
	return b
}

// others appends attributes of an event, but for those that the item has already.
func (w *attrWriter) others(b []byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		switch attrs[i].Key {
		case event.KeyStartMonotonic, event.KeyEndMonotonic, event.KeyStartWall, event.KeyEndWall,
			event.KeyTraceID, event.KeySpanID, event.KeyError, event.KeyUnit, event.KeyCallCount:
		default:
			b = w.attr(b, &attrs[i])
		}
	}
	return b
}

// attr appends an attribute whose value is plain, or a group of such.
func (w *attrWriter) attr(b []byte, a *slog.Attr) []byte {
	kind := a.Value.Kind()
	if w.left == 0 || len(b) > w.end || a.Key == "" && kind == slog.KindAny {
		return b
	}
	w.left--
	at := len(b)
	b = appendText(append(b, byte(kind)+1), a.Key)
	switch kind {
	case slog.KindString:
		return appendText(b, a.Value.String())
	case slog.KindInt64:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value.Int64()))
	case slog.KindUint64:
		return binary.LittleEndian.AppendUint64(b, a.Value.Uint64())
	case slog.KindFloat64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(a.Value.Float64()))
	case slog.KindDuration:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value.Duration()))
	case slog.KindBool:
		n := uint64(0)
		if a.Value.Bool() {
			n = 1
		}
		return binary.LittleEndian.AppendUint64(b, n)
	case slog.KindTime:
		if t, err := a.Value.Time().MarshalBinary(); err == nil {
			return appendText(b, string(t))
		}
	case slog.KindGroup:
		inside := attrWriter{end: w.end, left: maxAttrs}
		return append(inside.list(b, a.Value.Group()), noAttr)
	}
	b[at] = byte(slog.KindString) + 1
	return appendText(b, a.Value.String())
}

// items returns all that is in j.
func (j journal) items() (list []item) {
	for r := (reader{j}); len(r.rest) > 0; {
		list = append(list, r.item())
	}
	return list
}

// A reader reads a journal.
type reader struct{ rest []byte }

func (r *reader) item() (it item) {
	h := head(r.byte())
	it.what = what(h & kindBits)
	if it.in = r.uint64(); h&isScope != 0 {
		it.is, it.in = it.in, 0
	}
	it.at, it.name = int64(r.uint64()), r.text()
	if h&hasSpanID != 0 {
		it.spanID = r.text()
	}
	if h&hasFailure != 0 {
		it.failure = r.text()
	}
	switch it.what {
	case aLog:
		level, n := binary.Varint(r.rest)
		r.rest = r.rest[n:]
		it.level = slog.Level(level)
	case aScope:
		it.duration = time.Duration(r.uvarint())
		it.parent = it.name[:min(int(r.uvarint()), len(it.name))]
	default:
		it.unit = r.text()
		it.value = r.attr(slog.Kind(r.byte() - 1)).Value
	}
	it.attrs = r.attrs()
	isParent := func(a slog.Attr) bool { return a.Key == event.KeyParentSpanID }
	if i := slices.IndexFunc(it.attrs, isParent); i >= 0 && it.what == aScope {
		it.parentID, it.attrs = it.attrs[i].Value.String(), slices.Delete(it.attrs, i, i+1)
	}
	return it
}

func (r *reader) byte() byte {
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uint64() uint64 {
	n := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return n
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	n := r.uvarint()
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func (r *reader) attrs() (list []slog.Attr) {
	for {
		kind := r.byte()
		if kind == noAttr {
			return list
		}
		list = append(list, r.attr(slog.Kind(kind-1)))
	}
}

func (r *reader) attr(kind slog.Kind) slog.Attr {
	a := slog.Attr{Key: r.text()}
	switch kind {
	case slog.KindString:
		a.Value = slog.StringValue(r.text())
	case slog.KindInt64:
		a.Value = slog.Int64Value(int64(r.uint64()))
	case slog.KindUint64:
		a.Value = slog.Uint64Value(r.uint64())
	case slog.KindFloat64:
		a.Value = slog.Float64Value(math.Float64frombits(r.uint64()))
	case slog.KindDuration:
		a.Value = slog.DurationValue(time.Duration(r.uint64()))
	case slog.KindBool:
		a.Value = slog.BoolValue(r.uint64() == 1)
	case slog.KindTime:
		var t time.Time
		_ = t.UnmarshalBinary([]byte(r.text())) // what MarshalBinary returned
		a.Value = slog.TimeValue(t)
	case slog.KindGroup:
		a.Value = slog.GroupValue(r.attrs()...)
	}
	return a
}

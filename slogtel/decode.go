package slogtel

import (
	"log/slog"
	"math"
	"time"
)

// A Timing is a timing event, decoded from its record.
type Timing struct {
	Scope, ParentScope string
	Depth              int
	CallCount          int64 // 0: not counted, see ErrTooManyScopes
	Duration           time.Duration
	Start, End         time.Time
	// Since the process started.
	StartMonotonic, EndMonotonic time.Duration
	// W3C hex ids, empty without Options.TraceIDs; ParentSpanID is also empty at the root.
	TraceID, SpanID, ParentSpanID string
	Error                         string // "" when all went well
	// Attrs are the caller's own and raw_preview, and what handlers added.
	Attrs []slog.Attr
}

// A Metric is a counter, gauge, histogram or plain metric event, decoded from its record.
type Metric struct {
	Scope, ParentScope string
	Depth              int
	Type               MetricType // TypePlain for Telemetry.Metric
	Value              slog.Value // int64 for a counter, float64 for a gauge and a histogram
	Time               time.Time
	TraceID, SpanID    string
	Attrs              []slog.Attr
}

// IsTelemetry reports whether r is an event of a Telemetry or a summary of such
// events. An app's own record is not, even when it has one of our messages or
// some of our keys.
func IsTelemetry(r slog.Record) bool {
	switch r.Message {
	case MessageTiming, MessageMetric, MessageSummary:
		var f fields
		return f.read(r, nil)
	}
	return false
}

// DecodeTiming returns the timing event that r is, and false for any other
// record. It does not matter whether middleware has resolved the values, added
// attributes or put all of them into groups.
func DecodeTiming(r slog.Record) (Timing, bool) {
	var t Timing
	ok := t.Decode(r)
	return t, ok
}

// DecodeMetric returns the metric event that r is, and false for any other
// record, as [DecodeTiming] does.
func DecodeMetric(r slog.Record) (Metric, bool) {
	var m Metric
	ok := m.Decode(r)
	return m, ok
}

// Decode is [DecodeTiming] for those who decode many records: it reuses the space
// of t.Attrs, so that it allocates nothing in the long run. Where it returns
// false t holds nothing of use.
func (t *Timing) Decode(r slog.Record) bool {
	if r.Message != MessageTiming {
		return false
	}
	var f fields
	attrs := t.Attrs[:0]
	if !f.read(r, &attrs) {
		*t = Timing{Attrs: attrs[:0]}
		return false
	}
	*t = Timing{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, CallCount: f.calls,
		Duration:       nanos(f.duration),
		StartMonotonic: nanos(f.startMono), EndMonotonic: nanos(f.endMono),
		TraceID: f.traceID, SpanID: f.spanID, ParentSpanID: f.parentID,
		Error: f.err, Attrs: attrs,
	}
	// The record's time has nanoseconds; a float of Unix seconds has no room for them.
	t.End = r.Time
	if t.End.IsZero() {
		t.End = unix(f.endWall)
	}
	t.Start = t.End.Add(-t.Duration)
	return true
}

// Decode is [DecodeMetric] for those who decode many records, as [Timing.Decode].
func (m *Metric) Decode(r slog.Record) bool {
	if r.Message != MessageMetric {
		return false
	}
	var f fields
	attrs := m.Attrs[:0]
	if !f.read(r, &attrs) {
		*m = Metric{Attrs: attrs[:0]}
		return false
	}
	*m = Metric{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, Type: f.typ, Value: f.value,
		Time: r.Time, TraceID: f.traceID, SpanID: f.spanID, Attrs: attrs,
	}
	return true
}

func nanos(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }

func unix(s float64) time.Time {
	whole, part := math.Modf(s)
	return time.Unix(int64(whole), int64(math.Round(part*1e9)))
}

// fields are our attributes as found in a record.
type fields struct {
	have                           uint32 // bits of field
	typed                          bool   // metric_type had our Go type
	scope, parent                  string
	depth                          int
	typ                            MetricType
	calls                          int64
	duration, startMono, endMono   float64
	endWall                        float64
	value                          slog.Value
	traceID, spanID, parentID, err string
}

const (
	haveScope = 1 << iota
	haveDepth
	haveParent
	haveType
	haveCalls
	haveDuration
	haveValue
	haveCount // of a summary
)

// read reads the attributes of r, and reports whether they are those of an event
// with its message. The attributes that are not ours are appended to others
// unless that is nil.
func (f *fields) read(r slog.Record, others *[]slog.Attr) bool {
	r.Attrs(func(a slog.Attr) bool {
		f.attr(a, others)
		return true
	})
	if f.complete(r.Message) {
		return true
	}
	// Perhaps a handler put its groups into the record instead of keeping them.
	found := false
	r.Attrs(func(a slog.Attr) bool {
		var in fields
		rest := 0
		if others != nil {
			rest = len(*others)
		}
		if a.Value.Kind() == slog.KindGroup && in.readGroup(a.Value.Group(), r.Message, others, maxGroupDepth) {
			if others != nil { // the group was taken for a caller's attribute before
				*others = without(*others, a.Key, rest)
			}
			*f, found = in, true
		}
		return !found
	})
	return found
}

func (f *fields) readGroup(group []slog.Attr, message string, others *[]slog.Attr, depth int) bool {
	mark := 0
	if others != nil {
		mark = len(*others)
	}
	for _, a := range group {
		f.attr(a, others)
	}
	if f.complete(message) {
		return true
	}
	if others != nil {
		*others = (*others)[:mark]
	}
	if depth == 0 {
		return false
	}
	for _, a := range group {
		var in fields
		if a.Value.Kind() == slog.KindGroup && in.readGroup(a.Value.Group(), message, others, depth-1) {
			if others != nil {
				for _, b := range group {
					if b.Key != a.Key {
						*others = append(*others, b)
					}
				}
			}
			*f = in
			return true
		}
	}
	return false
}

// without removes the attribute key from the first n of attrs.
func without(attrs []slog.Attr, key string, n int) []slog.Attr {
	for i := range n {
		if attrs[i].Key == key {
			return append(attrs[:i], attrs[i+1:]...)
		}
	}
	return attrs
}

// attr takes one attribute. One of ours with the wrong kind is not ours.
func (f *fields) attr(a slog.Attr, others *[]slog.Attr) {
	v := a.Value
	kind := v.Kind()
	switch a.Key {
	case KeyScope:
		if kind == slog.KindString {
			f.scope = v.String()
			f.have |= haveScope
			return
		}
	case KeyParentScope:
		if kind == slog.KindString {
			f.parent = v.String()
			f.have |= haveParent
			return
		}
	case KeyDepth:
		if kind == slog.KindInt64 {
			f.depth = int(v.Int64())
			f.have |= haveDepth
			return
		}
	case KeyMetricType:
		switch kind {
		case slog.KindString:
			f.typ = MetricType(v.String())
			f.have |= haveType
			return
		case slog.KindLogValuer:
			if m, ok := v.Any().(MetricType); ok {
				f.typ, f.typed = m, true
				f.have |= haveType
				return
			}
		}
	case KeyCallCount:
		if kind == slog.KindInt64 {
			f.calls = v.Int64()
			f.have |= haveCalls
			return
		}
	case KeyDuration:
		if kind == slog.KindFloat64 {
			f.duration = v.Float64()
			f.have |= haveDuration
			return
		}
	case KeyStartMonotonic:
		if kind == slog.KindFloat64 {
			f.startMono = v.Float64()
			return
		}
	case KeyEndMonotonic:
		if kind == slog.KindFloat64 {
			f.endMono = v.Float64()
			return
		}
	case KeyStartWall:
		if kind == slog.KindFloat64 {
			return // follows from the end and the duration
		}
	case KeyEndWall:
		if kind == slog.KindFloat64 {
			f.endWall = v.Float64()
			return
		}
	case KeyValue:
		f.value = v
		f.have |= haveValue
		return
	case KeyTraceID:
		if kind == slog.KindString {
			f.traceID = v.String()
			return
		}
	case KeySpanID:
		if kind == slog.KindString {
			f.spanID = v.String()
			return
		}
	case KeyParentSpanID:
		if kind == slog.KindString {
			f.parentID = v.String()
			return
		}
	case KeyError:
		if kind == slog.KindString {
			f.err = v.String()
			return
		}
	case "count":
		if f.summaryKind(kind) {
			f.have |= haveCount
		}
	}
	if others != nil {
		*others = append(*others, a)
	}
}

func (*fields) summaryKind(k slog.Kind) bool { return k == slog.KindInt64 || k == slog.KindUint64 }

// complete reports whether what was found is all that an event with this message
// must have. Its metric type must be one that goes with the message.
func (f *fields) complete(message string) bool {
	has := func(want uint32) bool { return f.have&want == want }
	switch message {
	case MessageTiming:
		return f.typ == TypeTiming && has(haveScope|haveDepth|haveParent|haveType|haveDuration) &&
			(f.typed || has(haveCalls))
	case MessageMetric:
		switch f.typ {
		case TypeCounter:
			if f.value.Kind() != slog.KindInt64 {
				return false
			}
		case TypeGauge, TypeHistogram:
			if f.value.Kind() != slog.KindFloat64 {
				return false
			}
		case TypePlain:
		default:
			return false
		}
		return has(haveScope | haveDepth | haveParent | haveValue)
	case MessageSummary:
		return has(haveScope | haveParent | haveCount)
	}
	return false
}

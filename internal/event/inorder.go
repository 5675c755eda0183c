package event

import (
	"log/slog"
	"math"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// The places of attributes in the records of a Telemetry. What follows may be there or
// not, but comes in the order of the schema, too.
const (
	atScope = iota
	atDepth
	atParent
	atType
	atCalls // of a timing
	atDuration
	atStartMonotonic
	atEndMonotonic
	atStartWall
	atEndWall
	afterTiming
	atValue = atCalls // of a metric; atType in a plain one
)

// timingKeys are the keys at these places of a timing.
var timingKeys = [afterTiming]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration,
	KeyStartMonotonic, KeyEndMonotonic, KeyStartWall, KeyEndWall}

// inOrder reads a timing that is in the form in which a Telemetry makes it, but for its
// time. It reports false for any other record, of which t may have been given a part. Bare
// leaves the caller's attributes out. It may be called only where slogattrs.Known is true.
func (t *Timing) inOrder(l *slogattrs.List, bare bool) bool {
	front, back := l.Full()
	if front == nil || len(back) < afterTiming-len(front) {
		return false
	}
	b := (*[afterTiming - len(front)]slog.Attr)(back)
	if !slogattrs.HasKeys(front[:], timingKeys[:len(front)]) || !slogattrs.HasKeys(b[:], timingKeys[len(front):]) {
		return false
	}
	path, ok1 := slogattrs.KnownText(&front[atScope].Value)
	parent, ok2 := slogattrs.KnownText(&front[atParent].Value)
	if !ok1 || !ok2 || !slogattrs.KnownKind(&front[atDepth].Value, slog.KindInt64) || !slogattrs.KnownKind(&front[atCalls].Value, slog.KindInt64) {
		return false
	}
	typ := &front[atType].Value
	if s, ok := slogattrs.KnownBoxed(typ).(*Series); (!ok || s == nil || s.Type != TypeTiming) && typeOf(typ) != TypeTiming {
		return false
	}
	for i := range b {
		if !slogattrs.KnownKind(&b[i].Value, slog.KindFloat64) {
			return false
		}
	}
	float := func(at int) float64 { return math.Float64frombits(slogattrs.KnownNum(&b[at-len(front)].Value)) }
	d, start, end := float(atDuration), float(atStartMonotonic), float(atEndMonotonic)
	if !finite(d + start + end + float(atStartWall) + float(atEndWall)) { // as it is if one of them is not
		return false
	}
	depth, calls := slogattrs.KnownNum(&front[atDepth].Value), slogattrs.KnownNum(&front[atCalls].Value)
	t.Scope, t.ParentScope, t.Depth, t.CallCount = path, parent, int(int64(depth)), int64(calls)
	t.Duration, t.StartMonotonic, t.EndMonotonic = nanos(d), nanos(start), nanos(end)
	t.TraceID, t.SpanID, t.ParentSpanID, t.Error = "", "", "", ""
	t.Canceled, t.SampleRate, t.InSummary, t.Attrs = false, 0, false, t.Attrs[:0]
	if l.Len() == afterTiming {
		return true
	}
	o := others{attrs: t.Attrs, timing: true, bare: bare}
	if !o.read(l, afterTiming) {
		t.Attrs = o.attrs
		return false
	}
	t.TraceID, t.SpanID, t.ParentSpanID, t.Error = o.traceID, o.spanID, o.parentID, o.err
	t.Canceled, t.SampleRate, t.InSummary, t.Attrs = o.canceled && o.err == "", o.rate, o.inSummary, o.attrs
	return true
}

// inOrder is that of a Timing.
func (m *Metric) inOrder(l *slogattrs.List, bare bool) bool {
	if l.Len() <= atType {
		return false
	}
	path, at, parent := l.At(atScope), l.At(atDepth), l.At(atParent)
	var ok1, ok2 bool
	depth, ok3 := slogattrs.KnownInt64(&at.Value)
	m.Scope, ok1 = slogattrs.KnownText(&path.Value)
	m.ParentScope, ok2 = slogattrs.KnownText(&parent.Value)
	if !ok1 || !ok2 || !ok3 || path.Key != KeyScope || at.Key != KeyDepth || parent.Key != KeyParentScope {
		return false
	}
	m.Depth = int(depth)
	value, next := l.At(atType), atType+1
	m.Type = TypePlain
	if value.Key == KeyMetricType {
		if m.Type = typeOf(&value.Value); m.Type == TypePlain || l.Len() <= atValue {
			return false
		}
		value, next = l.At(atValue), atValue+1
	}
	if value.Key != KeyValue || !fits(m.Type, &value.Value) {
		return false
	}
	m.Value = value.Value
	m.Unit, m.TraceID, m.SpanID, m.SampleRate, m.InSummary, m.Attrs = "", "", "", 0, false, m.Attrs[:0]
	if l.Len() == next {
		return true
	}
	o := others{attrs: m.Attrs, bare: bare}
	if !o.read(l, next) {
		m.Attrs = o.attrs
		return false
	}
	m.Unit, m.TraceID, m.SpanID, m.SampleRate, m.InSummary, m.Attrs = o.unit, o.traceID, o.spanID, o.rate, o.inSummary, o.attrs
	return true
}

// fits reports whether a metric of that type can have the value.
func fits(typ MetricType, v *slog.Value) bool {
	switch typ {
	case TypeCounter:
		return slogattrs.IsInt64(v) || v.Kind() == slog.KindFloat64
	case TypeGauge, TypeHistogram:
		return v.Kind() == slog.KindFloat64
	}
	return typ == TypePlain
}

// typeOf is the metric type that v is, resolved or not, and TypePlain for any other
// value.
func typeOf(v *slog.Value) MetricType {
	switch t := slogattrs.Boxed(v).(type) {
	case *Series:
		if t != nil {
			return t.Type
		}
		return TypePlain
	case MetricType:
		return t
	}
	text, _ := slogattrs.Text(v)
	return MetricType(text)
}

// others are the attributes behind those that every event has.
type others struct {
	unit, traceID, spanID, parentID, err string
	canceled, inSummary                  bool
	timing                               bool // they are a timing's
	bare                                 bool // leave the caller's out
	rate                                 float64
	attrs                                []slog.Attr
}

// read reads the attributes from the one at first on. It reports false for one that
// has a key of ours and should not be there, or not of that kind, or has come before.
func (o *others) read(l *slogattrs.List, first int) bool {
	for i := first; i < l.Len(); i++ {
		a := l.At(i)
		var to *string
		switch a.Key {
		case KeyTraceID:
			to = &o.traceID
		case KeySpanID:
			to = &o.spanID
		case KeyParentSpanID:
			if !o.timing {
				return false
			}
			to = &o.parentID
		case KeyError:
			if !o.timing {
				return false
			}
			to = &o.err
		case KeyUnit:
			if o.timing {
				return false
			}
			to = &o.unit
		case KeyCanceled:
			if !o.timing || o.canceled || !isTrue(&a.Value) {
				return false
			}
			o.canceled = true
			continue
		case KeyInSummary:
			if o.inSummary || !isTrue(&a.Value) {
				return false
			}
			o.inSummary = true
			continue
		case KeySampleRate:
			rate, ok := slogattrs.Float64(&a.Value)
			if o.rate != 0 || !ok || !isRate(rate) {
				return false
			}
			o.rate = rate
			continue
		default:
			if a.Key != KeyRawPreview && Reserved(a.Key) {
				return false
			}
			if o.bare {
				continue
			}
			if o.attrs == nil {
				o.attrs = make([]slog.Attr, 0, l.Len()-i)
			}
			o.attrs = append(o.attrs, *a)
			continue
		}
		text, ok := slogattrs.Text(&a.Value)
		if !ok || text == "" || *to != "" {
			return false
		}
		*to = text
	}
	return true
}

func isTrue(v *slog.Value) bool { return v.Kind() == slog.KindBool && v.Bool() }

// isRate reports whether f is the share of something.
func isRate(f float64) bool { return f > 0 && f <= 1 }

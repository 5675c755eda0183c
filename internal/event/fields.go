package event

import "log/slog"

// fields are our attributes as found in a record of any form: the one that inOrder
// does not read.
type fields struct {
	message                      string
	have                         uint64 // bits: see below
	depth                        int
	calls                        int64
	duration, startMono, endMono float64
	endWall                      float64
	typ                          MetricType
	value                        slog.Value
	scope, parent, unit          string
	traceID, spanID, parentID    string
	err                          string
	rate                         float64
	inSummary, canceled          bool

	keep    bool     // keep the others
	summary *Summary // takes what only a summary has; nil for other records
	others  []slog.Attr
}

// maxGroupDepth is how deep in groups an event is looked for.
const maxGroupDepth = 16

// A bit for each key that was found.
const (
	haveScope = 1 << iota
	haveDepth
	haveParent
	haveType
	haveCalls
	haveDuration
	haveStartMonotonic
	haveEndMonotonic
	haveStartWall
	haveEndWall
	haveValue
	haveUnit
	haveTraceID
	haveSpanID
	haveParentSpanID
	haveError
	haveCanceled
	haveRate
	haveInSummary
	haveCount // of a summary

	// What an event must have.
	haveTiming  = haveScope | haveDepth | haveParent | haveCalls | haveDuration
	haveMetric  = haveScope | haveDepth | haveParent | haveValue
	haveSummary = haveScope | haveParent | haveCount
)

// read reads the attributes of r and reports whether they are those of an event
// with its message. They may be in a group: some handlers put the groups of
// WithGroup into the record.
func (f *fields) read(r *slog.Record) bool {
	f.message = r.Message
	r.Attrs(func(a slog.Attr) bool {
		f.take(a)
		return true
	})
	if f.complete(r.Message) {
		return true
	}
	all := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		all = append(all, a)
		return true
	})
	f.others = f.others[:0]
	return f.readInside(all, r.Message, maxGroupDepth)
}

// readInside looks for an event in the groups among attrs. What stands beside the
// group in which it is found is added to the others.
func (f *fields) readInside(attrs []slog.Attr, message string, depth int) bool {
	before := f.others
	rate, inSummary := f.rate, f.inSummary // what stands beside the group tells of the event, too
	for i, a := range attrs {
		if depth == 0 || a.Value.Kind() != slog.KindGroup {
			continue
		}
		*f = fields{message: message, keep: f.keep, summary: f.summary, others: before, rate: rate, inSummary: inSummary}
		if f.summary != nil {
			*f.summary = Summary{}
		}
		for _, b := range a.Value.Group() {
			f.take(b)
		}
		if !f.complete(message) {
			f.others = before
			if !f.readInside(a.Value.Group(), message, depth-1) {
				continue
			}
		}
		for j, beside := range attrs {
			if j != i && !isMark(beside) {
				f.leave(beside)
			}
		}
		return true
	}
	f.others = before
	return false
}

// bitOf returns the bit of a key of events, and 0 for any other.
func bitOf(key string) uint64 {
	switch key {
	case KeyScope:
		return haveScope
	case KeyDepth:
		return haveDepth
	case KeyParentScope:
		return haveParent
	case KeyMetricType:
		return haveType
	case KeyCallCount:
		return haveCalls
	case KeyDuration:
		return haveDuration
	case KeyStartMonotonic:
		return haveStartMonotonic
	case KeyEndMonotonic:
		return haveEndMonotonic
	case KeyStartWall:
		return haveStartWall
	case KeyEndWall:
		return haveEndWall
	case KeyValue:
		return haveValue
	case KeyUnit:
		return haveUnit
	case KeyTraceID:
		return haveTraceID
	case KeySpanID:
		return haveSpanID
	case KeyParentSpanID:
		return haveParentSpanID
	case KeyError:
		return haveError
	case KeyCanceled:
		return haveCanceled
	case KeySampleRate:
		return haveRate
	case KeyInSummary:
		return haveInSummary
	case KeyCount:
		return haveCount
	}
	return 0
}

// take reads one attribute. What has one of our keys and another kind is not ours. Of
// two with one key the last one counts, but the first of metric_type and value, which have
// to go with each other.
func (f *fields) take(a slog.Attr) {
	bit := bitOf(a.Key)
	ours := belongs(f.message, bit) && f.set(bit, a.Value)
	if ours {
		f.have |= bit
	}
	if bit == haveCount {
		ours = false // of an event it is the caller's
	}
	if !ours && f.summary != nil {
		ours = f.summary.take(a)
	}
	if !ours {
		f.leave(a)
	}
}

// leave adds an attribute to the others. A sample_rate that is not possible is always kept: it
// says that the event is not to be trusted.
func (f *fields) leave(a slog.Attr) {
	if f.keep || a.Key == KeySampleRate {
		f.others = append(f.others, a)
	}
}

// isMark reports whether a, beside the group of an event, is one of those that sampling adds.
func isMark(a slog.Attr) bool {
	switch a.Key {
	case KeySampleRate:
		return a.Value.Kind() == slog.KindFloat64 && isRate(a.Value.Float64())
	case KeyInSummary:
		return isTrue(&a.Value)
	}
	return false
}

// set takes the value of a key, and reports whether it is of the right kind.
func (f *fields) set(bit uint64, v slog.Value) (ok bool) {
	switch bit {
	case haveScope:
		return text(v, &f.scope)
	case haveDepth:
		if ok = v.Kind() == slog.KindInt64; ok {
			f.depth = int(v.Int64())
		}
	case haveParent:
		return text(v, &f.parent)
	case haveType:
		if f.have&haveType != 0 {
			return false
		}
		switch t := typeOf(&v); t {
		case TypeTiming, TypeCounter, TypeGauge, TypeHistogram:
			f.typ = t
			return true
		case TypePlain: // spelt out
			v = v.Resolve()
			return v.Kind() == slog.KindString && v.String() == ""
		}
	case haveCalls:
		return integer(v, &f.calls)
	case haveDuration:
		return number(v, &f.duration)
	case haveStartMonotonic:
		return number(v, &f.startMono)
	case haveEndMonotonic:
		return number(v, &f.endMono)
	case haveStartWall:
		return v.Kind() == slog.KindFloat64 // follows from the end and the duration
	case haveEndWall:
		return number(v, &f.endWall)
	case haveValue:
		if f.have&haveValue != 0 {
			return false
		}
		f.value = v
		return true
	case haveUnit:
		return text(v, &f.unit)
	case haveTraceID:
		return text(v, &f.traceID)
	case haveSpanID:
		return text(v, &f.spanID)
	case haveParentSpanID:
		return text(v, &f.parentID)
	case haveError:
		return text(v, &f.err)
	case haveCanceled:
		if ok = isTrue(&v); ok {
			f.canceled = true
		}
	case haveRate:
		if ok = v.Kind() == slog.KindFloat64 && isRate(v.Float64()); ok {
			f.rate = v.Float64()
		}
	case haveInSummary:
		if ok = isTrue(&v); ok {
			f.inSummary = true
		}
	case haveCount:
		return v.Kind() == slog.KindInt64
	}
	return ok
}

func text(v slog.Value, to *string) bool {
	if v.Kind() != slog.KindString {
		return false
	}
	*to = v.String()
	return true
}

func number(v slog.Value, to *float64) bool {
	if v.Kind() != slog.KindFloat64 || !finite(v.Float64()) {
		return false
	}
	*to = v.Float64()
	return true
}

func integer(v slog.Value, to *int64) bool {
	if v.Kind() != slog.KindInt64 {
		return false
	}
	*to = v.Int64()
	return true
}

// complete reports whether what was found is all that an event with this message
// must have, of kinds that go with its type.
func (f *fields) complete(message string) bool {
	has := func(want uint64) bool { return f.have&want == want }
	switch message {
	case MessageTiming:
		return f.typ == TypeTiming && has(haveTiming)
	case MessageSummary:
		return has(haveSummary)
	case MessageMetric:
		if !has(haveMetric) {
			return false
		}
		switch f.typ {
		case TypeCounter:
			return f.value.Kind() == slog.KindInt64 || f.value.Kind() == slog.KindFloat64
		case TypeGauge, TypeHistogram:
			return f.value.Kind() == slog.KindFloat64
		}
		return f.typ == TypePlain
	}
	return false
}

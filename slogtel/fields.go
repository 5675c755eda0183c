package slogtel

import "log/slog"

// fields are our attributes as found in a record.
type fields struct {
	have                         uint32 // bits: see below
	depth                        int
	calls                        int64
	duration, startMono, endMono float64
	endWall                      float64
	typ                          MetricType
	value                        slog.Value
	scope, parent                string
	traceID, spanID, parentID    string
	err                          string
	rate                         float64
	inSummary, canceled          bool

	keep    bool     // keep the others
	summary *Summary // takes what only a summary has; nil for other records
	others  []slog.Attr
}

// The attributes that an event must have.
const (
	haveScope = 1 << iota
	haveDepth
	haveParent
	haveCalls
	haveDuration
	haveValue
	haveCount // of a summary

	haveTiming  = haveScope | haveDepth | haveParent | haveCalls | haveDuration
	haveMetric  = haveScope | haveDepth | haveParent | haveValue
	haveSummary = haveScope | haveParent | haveCount
)

// read reads the attributes of r and reports whether they are those of an event
// with its message. They may be in a group: some handlers put the groups of
// WithGroup into the record.
func (f *fields) read(r *slog.Record) bool {
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
		*f = fields{keep: f.keep, summary: f.summary, others: before, rate: rate, inSummary: inSummary}
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
		if f.keep {
			f.others = append(append(f.others, attrs[:i]...), attrs[i+1:]...)
		}
		return true
	}
	f.others = before
	return false
}

// take reads one attribute. What has one of our keys and another kind is not ours.
func (f *fields) take(a slog.Attr) {
	v := a.Value
	ok := false
	switch a.Key {
	case KeyScope:
		ok = text(v, &f.scope)
		f.mark(ok, haveScope)
	case KeyDepth:
		if ok = v.Kind() == slog.KindInt64; ok {
			f.depth = int(v.Int64())
		}
		f.mark(ok, haveDepth)
	case KeyParentScope:
		ok = text(v, &f.parent)
		f.mark(ok, haveParent)
	case KeyMetricType:
		ok = f.takeType(v)
	case KeyCallCount:
		if ok = v.Kind() == slog.KindInt64; ok {
			f.calls = v.Int64()
		}
		f.mark(ok, haveCalls)
	case KeyDuration:
		ok = number(v, &f.duration)
		f.mark(ok, haveDuration)
	case KeyStartMonotonic:
		ok = number(v, &f.startMono)
	case KeyEndMonotonic:
		ok = number(v, &f.endMono)
	case KeyStartWall:
		ok = v.Kind() == slog.KindFloat64 // follows from the end and the duration
	case KeyEndWall:
		ok = number(v, &f.endWall)
	case KeyValue:
		f.value, ok = v, true
		f.mark(true, haveValue)
	case KeyTraceID:
		ok = text(v, &f.traceID)
	case KeySpanID:
		ok = text(v, &f.spanID)
	case KeyParentSpanID:
		ok = text(v, &f.parentID)
	case KeyError:
		ok = text(v, &f.err)
	case KeyCanceled:
		if ok = v.Kind() == slog.KindBool && v.Bool(); ok {
			f.canceled = true
		}
	case KeySampleRate:
		if ok = v.Kind() == slog.KindFloat64 && v.Float64() > 0 && v.Float64() <= 1; ok {
			f.rate = v.Float64()
		}
	case KeyInSummary:
		if ok = v.Kind() == slog.KindBool && v.Bool(); ok {
			f.inSummary = true
		}
	case KeyCount:
		f.mark(v.Kind() == slog.KindInt64, haveCount) // may be a caller's too
	}
	if !ok && f.summary != nil {
		ok = f.summary.take(a)
	}
	if !ok && f.keep {
		f.others = append(f.others, a)
	}
}

func (f *fields) mark(ok bool, bit uint32) {
	if ok {
		f.have |= bit
	}
}

func (f *fields) takeType(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString:
		f.typ = MetricType(v.String())
		return true
	case slog.KindLogValuer:
		m, ok := v.Any().(MetricType)
		if ok {
			f.typ = m
		}
		return ok
	}
	return false
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

// complete reports whether what was found is all that an event with this message
// must have, of kinds that go with its type.
func (f *fields) complete(message string) bool {
	has := func(want uint32) bool { return f.have&want == want }
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
			return f.value.Kind() == slog.KindInt64
		case TypeGauge, TypeHistogram:
			return f.value.Kind() == slog.KindFloat64
		}
		return f.typ == TypePlain
	}
	return false
}

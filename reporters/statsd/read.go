package statsd

import (
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// A sample is what is needed of an event.
type sample struct {
	kind   kind
	scope  string
	n      int64   // a timing's nanoseconds, a counter's increment
	f      float64 // a gauge's or a histogram's value, finite
	failed bool
	tags   foundTags

	step int  // while it is read: the place of the next attribute
	bad  bool // it is not read in one go
}

// What became of reading a record.
type verdict uint8

const (
	notOurs  verdict = iota // an ordinary log record
	wellRead                // the sample holds the event
	noForm                  // an event that has no StatsD form
)

// read reads an event into s. It accepts exactly what slogtel.IsTelemetry does. A
// record in the form in which a Telemetry makes it is read in one go, in the order
// of the schema; what is not that, because some middleware was at work, is decoded
// by package slogtel.
func (t *tagKeys) read(r *slog.Record, s *sample) verdict {
	switch r.Message {
	case slogtel.MessageTiming:
		if !t.readTiming(r, s) && !t.decodeTiming(r, s) {
			return notOurs
		}
		if t.failed >= 0 {
			s.tags.add(foundTag{slot: uint8(t.failed), text: boolText(s.failed)})
		}
		return wellRead
	case slogtel.MessageMetric:
		if !t.readMetric(r, s) {
			return t.decodeMetric(r, s)
		}
		if s.kind != counter && !finite(s.f) {
			return noForm
		}
		return wellRead
	case slogtel.MessageSummary:
		if slogtel.IsTelemetry(*r) {
			return noForm
		}
	}
	return notOurs
}

// The places of attributes in the records of a Telemetry.
const (
	atScope = iota
	atDepth
	atParent
	atType
	atCalls              // of a timing
	atDuration           // of a timing; what follows does not matter here
	atValue    = atCalls // of a metric; atType in a plain one
)

func (t *tagKeys) readTiming(r *slog.Record, s *sample) bool {
	r.Attrs(func(a slog.Attr) bool {
		ok := false
		switch s.step {
		case atScope:
			if ok = a.Key == slogtel.KeyScope && a.Value.Kind() == slog.KindString; ok {
				s.scope = a.Value.String()
			}
		case atDepth:
			ok = a.Key == slogtel.KeyDepth && a.Value.Kind() == slog.KindInt64
		case atParent:
			ok = a.Key == slogtel.KeyParentScope && a.Value.Kind() == slog.KindString
		case atType:
			ok = a.Key == slogtel.KeyMetricType && kindOfValue(a.Value) == timing
		case atCalls:
			ok = a.Key == slogtel.KeyCallCount && a.Value.Kind() == slog.KindInt64
		case atDuration:
			if ok = a.Key == slogtel.KeyDuration && a.Value.Kind() == slog.KindFloat64; ok {
				f := a.Value.Float64()
				s.n, ok = nanos(f), finite(f)
			}
		default:
			return !t.matters(a.Key) || t.readOther(a, s)
		}
		s.step++
		s.bad = !ok
		return ok
	})
	s.kind = timing
	return !s.bad && s.step > atDuration
}

func (t *tagKeys) readMetric(r *slog.Record, s *sample) bool {
	s.kind = plain
	r.Attrs(func(a slog.Attr) bool {
		ok := false
		switch s.step {
		case atScope:
			if ok = a.Key == slogtel.KeyScope && a.Value.Kind() == slog.KindString; ok {
				s.scope = a.Value.String()
			}
		case atDepth:
			ok = a.Key == slogtel.KeyDepth && a.Value.Kind() == slog.KindInt64
		case atParent:
			ok = a.Key == slogtel.KeyParentScope && a.Value.Kind() == slog.KindString
		case atType:
			if a.Key == slogtel.KeyMetricType {
				s.kind = kindOfValue(a.Value)
				ok = true
				break
			}
			s.step = atValue
			fallthrough
		case atValue:
			ok = a.Key == slogtel.KeyValue
			if ok && s.kind == counter && a.Value.Kind() == slog.KindInt64 {
				s.n = a.Value.Int64()
			} else if ok {
				ok = s.setValue(s.kind, a.Value)
			}
		default:
			return !t.matters(a.Key) || t.readOther(a, s)
		}
		s.step++
		s.bad = !ok
		return ok
	})
	return !s.bad && s.step > atValue
}

// Kinds that only a record has.
const (
	plain  = kinds     // a gauge whose value may be an integer, or anything
	noKind = kinds + 1 // of a metric: not one of ours
)

// kindOfValue returns the kind of an event whose metric type is v, resolved or not.
func kindOfValue(v slog.Value) kind {
	switch v.Kind() {
	case slog.KindLogValuer:
		if t, ok := v.LogValuer().(slogtel.MetricType); ok {
			return kindOf(t)
		}
	case slog.KindString:
		return kindOf(slogtel.MetricType(v.String()))
	}
	return noKind
}

func kindOf(t slogtel.MetricType) kind {
	switch t {
	case slogtel.TypeCounter:
		return counter
	case slogtel.TypeTiming:
		return timing
	case slogtel.TypeGauge:
		return gauge
	case slogtel.TypeHistogram:
		return histogram
	case slogtel.TypePlain:
		return plain
	}
	return noKind
}

// setValue takes the kind and value of a metric, and reports false for what is not
// an integer or a float that goes with the kind.
func (s *sample) setValue(typ kind, v slog.Value) bool {
	switch k := v.Kind(); {
	case k == slog.KindInt64 && typ == counter:
		s.kind, s.n = counter, v.Int64()
	case k == slog.KindInt64 && typ == plain:
		s.kind, s.f = gauge, float64(v.Int64())
	case k == slog.KindFloat64 && typ == plain:
		s.kind, s.f = gauge, v.Float64()
	case k == slog.KindFloat64 && (typ == gauge || typ == histogram):
		s.kind, s.f = typ, v.Float64()
	default:
		return false
	}
	return true
}

// readOther reads an attribute that stands behind those of the event. It reports
// false, and sets s.bad, if it could change what was read before it.
func (t *tagKeys) readOther(a slog.Attr, s *sample) bool {
	for i := range t.slots {
		if t.slots[i].path != a.Key || i == t.failed {
			continue
		}
		if s.tags.put(i, a.Value) {
			return true
		}
	}
	switch a.Key {
	case slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyValue:
		s.bad = true
		return false
	case slogtel.KeyError:
		if a.Value.Kind() == slog.KindString {
			s.failed = a.Value.String() != ""
		}
		return true
	}
	if t.nested {
		t.takeInside(&s.tags, &a)
	}
	return true
}

package reporters

import (
	"log/slog"
	"math"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// read reads an event where it is, if r is one in the form in which a Telemetry makes
// it: in the order of the schema, ungrouped. What it reads is what slogtel would
// decode, without the caller's attributes. It reports false for any other record.
func (e *aggregateEvent) read(r *slog.Record) bool {
	l := slogattrs.Of(r)
	if l.Len() < 5 {
		return false
	}
	path, depth, parent, typ := l.At(0), l.At(1), l.At(2), l.At(3)
	if path.Key != slogtel.KeyScope || depth.Key != slogtel.KeyDepth || !slogattrs.IsInt64(&depth.Value) ||
		parent.Key != slogtel.KeyParentScope || typ.Key != slogtel.KeyMetricType {
		return false
	}
	var isPath, isParent bool
	e.key.path, isPath = slogattrs.Text(&path.Value)
	e.key.parent, isParent = slogattrs.Text(&parent.Value)
	e.key.typ = typeIn(&typ.Value)
	e.depth, e.level = int(depth.Value.Int64()), r.Level
	if !isPath || !isParent {
		return false
	}
	if r.Message == slogtel.MessageTiming {
		return e.key.typ == slogtel.TypeTiming && l.Len() > 5 && e.readDuration(l.At(4), l.At(5)) && e.readOthers(l, 6)
	}
	return e.readValue(l.At(4)) && e.readOthers(l, 5)
}

// typeIn is the metric type that v is, resolved or not, and "" for any other value.
func typeIn(v *slog.Value) slogtel.MetricType {
	switch t := slogattrs.Boxed(v).(type) {
	case *event.Series:
		return t.Type
	case slogtel.MetricType:
		return t
	}
	text, _ := slogattrs.Text(v)
	return slogtel.MetricType(text)
}

func (e *aggregateEvent) readDuration(calls, duration *slog.Attr) bool {
	if calls.Key != slogtel.KeyCallCount || !slogattrs.IsInt64(&calls.Value) ||
		duration.Key != slogtel.KeyDuration || duration.Value.Kind() != slog.KindFloat64 {
		return false
	}
	seconds := duration.Value.Float64()
	e.value = min(max(0, math.Round(seconds*1e9)), math.MaxInt64)
	return seconds-seconds == 0 // not so for NaN and Inf
}

func (e *aggregateEvent) readValue(value *slog.Attr) bool {
	if value.Key != slogtel.KeyValue {
		return false
	}
	switch e.key.typ {
	case slogtel.TypeCounter:
		if !slogattrs.IsInt64(&value.Value) {
			return false
		}
		e.number = value.Value.Int64()
		return true
	case slogtel.TypeGauge, slogtel.TypeHistogram:
		if value.Value.Kind() != slog.KindFloat64 {
			return false
		}
		e.value = value.Value.Float64()
		return e.value-e.value == 0 // not so for NaN and Inf
	}
	return false
}

// readOthers reads what stands behind, and reports false for an attribute that could
// change what stands before.
func (e *aggregateEvent) readOthers(l *slogattrs.List, first int) bool {
	for i := first; i < l.Len(); i++ {
		a := l.At(i)
		switch len(a.Key) { // most are of no interest
		case len(slogtel.KeyScope), len(slogtel.KeyParentScope), len(slogtel.KeyMetricType), len(slogtel.KeyCallCount):
		default:
			continue
		}
		switch a.Key {
		case slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
			slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyValue, slogtel.KeyInSummary:
			return false
		case slogtel.KeyError:
			if e.key.typ == slogtel.TypeTiming && a.Value.Kind() == slog.KindString {
				e.failed = a.Value.String() != ""
			}
		case slogtel.KeySampleRate:
			if a.Value.Kind() == slog.KindFloat64 && a.Value.Float64() > 0 && a.Value.Float64() <= 1 {
				e.rate = a.Value.Float64()
			}
		}
	}
	return true
}

package event

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A Sample is what a metric needs of an event: less than a [Timing] or a [Metric] holds, and read in less time, because no attributes are copied.
type Sample struct {
	Series            *Series // as of [SeriesOf]; nil, too, for one that does not come again
	Scope             string
	Type              MetricType
	Duration          time.Duration // of a timing
	Value             slog.Value    // of a metric
	Unit              string        // of an instrument that has one
	TraceID, SpanID   string
	Failed, InSummary bool    // see [Timing]
	SampleRate        float64 // see [Timing]; 0: not sampled

	next   int         // the first attribute behind those that every event has
	others []slog.Attr // in place of these, of a record that is not in order
}

// Attrs returns the caller's own attributes and what handlers added, in two pieces. Some of
// the event's may be among them. R must be the record that was read, and must not be changed
// while they are in use.
func (s *Sample) Attrs(r *slog.Record) (front, back []slog.Attr) {
	if s.next == 0 {
		return nil, s.others
	}
	return slogattrs.Of(r).From(s.next)
}

// ReadFrom reads the timing or the metric that r is, and reports false for any other record.
// It accepts the same records as [Timing.Decode] and [Metric.Decode]. S must be empty.
func (s *Sample) ReadFrom(r *slog.Record) bool {
	if r.Message != MessageTiming && r.Message != MessageMetric {
		return false
	}
	if slogattrs.Known() && s.inOrder(slogattrs.Of(r), r.Message == MessageTiming) {
		return true
	}
	f := fields{keep: true}
	ok := f.read(r)
	*s = Sample{
		Scope: f.scope, Type: f.typ, Duration: nanos(f.duration), Value: f.value, Unit: f.unit,
		TraceID: f.traceID, SpanID: f.spanID,
		Failed: f.err != "", InSummary: f.inSummary, SampleRate: f.rate, others: f.others,
	}
	return ok
}

// inOrder reads an event that is in the form in which a Telemetry makes it. It reports
// false for any other record, of which s may have been given a part.
func (s *Sample) inOrder(l *slogattrs.List, timing bool) bool {
	n := l.Len()
	if n <= atType {
		return false
	}
	a := l.At(atScope)
	path, ok1 := slogattrs.Text(&a.Value)
	ok1 = ok1 && a.Key == KeyScope
	a = l.At(atDepth)
	ok2 := a.Key == KeyDepth && slogattrs.IsInt64(&a.Value)
	a = l.At(atParent)
	parent, ok3 := slogattrs.Text(&a.Value)
	if !ok1 || !ok2 || !ok3 || a.Key != KeyParentScope {
		return false
	}
	s.Scope = path
	a = l.At(atType)
	hasType := a.Key == KeyMetricType
	if hasType {
		if x, ok := slogattrs.Boxed(&a.Value).(*Series); !ok || x == nil {
			s.Type = typeOf(&a.Value)
		} else if s.Type = x.Type; x.id != 0 && x.Path == path && x.Parent == parent {
			s.Series = x
		}
	}
	next := atDuration + 1 // what follows of a timing follows from this, or does not matter
	switch {
	case timing:
		if s.Type != TypeTiming || n < next {
			return false
		}
		calls, duration := l.At(atCalls), l.At(atDuration)
		seconds, ok := slogattrs.Float64(&duration.Value)
		if !ok || !finite(seconds) || duration.Key != KeyDuration || calls.Key != KeyCallCount || !slogattrs.IsInt64(&calls.Value) {
			return false
		}
		s.Duration = nanos(seconds)
	case hasType:
		if s.Type == TypePlain || n <= atValue {
			return false
		}
		a, next = l.At(atValue), atValue+1
	default:
		next = atType + 1
	}
	if !timing {
		if a.Key != KeyValue || !fits(s.Type, &a.Value) {
			return false
		}
		s.Value = a.Value
	}
	if s.next = next; n == next {
		return true
	}
	front, back := l.From(next)
	return (len(front) == 0 || s.readOthers(front)) && s.readOthers(back)
}

// otherLengths has a bit for the length of each key that readOthers looks for: most
// attributes are passed over for theirs.
const otherLengths = 1<<len(KeyScope) | 1<<len(KeyDepth) | 1<<len(KeyParentScope) | 1<<len(KeyMetricType) |
	1<<len(KeyCallCount) | 1<<len(KeyDuration) | 1<<len(KeyValue) | 1<<len(KeyError) | 1<<len(KeyUnit) |
	1<<len(KeyTraceID) | 1<<len(KeySpanID) | 1<<len(KeySampleRate) | 1<<len(KeyInSummary)

// readOthers reads attributes behind those that every event has. It reports false for one
// that may change what was read of these.
func (s *Sample) readOthers(attrs []slog.Attr) bool {
	for i := range attrs {
		a := &attrs[i]
		if n := len(a.Key); n > len(KeyParentScope) || otherLengths>>n&1 == 0 {
			continue
		}
		switch a.Key {
		case KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration, KeyValue:
			return false
		case KeyError:
			if text, ok := slogattrs.Text(&a.Value); ok {
				s.Failed = text != ""
			}
		case KeyUnit:
			text(a.Value, &s.Unit)
		case KeyTraceID:
			text(a.Value, &s.TraceID)
		case KeySpanID:
			text(a.Value, &s.SpanID)
		case KeySampleRate:
			if rate, ok := slogattrs.Float64(&a.Value); ok && isRate(rate) {
				s.SampleRate = rate
			}
		case KeyInSummary:
			s.InSummary = s.InSummary || isTrue(&a.Value)
		}
	}
	return true
}

package event

import (
	"log/slog"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A Sample is what those need of an event who add events up: less than a [Timing] or a [Metric]
// holds, and read in less time, because no attributes are copied.
type Sample struct {
	Series          *Series // as of [SeriesOf]; nil, too, for one that does not come again
	Scope, Parent   string
	Depth           int
	Type            MetricType
	Duration        time.Duration // of a timing
	Value           slog.Value    // of a metric
	Unit            string        // of an instrument that has one
	TraceID, SpanID string
	Error           string  // of a timing
	InSummary       bool    // see [Timing]
	BadRate         bool    // there is a sample_rate that is not possible
	SampleRate      float64 // see [Timing]; 0: not sampled

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

// Rest returns where in the record the attributes begin that Attrs returns, or, with a next of 0, these
// themselves.
func (s *Sample) Rest() (next int, others []slog.Attr) { return s.next, s.others }

// Lookup returns the value of the last of the caller's attributes that has this key, or the nil
// Value. R is as for [Sample.Attrs].
func (s *Sample) Lookup(r *slog.Record, key string) slog.Value {
	front, back := s.Attrs(r)
	if bit := bitOf(key); (s.next != 0 || bit == haveParentSpanID) && bit != 0 && bit != haveCount && belongs(r.Message, bit) {
		return slog.Value{}
	}
	for i := len(back) - 1; i >= 0; i-- {
		if back[i].Key == key {
			return back[i].Value
		}
	}
	for i := len(front) - 1; i >= 0; i-- {
		if front[i].Key == key {
			return front[i].Value
		}
	}
	return slog.Value{}
}

// ReadFrom reads the timing or the metric that r is, and reports false for any other record.
// It accepts the same records as [Timing.Decode] and [Metric.Decode]. S must be empty.
func (s *Sample) ReadFrom(r *slog.Record) bool {
	timing := r.Message == MessageTiming
	if !timing && r.Message != MessageMetric {
		return false
	}
	if slogattrs.Known() && s.inOrder(slogattrs.Of(r), timing) {
		return true
	}
	f := fields{keep: true}
	ok := f.read(r)
	if f.parentID != "" { // among them, too, where a record is in order
		f.others = append(f.others, slog.String(KeyParentSpanID, f.parentID))
	}
	*s = Sample{
		Scope: f.scope, Parent: f.parent, Depth: f.depth, Type: f.typ, Duration: nanos(f.duration), Value: f.value, Unit: f.unit,
		TraceID: f.traceID, SpanID: f.spanID,
		Error: f.err, InSummary: f.inSummary, SampleRate: f.rate, others: f.others,
	}
	for i := range f.others {
		s.BadRate = s.BadRate || f.others[i].Key == KeySampleRate
	}
	if x := SeriesOf(r); ok && x != nil && x.id != 0 && x.Path == f.scope && x.Parent == f.parent && x.Type == f.typ {
		s.Series = x
	}
	return ok
}

// inOrder reads an event that is in the form in which a Telemetry makes it, and has at least
// five attributes. It reports false for any other record, of which s may have been given a part.
func (s *Sample) inOrder(l *slogattrs.List, timing bool) bool {
	f, back := l.Full()
	if f == nil {
		return false
	}
	path, ok1 := slogattrs.KnownText(&f[atScope].Value)
	parent, ok2 := slogattrs.KnownText(&f[atParent].Value)
	if !ok1 || !ok2 || !slogattrs.HasKeys(f[:], timingKeys[:atType]) || !slogattrs.KnownKind(&f[atDepth].Value, slog.KindInt64) {
		return false
	}
	s.Scope, s.Parent, s.Depth = path, parent, int(int64(slogattrs.KnownNum(&f[atDepth].Value)))
	hasType := f[atType].Key == KeyMetricType
	if hasType {
		if x, ok := slogattrs.KnownBoxed(&f[atType].Value).(*Series); !ok || x == nil {
			s.Type = typeOf(&f[atType].Value)
		} else if s.Type = x.Type; x.id != 0 && x.Path == path && x.Parent == parent {
			s.Series = x
		}
	}
	switch {
	case timing:
		if !hasType || s.Type != TypeTiming || len(back) < afterTiming-atDuration || !slogattrs.HasKeys(back, timingKeys[atDuration:]) ||
			f[atCalls].Key != KeyCallCount || !slogattrs.KnownKind(&f[atCalls].Value, slog.KindInt64) {
			return false
		}
		b, sum := (*[afterTiming - atDuration]slog.Attr)(back), 0.0
		for i := range b {
			n, ok := slogattrs.KnownFloat64(&b[i].Value)
			if !ok {
				return false
			}
			sum += n
		}
		if !finite(sum) { // as it is if one of them is not
			return false
		}
		s.Duration = nanos(math.Float64frombits(slogattrs.KnownNum(&b[0].Value)))
		s.next = afterTiming // what is between follows from the duration, or does not matter
		return s.readOthers(back[afterTiming-atDuration:])
	case hasType:
		_, whole := slogattrs.KnownInt64(&f[atValue].Value)
		if f[atValue].Key != KeyValue || !(whole && s.Type == TypeCounter) && (s.Type == TypePlain || !fits(s.Type, &f[atValue].Value)) {
			return false
		}
		s.Value = f[atValue].Value
		s.next = atValue + 1
	default:
		if f[atType].Key != KeyValue || !s.readOthers(f[atType+1:]) {
			return false
		}
		s.Value = f[atType].Value
		s.next = atType + 1
	}
	return s.readOthers(back)
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
			if s.Type == TypeTiming {
				text(a.Value, &s.Error)
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
			} else {
				s.BadRate = true
			}
		case KeyInSummary:
			s.InSummary = s.InSummary || isTrue(&a.Value)
		}
	}
	return true
}

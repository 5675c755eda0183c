package event

import (
	"log/slog"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/slogattrs"
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
	// Canceled says that the scope ended because others canceled its context. That is no
	// failure: Error is "".
	Canceled bool
	// SampleRate is the share of such events that sampling keeps: this one stands for
	// 1/SampleRate of them. It is 0 if nothing sampled them.
	SampleRate float64
	// InSummary says that a [Summary] has counted this event. What adds up events and
	// summaries leaves it out; otherwise it would count twice.
	InSummary bool
	// Attrs are the caller's own and raw_preview, and what handlers added.
	Attrs []slog.Attr
}

// A Metric is a counter, gauge, histogram or plain metric event, decoded from its record.
type Metric struct {
	Scope, ParentScope string
	Depth              int
	Type               MetricType // TypePlain for Telemetry.Metric
	Value              slog.Value // int64 of Count, float64 of CountFloat, Gauge and Histogram
	Unit               string     // of an instrument that has one
	Time               time.Time
	TraceID, SpanID    string
	SampleRate         float64 // as of a Timing
	InSummary          bool    // as of a Timing
	Attrs              []slog.Attr
}

// Number returns the value as a float, and false if it is no number. Of a duration it returns
// the seconds.
func (m *Metric) Number() (float64, bool) { return Number(m.Value) }

// Number is [Metric.Number] of a value that is resolved.
func Number(v slog.Value) (float64, bool) {
	switch v.Kind() {
	case slog.KindInt64:
		return float64(v.Int64()), true
	case slog.KindUint64:
		return float64(v.Uint64()), true
	case slog.KindFloat64:
		return v.Float64(), true
	case slog.KindDuration:
		return v.Duration().Seconds(), true
	}
	return 0, false
}

// Is reports whether r is an event of a Telemetry or a summary of such events. An app's
// own record is not, even when it has one of our messages or some of our keys. For most
// records it only compares the message.
func Is(r *slog.Record) bool {
	switch r.Message {
	case MessageTiming, MessageMetric, MessageSummary:
		var f fields
		return f.read(r)
	}
	return false
}

// SeriesOf returns the series that metric_type points to, for a record that is in the
// form in which a Telemetry makes it, and whose scope nobody has changed. It is nil for
// all others.
func SeriesOf(r *slog.Record) *Series {
	l := slogattrs.Of(r)
	if l.Len() <= atType {
		return nil
	}
	s, ok := slogattrs.Boxed(&l.At(atType).Value).(*Series)
	if !ok || s == nil {
		return nil
	}
	path, _ := slogattrs.Text(&l.At(atScope).Value)
	parent, _ := slogattrs.Text(&l.At(atParent).Value)
	if path != s.Path || parent != s.Parent || l.At(atScope).Key != KeyScope || l.At(atParent).Key != KeyParentScope {
		return nil
	}
	return s
}

// Decode makes t the timing event that r is, and returns false for any other record, after
// which t holds nothing of use. It is slogtel.DecodeTiming for those who decode many records:
// it reuses the space of t.Attrs, so that it allocates nothing in the long run.
func (t *Timing) Decode(r slog.Record) bool { return t.DecodeFrom(&r) }

// DecodeFrom is Decode for those who have a pointer.
func (t *Timing) DecodeFrom(r *slog.Record) bool {
	if r.Message != MessageTiming {
		return false
	}
	if slogattrs.Known() {
		if l := slogattrs.Of(r); t.inOrder(l, false) {
			if t.End = r.Time; t.End.IsZero() {
				endWall, _ := slogattrs.Float64(&l.At(atEndWall).Value)
				t.End = time.Unix(0, int64(nanos(endWall)))
			}
			t.Start = t.End.Add(-t.Duration)
			return true
		}
	}
	f := fields{keep: true, others: t.Attrs[:0]}
	ok := f.read(r)
	*t = Timing{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, CallCount: f.calls,
		Duration:       nanos(f.duration),
		StartMonotonic: nanos(f.startMono), EndMonotonic: nanos(f.endMono),
		TraceID: f.traceID, SpanID: f.spanID, ParentSpanID: f.parentID,
		Error: f.err, Canceled: f.canceled && f.err == "",
		SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
	}
	// A record's time has nanoseconds, for which a float of Unix seconds has no room.
	if t.End = r.Time; t.End.IsZero() {
		t.End = time.Unix(0, int64(nanos(f.endWall)))
	}
	t.Start = t.End.Add(-t.Duration)
	return ok
}

// Decode is slogtel.DecodeMetric for those who decode many records, as [Timing.Decode].
func (m *Metric) Decode(r slog.Record) bool { return m.DecodeFrom(&r) }

// DecodeFrom is Decode for those who have a pointer.
func (m *Metric) DecodeFrom(r *slog.Record) bool {
	if r.Message != MessageMetric {
		return false
	}
	if slogattrs.Known() && m.inOrder(slogattrs.Of(r), false) {
		m.Time = r.Time
		return true
	}
	f := fields{keep: true, others: m.Attrs[:0]}
	ok := f.read(r)
	*m = Metric{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, Type: f.typ, Value: f.value, Unit: f.unit,
		Time: r.Time, TraceID: f.traceID, SpanID: f.spanID,
		SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
	}
	return ok
}

// nanos turns the seconds of a record back into the nanoseconds they were made of,
// or the nearest that a Duration can hold. It is inlined.
func nanos(s float64) time.Duration {
	const most = 1 << 32 // of seconds: below it there is no overflow
	if s > -most && s < most {
		return time.Duration(math.RoundToEven(s * 1e9))
	}
	return extremeNanos(s)
}

func extremeNanos(s float64) time.Duration {
	switch ns := math.Round(s * 1e9); {
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(ns)
	}
}

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

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
	// Canceled says that it ended because its context was canceled by others, which is no
	// failure: Error is "".
	Canceled bool
	// SampleRate is the share of such events that sampling keeps, so that this one
	// stands for 1/SampleRate of them; 0 where nothing sampled them.
	SampleRate float64
	// InSummary says that a [Summary] counts this event, too: what adds up events and
	// summaries leaves it out, or else it counts twice.
	InSummary bool
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
	SampleRate         float64 // as of a Timing
	InSummary          bool    // as of a Timing
	Attrs              []slog.Attr
}

// IsTelemetry reports whether r is an event of a Telemetry or a summary of such
// events. An app's own record is not, even when it has one of our messages or
// some of our keys. It allocates nothing, and for most records it only compares
// the message.
func IsTelemetry(r slog.Record) bool {
	switch r.Message {
	case MessageTiming, MessageMetric, MessageSummary:
		var f fields
		return f.read(&r)
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
	f := fields{keep: true, others: t.Attrs[:0]}
	ok := f.read(&r)
	*t = Timing{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, CallCount: f.calls,
		Duration:       nanos(f.duration),
		StartMonotonic: nanos(f.startMono), EndMonotonic: nanos(f.endMono),
		TraceID: f.traceID, SpanID: f.spanID, ParentSpanID: f.parentID,
		Error: f.err, Canceled: f.canceled && f.err == "", SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
	}
	// The record's time has nanoseconds; a float of Unix seconds has no room for them.
	t.End = r.Time
	if t.End.IsZero() {
		t.End = time.Unix(0, int64(nanos(f.endWall)))
	}
	t.Start = t.End.Add(-t.Duration)
	return ok
}

// Decode is [DecodeMetric] for those who decode many records, as [Timing.Decode].
func (m *Metric) Decode(r slog.Record) bool {
	if r.Message != MessageMetric {
		return false
	}
	f := fields{keep: true, others: m.Attrs[:0]}
	ok := f.read(&r)
	*m = Metric{
		Scope: f.scope, ParentScope: f.parent, Depth: f.depth, Type: f.typ, Value: f.value,
		Time: r.Time, TraceID: f.traceID, SpanID: f.spanID,
		SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
	}
	return ok
}

// nanos turns the seconds of a record back into the nanoseconds they were made of,
// or the nearest that a Duration can hold.
func nanos(s float64) time.Duration {
	switch ns := math.Round(s * 1e9); {
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(ns)
	}
}

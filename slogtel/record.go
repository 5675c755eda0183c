package slogtel

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Messages of the records that a Telemetry makes.
const (
	MessageTiming  = event.MessageTiming  // a scope that ended
	MessageMetric  = event.MessageMetric  // a counter, gauge, histogram or plain metric
	MessageSummary = event.MessageSummary // many events rolled up into one, by an aggregating reporter
)

// Keys of the attributes that a Telemetry writes, in the order in which they come. The
// documentation of the package has their kinds and meanings.
const (
	KeyScope          = event.KeyScope
	KeyDepth          = event.KeyDepth
	KeyParentScope    = event.KeyParentScope
	KeyMetricType     = event.KeyMetricType
	KeyCallCount      = event.KeyCallCount
	KeyDuration       = event.KeyDuration
	KeyStartMonotonic = event.KeyStartMonotonic
	KeyEndMonotonic   = event.KeyEndMonotonic
	KeyStartWall      = event.KeyStartWall
	KeyEndWall        = event.KeyEndWall
	KeyValue          = event.KeyValue
	KeyUnit           = event.KeyUnit // of an instrument that has one
	KeyTraceID        = event.KeyTraceID
	KeySpanID         = event.KeySpanID
	KeyParentSpanID   = event.KeyParentSpanID
	KeyError          = event.KeyError
	KeyCanceled       = event.KeyCanceled // bool, true: in place of an error, see [Span.Fail]
	KeyRawPreview     = event.KeyRawPreview
	KeySampleRate     = event.KeySampleRate // float in (0, 1): added by sampling, see [Timing.SampleRate]
	KeyInSummary      = event.KeyInSummary  // bool, true: a summary has counted it, see [Timing.InSummary]
)

// Keys of the attributes of a [Summary], besides those that it shares with events.
const (
	KeyInterval      = event.KeyInterval
	KeyCount         = event.KeyCount
	KeyErrors        = event.KeyErrors
	KeySum           = event.KeySum
	KeyMin           = event.KeyMin
	KeyMax           = event.KeyMax
	KeyMean          = event.KeyMean
	KeyP50           = event.KeyP50
	KeyP90           = event.KeyP90
	KeyP95           = event.KeyP95
	KeyP99           = event.KeyP99
	KeyLast          = event.KeyLast
	KeyRate          = event.KeyRate
	KeyQuantileError = event.KeyQuantileError
	KeySketch        = event.KeySketch
)

// A MetricType says what an event measures. In a record of a Telemetry it is a
// [slog.LogValuer] that resolves to its string, so that our records can be told from an
// app's record that happens to have a metric_type.
type MetricType = event.MetricType

const (
	TypeTiming    = event.TypeTiming
	TypeCounter   = event.TypeCounter
	TypeGauge     = event.TypeGauge
	TypeHistogram = event.TypeHistogram
	TypePlain     = event.TypePlain // of Metric: any value, and no metric_type attribute
)

type (
	// A Timing is a timing event, decoded from its record.
	Timing = event.Timing

	// A Metric is a counter, gauge, histogram or plain metric event, decoded from its record.
	Metric = event.Metric

	// A Summary is what the events of one series had in common: those of one scope or
	// metric, in one interval.
	Summary = event.Summary
)

// IsTelemetry reports whether r is an event of a Telemetry or a summary of such
// events. An app's own record is not, even when it has one of our messages or
// some of our keys. For most records it only compares the message.
func IsTelemetry(r slog.Record) bool { return event.Is(&r) }

// DecodeTiming returns the timing event that r is, and false for any other
// record. It does not matter whether middleware has resolved the values, added
// attributes or put all of them into groups.
func DecodeTiming(r slog.Record) (t Timing, ok bool) {
	ok = t.DecodeFrom(&r)
	return t, ok
}

// DecodeMetric returns the metric event that r is, and false for any other
// record, as [DecodeTiming] does.
func DecodeMetric(r slog.Record) (m Metric, ok bool) {
	ok = m.DecodeFrom(&r)
	return m, ok
}

// DecodeSummary returns the summary that r is, and false for any other record, as
// [DecodeTiming] does.
func DecodeSummary(r slog.Record) (s Summary, ok bool) {
	ok = s.Decode(r)
	return s, ok
}

// What the events of a kind begin with: keys and kinds of values, written once.
var (
	timings = slogattrs.NewPool(
		slog.String(KeyScope, ""),
		slog.Int(KeyDepth, 0),
		slog.String(KeyParentScope, ""),
		slog.String(KeyMetricType, ""),
		slog.Int64(KeyCallCount, 0),
		slog.Float64(KeyDuration, 0),
		slog.Float64(KeyStartMonotonic, 0),
		slog.Float64(KeyEndMonotonic, 0),
		slog.Float64(KeyStartWall, 0),
		slog.Float64(KeyEndWall, 0))
	metrics = slogattrs.NewPool(
		slog.String(KeyScope, ""),
		slog.Int(KeyDepth, 0),
		slog.String(KeyParentScope, ""),
		slog.String(KeyMetricType, ""),
		slog.Int64(KeyValue, 0))
	plains = slogattrs.NewPool()
)

// setSeries writes the first values of an event.
func setSeries(first *[4]slog.Attr, s *event.Series) {
	slogattrs.Set(&first[0].Value, slog.StringValue(s.Path))
	slogattrs.Set(&first[1].Value, slog.IntValue(s.Depth))
	slogattrs.Set(&first[2].Value, slog.StringValue(s.Parent))
	slogattrs.Set(&first[3].Value, s.Value())
}

// startMetric returns a scratch, and what a metric begins with in it.
func startMetric(s *event.Series, v slog.Value) (*slogattrs.Scratch, []slog.Attr) {
	if s.Type == TypePlain {
		scratch := plains.Get()
		return scratch, append(scratch.Attrs(),
			slog.String(KeyScope, s.Path),
			slog.Int(KeyDepth, s.Depth),
			slog.String(KeyParentScope, s.Parent),
			slog.Attr{Key: KeyValue, Value: v})
	}
	scratch := metrics.Get()
	list := scratch.Attrs()
	setSeries((*[4]slog.Attr)(list), s)
	slogattrs.Set(&list[4].Value, v)
	if s.Unit != "" {
		list = append(list, slog.String(KeyUnit, s.Unit))
	}
	return scratch, list
}

// timing writes what a timing begins with into a scratch of timings.
func timing(scratch *slogattrs.Scratch, s *event.Series, calls int64, start instant, d time.Duration) []slog.Attr {
	list := scratch.Attrs()
	a := (*[10]slog.Attr)(list)
	end := start.add(d)
	setSeries((*[4]slog.Attr)(a[:]), s)
	slogattrs.Set(&a[4].Value, slog.Int64Value(calls))
	slogattrs.Set(&a[5].Value, seconds(int64(d)))
	slogattrs.Set(&a[6].Value, seconds(start.mono))
	slogattrs.Set(&a[7].Value, seconds(end.mono))
	slogattrs.Set(&a[8].Value, seconds(start.wall))
	slogattrs.Set(&a[9].Value, seconds(end.wall))
	return list
}

func seconds(ns int64) slog.Value { return slog.Float64Value(float64(ns) / 1e9) }

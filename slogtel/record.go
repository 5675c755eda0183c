package slogtel

import (
	"log/slog"
	"time"
)

// Messages of the records that a Telemetry makes.
const (
	MessageTiming  = "telemetry.timing"  // a scope that ended
	MessageMetric  = "telemetry.metric"  // a counter, gauge, histogram or plain metric
	MessageSummary = "telemetry.summary" // many events rolled up into one, by an aggregating reporter
)

// Keys of the attributes that a Telemetry writes, in the order in which they come.
// Package documentation has their kinds and meanings.
const (
	KeyScope          = "scope"
	KeyDepth          = "depth"
	KeyParentScope    = "parent_scope"
	KeyMetricType     = "metric_type"
	KeyCallCount      = "call_count"
	KeyDuration       = "duration_s"
	KeyStartMonotonic = "start_monotonic_s"
	KeyEndMonotonic   = "end_monotonic_s"
	KeyStartWall      = "start_wall_time_s"
	KeyEndWall        = "end_wall_time_s"
	KeyValue          = "value"
	KeyTraceID        = "trace_id"
	KeySpanID         = "span_id"
	KeyParentSpanID   = "parent_span_id"
	KeyError          = "error"
	KeyCanceled       = "canceled" // bool, true: in place of an error, see [Span.Fail]
	KeyRawPreview     = "raw_preview"
	KeySampleRate     = "sample_rate" // float in (0, 1): added by sampling, see [Timing.SampleRate]
)

// userPrefix goes before a caller's key that is one of ours.
const userPrefix = "user_"

// reserved reports whether a caller's attribute may not have this key: ours, and
// the four that slog's handlers write themselves.
func reserved(key string) bool {
	switch key {
	case KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration,
		KeyStartMonotonic, KeyEndMonotonic, KeyStartWall, KeyEndWall, KeyValue,
		KeyTraceID, KeySpanID, KeyParentSpanID, KeyError, KeyCanceled, KeyRawPreview, KeySampleRate, KeyInSummary,
		slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey:
		return true
	}
	return false
}

// A MetricType says what an event measures. In a record it is a [slog.LogValuer]
// that resolves to its string, so that our records can be told from an app's
// record that happens to have a metric_type.
type MetricType string

const (
	TypeTiming    MetricType = "timing"
	TypeCounter   MetricType = "counter"
	TypeGauge     MetricType = "gauge"
	TypeHistogram MetricType = "histogram"
	TypePlain     MetricType = "" // of Metric: any value, and no metric_type attribute
)

// LogValue returns the type as a string value.
func (m MetricType) LogValue() slog.Value { return slog.StringValue(string(m)) }

// The values of metric_type, made once: each would cost an allocation.
var (
	timingValue    = slog.AnyValue(TypeTiming)
	counterValue   = slog.AnyValue(TypeCounter)
	gaugeValue     = slog.AnyValue(TypeGauge)
	histogramValue = slog.AnyValue(TypeHistogram)
)

// processStart is where monotonic times count from.
var processStart = time.Now()

// An instant is one reading of the clock.
type instant struct {
	wall int64 // Unix nanoseconds
	mono int64 // nanoseconds since processStart
}

func now() instant {
	t := time.Now()
	return instant{t.UnixNano(), int64(t.Sub(processStart))}
}

func (i instant) add(d time.Duration) instant {
	return instant{i.wall + int64(d), i.mono + int64(d)}
}

func (i instant) time() time.Time { return time.Unix(0, i.wall) }

func seconds(ns int64) slog.Value { return slog.Float64Value(float64(ns) / 1e9) }

func appendTiming(dst []slog.Attr, n *node, calls int64, start instant, d time.Duration) []slog.Attr {
	end := start.add(d)
	return append(dst,
		slog.String(KeyScope, n.path),
		slog.Int(KeyDepth, n.depth),
		slog.String(KeyParentScope, n.parentPath()),
		slog.Attr{Key: KeyMetricType, Value: timingValue},
		slog.Int64(KeyCallCount, calls),
		slog.Attr{Key: KeyDuration, Value: seconds(int64(d))},
		slog.Attr{Key: KeyStartMonotonic, Value: seconds(start.mono)},
		slog.Attr{Key: KeyEndMonotonic, Value: seconds(end.mono)},
		slog.Attr{Key: KeyStartWall, Value: seconds(start.wall)},
		slog.Attr{Key: KeyEndWall, Value: seconds(end.wall)})
}

// appendMetric appends what a metric begins with; typ is the zero Value for none.
func appendMetric(dst []slog.Attr, n *node, typ, v slog.Value) []slog.Attr {
	dst = append(dst,
		slog.String(KeyScope, n.path),
		slog.Int(KeyDepth, n.depth),
		slog.String(KeyParentScope, n.parentPath()))
	if typ.Kind() == slog.KindLogValuer {
		dst = append(dst, slog.Attr{Key: KeyMetricType, Value: typ})
	}
	return append(dst, slog.Attr{Key: KeyValue, Value: v})
}

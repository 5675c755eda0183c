package event

import "log/slog"

// Messages of the records.
const (
	MessageTiming  = "telemetry.timing"  // a scope that ended
	MessageMetric  = "telemetry.metric"  // a counter, gauge, histogram or plain metric
	MessageSummary = "telemetry.summary" // many events rolled up into one, by an aggregating reporter
)

// Keys of the attributes of events, in the order in which they come.
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
	KeyUnit           = "unit"
	KeyTraceID        = "trace_id"
	KeySpanID         = "span_id"
	KeyParentSpanID   = "parent_span_id"
	KeyError          = "error"
	KeyCanceled       = "canceled" // bool, true: in place of an error
	KeyRawPreview     = "raw_preview"
	KeySampleRate     = "sample_rate" // float in (0, 1): added by sampling, see [Timing.SampleRate]
	KeyInSummary      = "in_summary"  // bool, true: see [Timing.InSummary]
)

// Keys of the attributes of a summary, besides those that it shares with events.
const (
	KeyInterval      = "interval_s"
	KeyCount         = "count"
	KeyErrors        = "errors"
	KeySum           = "sum"
	KeyMin           = "min"
	KeyMax           = "max"
	KeyMean          = "mean"
	KeyP50           = "p50"
	KeyP90           = "p90"
	KeyP95           = "p95"
	KeyP99           = "p99"
	KeyLast          = "last"
	KeyRate          = "rate"
	KeyQuantileError = "quantile_error"
	KeySketch        = "sketch"
)

// KeyInside is the key of the group in which package wide has what happened inside a root
// scope. It is not reserved: only there a caller's attribute of that name is renamed.
const KeyInside = "inside"

// UserPrefix goes before a caller's key that is one of ours.
const UserPrefix = "user_"

// Reserved reports whether a caller's attribute may not have this key, in whatever way
// it got into a record: it is one of ours, or one of the four that slog's handlers write
// themselves. Keys of summaries are reserved in events too, as one key has one type.
func Reserved(key string) bool {
	switch key {
	case KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration,
		KeyStartMonotonic, KeyEndMonotonic, KeyStartWall, KeyEndWall, KeyValue, KeyUnit,
		KeyTraceID, KeySpanID, KeyParentSpanID, KeyError, KeyCanceled, KeyRawPreview, KeySampleRate, KeyInSummary,
		KeyInterval, KeyCount, KeyErrors, KeySum, KeyMin, KeyMax, KeyMean, KeyP50, KeyP90, KeyP95, KeyP99,
		KeyLast, KeyRate, KeyQuantileError, KeySketch,
		slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey:
		return true
	}
	return false
}

// ReservedKeys are the keys for which [Reserved] is true.
func ReservedKeys() []string {
	return []string{
		KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration,
		KeyStartMonotonic, KeyEndMonotonic, KeyStartWall, KeyEndWall, KeyValue, KeyUnit,
		KeyTraceID, KeySpanID, KeyParentSpanID, KeyError, KeyCanceled, KeyRawPreview, KeySampleRate, KeyInSummary,
		KeyInterval, KeyCount, KeyErrors, KeySum, KeyMin, KeyMax, KeyMean, KeyP50, KeyP90, KeyP95, KeyP99,
		KeyLast, KeyRate, KeyQuantileError, KeySketch,
		slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey,
	}
}

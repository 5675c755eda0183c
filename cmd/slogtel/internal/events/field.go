package events

import "github.com/slogtel/telemetry/slogtel"

// A field is a key of a line that the reader knows, in either schema.
type field uint8

const (
	fNone field = iota
	fTime
	fLevel
	fScope
	fDepth
	fParent
	fType
	fCalls
	fDuration
	fDurationNanos // of ECS
	fEndWall
	fValue
	fValueText // of ECS
	fTraceID
	fSpanID
	fParentSpanID
	fError
	fSampleRate
	fInSummary
	fCanceled
	fUnit
	fInterval
	fCount
	fErrors
	fSum
	fMin
	fMax
	fMean
	fP50
	fP90
	fP95
	fP99
	fLast
	fSketch
	fIgnored // of the schema, but of no use here
)

// flatField returns the field of a key among those of an event's attributes. Those of
// a summary are anyone's on other events.
func flatField(key string, kind Kind) field {
	switch key {
	case slogtel.KeyScope:
		return fScope
	case slogtel.KeyDepth:
		return fDepth
	case slogtel.KeyParentScope:
		return fParent
	case slogtel.KeyMetricType:
		return fType
	case slogtel.KeyCallCount:
		return fCalls
	case slogtel.KeyDuration:
		return fDuration
	case slogtel.KeyEndWall:
		return fEndWall
	case slogtel.KeyStartWall, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic:
		return fIgnored
	case slogtel.KeyValue:
		return fValue
	case slogtel.KeyTraceID:
		return fTraceID
	case slogtel.KeySpanID:
		return fSpanID
	case slogtel.KeyParentSpanID:
		return fParentSpanID
	case slogtel.KeyError:
		return fError
	case slogtel.KeySampleRate:
		return fSampleRate
	case slogtel.KeyInSummary:
		return fInSummary
	case slogtel.KeyCanceled:
		return fCanceled
	case slogtel.KeyUnit:
		return fUnit
	}
	if kind == Summary {
		return summaryField(key)
	}
	return fNone
}

func summaryField(key string) field {
	switch key {
	case slogtel.KeyInterval:
		return fInterval
	case slogtel.KeyCount:
		return fCount
	case slogtel.KeyErrors:
		return fErrors
	case slogtel.KeySum:
		return fSum
	case slogtel.KeyMin:
		return fMin
	case slogtel.KeyMax:
		return fMax
	case slogtel.KeyMean:
		return fMean
	case slogtel.KeyP50:
		return fP50
	case slogtel.KeyP90:
		return fP90
	case slogtel.KeyP95:
		return fP95
	case slogtel.KeyP99:
		return fP99
	case slogtel.KeyLast:
		return fLast
	case slogtel.KeySketch:
		return fSketch
	case slogtel.KeyRate, slogtel.KeyQuantileError:
		return fIgnored
	}
	return fNone
}

// ecsRootField returns the field of a key at the root of an ECS line.
func ecsRootField(key string) field {
	switch key {
	case "@timestamp", "_time":
		return fTime
	case "event.duration":
		return fDurationNanos
	case "error.message":
		return fError
	case "trace.id":
		return fTraceID
	case "span.id":
		return fSpanID
	case "log.level":
		return fLevel
	case "message", "_msg", "_stream", "_stream_id", "ecs.version", "event.kind", "event.outcome", "event.start", "event.end", "event.dataset", "truncated":
		return fIgnored
	}
	return fNone
}

// ecsField returns the field of a member of an ECS line's own object.
func ecsField(key string, kind Kind) field {
	switch key {
	case "value_text":
		return fValueText
	case "level": // of a level without a name
		return fLevel
	}
	return flatField(key, kind)
}

func kindOf(message string) Kind {
	switch message {
	case slogtel.MessageTiming:
		return Timing
	case slogtel.MessageMetric:
		return Metric
	case slogtel.MessageSummary:
		return Summary
	}
	return other
}

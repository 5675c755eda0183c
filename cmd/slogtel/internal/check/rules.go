package check

import (
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

// A rule is of one key of an object.
type rule struct {
	key      string
	kind     kind
	required bool
}

func must(key string, k kind) rule { return rule{key, k, true} }
func may(key string, k kind) rule  { return rule{key, k, false} }

func join(lists ...[]rule) (all []rule) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// What events have, in either schema; in that of ECS inside of slogtel.
var (
	placed = []rule{
		must(slogtel.KeyScope, fullText),
		must(slogtel.KeyDepth, count),
		must(slogtel.KeyParentScope, aText),
	}
	measured = []rule{
		must(slogtel.KeyMetricType, exactly("timing")),
		must(slogtel.KeyCallCount, count),
		must(slogtel.KeyStartMonotonic, aNumber),
		must(slogtel.KeyEndMonotonic, aNumber),
	}
	kept = []rule{
		may(slogtel.KeySampleRate, aRate),
		may(slogtel.KeyInSummary, isTrue),
	}
	totals = []rule{
		must(slogtel.KeyScope, fullText),
		may(slogtel.KeyDepth, count),
		must(slogtel.KeyParentScope, aText),
		must(slogtel.KeyMetricType, oneOf("timing", "counter", "gauge", "histogram")),
		may(slogtel.KeyUnit, fullText),
		must(slogtel.KeyInterval, positive),
		must(slogtel.KeyCount, count),
		may(slogtel.KeyErrors, count),
		may(slogtel.KeySum, aNumber), may(slogtel.KeyMin, aNumber), may(slogtel.KeyMax, aNumber), may(slogtel.KeyMean, aNumber),
		may(slogtel.KeyP50, aNumber), may(slogtel.KeyP90, aNumber), may(slogtel.KeyP95, aNumber), may(slogtel.KeyP99, aNumber),
		may(slogtel.KeyLast, aNumber), may(slogtel.KeyRate, aNumber), may(slogtel.KeyQuantileError, positive), may(slogtel.KeySketch, aText),
	}
)

var flatRoot = []rule{
	must("time", aTime),
	must("level", fullText),
}

var flatRules = map[string][]rule{
	slogtel.MessageTiming: join(flatRoot, placed, measured, kept, []rule{
		must(slogtel.KeyDuration, positive),
		must(slogtel.KeyStartWall, aNumber),
		must(slogtel.KeyEndWall, aNumber),
		may(slogtel.KeyTraceID, hexDigits(32)),
		may(slogtel.KeySpanID, hexDigits(16)),
		may(slogtel.KeyParentSpanID, hexDigits(16)),
		may(slogtel.KeyError, fullText),
		may(slogtel.KeyCanceled, isTrue),
		may(slogtel.KeyRawPreview, kind{"an object, or null where the line was cut", func(v value) bool {
			return anObject.is(v) || string(v) == "null"
		}}),
		may(event.KeyInside, anObject),
	}),
	slogtel.MessageMetric: join(flatRoot, placed, kept, []rule{
		may(slogtel.KeyMetricType, oneOf("counter", "gauge", "histogram")),
		must(slogtel.KeyValue, anything),
		may(slogtel.KeyUnit, fullText),
		may(slogtel.KeyTraceID, hexDigits(32)),
		may(slogtel.KeySpanID, hexDigits(16)),
	}),
	slogtel.MessageSummary: join(flatRoot, totals),
}

var ecsRoot = []rule{
	must("@timestamp", aTime),
	must("log.level", oneOf("debug", "info", "warn", "error")),
	must("ecs.version", fullText),
	may("trace.id", hexDigits(32)),
	may("span.id", hexDigits(16)),
	may("labels", textObject),
	must("slogtel", anObject),
}

var ecsRules = map[string][]rule{
	slogtel.MessageTiming: join(ecsRoot, []rule{
		must("event.kind", exactly("event")),
		must("event.outcome", oneOf("success", "failure", "unknown")),
		must("event.duration", count),
		must("event.start", aTime),
		must("event.end", aTime),
		may("error.message", fullText),
	}),
	slogtel.MessageMetric:  join(ecsRoot, []rule{must("event.kind", exactly("metric"))}),
	slogtel.MessageSummary: join(ecsRoot, []rule{must("event.kind", exactly("metric"))}),
}

var ecsOwnRules = map[string][]rule{
	slogtel.MessageTiming: join(placed, measured, kept, []rule{
		may(slogtel.KeyParentSpanID, hexDigits(16)),
		may(slogtel.KeyCanceled, isTrue),
		may(slogtel.KeyRawPreview, aText),
		may(event.KeyInside, anObject),
	}),
	slogtel.MessageMetric: join(placed, kept, []rule{
		may(slogtel.KeyMetricType, oneOf("counter", "gauge", "histogram")),
		may(slogtel.KeyValue, aNumber),
		may("value_text", aText),
		may(slogtel.KeyUnit, fullText),
	}),
	slogtel.MessageSummary: totals,
}

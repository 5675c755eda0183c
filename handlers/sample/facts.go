package sample

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
)

func isTelemetryMessage(message string) bool {
	return message == event.MessageTiming || message == event.MessageMetric
}

// facts are what a decision depends on, as found in attributes.
type facts struct {
	scope, traceID string
	rate           float64 // of a sample_rate; 0 for none
	failed         bool
}

// add takes account of an attribute at the root level. The last one of a key counts.
func (f *facts) add(a slog.Attr) {
	switch a.Key {
	case event.KeyScope:
		if a.Value.Kind() == slog.KindString {
			f.scope = a.Value.String()
		}
	case event.KeyTraceID:
		if a.Value.Kind() == slog.KindString {
			f.traceID = a.Value.String()
		}
	case KeySampleRate:
		if rate, ok := rateOf(a); ok {
			f.rate = rate
		}
	case event.KeyError:
		f.failed = f.failed || isErrorAttr(a)
	case "": // its members are written as if they stood in its place
		if a.Value.Kind() == slog.KindGroup {
			rate := f.rate
			for _, member := range a.Value.Group() {
				f.add(member)
			}
			f.rate = rate // what is in there cannot be replaced
		}
	}
}

func isErrorAttr(a slog.Attr) bool {
	if a.Key != event.KeyError {
		return false
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return a.Value.String() != ""
	case slog.KindAny:
		return a.Value.Any() != nil
	}
	return true
}

// rateOf returns the rate that a is, if it is one.
func rateOf(a slog.Attr) (float64, bool) {
	if a.Key != KeySampleRate || a.Value.Kind() != slog.KindFloat64 {
		return 0, false
	}
	rate := a.Value.Float64()
	return rate, rate > 0 && rate <= 1
}

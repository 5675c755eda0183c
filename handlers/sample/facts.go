package sample

import (
	"log/slog"
	"math"

	"github.com/slogtel/telemetry/internal/event"
)

// maxEventDepth is how many groups deep an event is looked for.
const maxEventDepth = 8

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

// addEventIn takes account of the event that is in the group a, or in a group inside it,
// and reports whether there is one. Some handlers put the groups of WithGroup into the
// record.
func (f *facts) addEventIn(a slog.Attr, depth int) bool {
	if depth == 0 || a.Value.Kind() != slog.KindGroup {
		return false
	}
	in := *f
	for _, member := range a.Value.Group() {
		in.add(member)
	}
	if in.scope != "" {
		in.rate = f.rate
		*f = in
		return true
	}
	for _, member := range a.Value.Group() {
		if f.addEventIn(member, depth-1) {
			return true
		}
	}
	return false
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

// traceBits returns the 56 bits of a trace id that are random.
func traceBits(id string) (uint64, bool) {
	if id == "" {
		return 0, false
	}
	if len(id) != 32 {
		return hashID(id), true
	}
	var bits uint64
	var any byte
	for i := range len(id) {
		c := id[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return hashID(id), true
		}
		any |= c
		bits = bits<<4 | uint64(c)
	}
	return bits & (1<<56 - 1), any != 0 // all zeros is no id
}

// hashID returns 56 bits that are the same for an id in every process: FNV-1a with a
// finish, since of that the upper bits of short ids differ little.
func hashID(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return h >> 8
}

// threshold is the least that the bits of a trace must be to be kept at the rate.
func threshold(rate float64) uint64 {
	return uint64(math.Round((1 - rate) * (1 << 56)))
}

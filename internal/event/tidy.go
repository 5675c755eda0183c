package event

import (
	"log/slog"
	"slices"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Unreserved returns attrs, of which a handler puts those in no group beside an event's,
// with [UserPrefix] before each key that is reserved, and of those with one key the last
// one. Members of groups without a key stand beside the event, too. Also, which may be
// nil, reports further keys that are reserved. Attrs are not changed.
func Unreserved(attrs []slog.Attr, also func(key string) bool) []slog.Attr {
	list := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		list = appendUnreserved(list, a, also, maxGroupDepth)
	}
	return list
}

func appendUnreserved(list []slog.Attr, a slog.Attr, also func(key string) bool, depth int) []slog.Attr {
	if a.Key == "" && depth > 0 {
		if v := a.Value.Resolve(); v.Kind() == slog.KindGroup {
			for _, member := range v.Group() {
				list = appendUnreserved(list, member, also, depth-1)
			}
			return list
		}
	}
	if Reserved(a.Key) || also != nil && also(a.Key) {
		a.Key = UserPrefix + a.Key
	}
	return replaceOrAppend(list, a)
}

func replaceOrAppend(list []slog.Attr, a slog.Attr) []slog.Attr {
	if i := slices.IndexFunc(list, func(b slog.Attr) bool { return a.Key == b.Key }); i >= 0 {
		list[i] = a
		return list
	}
	return append(list, a)
}

// IsTidy reports whether r is an event, a timing or a metric, whose attributes stand in no
// group and have each key once, ours with the kind that they should have. It is so in the
// form in which a Telemetry makes them. For others, and where slogattrs.Known is false, it
// may return false although it is so. The caller's attributes are among those from the index
// first on.
func IsTidy(r *slog.Record) (first int, tidy bool) {
	if !slogattrs.Known() {
		return 0, false
	}
	l := slogattrs.Of(r)
	switch r.Message {
	case MessageTiming:
		var t Timing
		if !t.inOrder(l, true) {
			return 0, false
		}
		first = afterTiming
	case MessageMetric:
		var m Metric
		if !m.inOrder(l, true) {
			return 0, false
		}
		if first = atType + 1; m.Type != TypePlain {
			first = atValue + 1
		}
	default:
		return 0, false
	}
	for i := first; i < l.Len(); i++ {
		a := l.At(i)
		switch {
		case a.Key == "":
			return 0, false
		case a.Key == KeyRawPreview && (r.Message != MessageTiming || a.Value.Kind() != slog.KindGroup):
			return 0, false
		}
		for j := first; j < i; j++ {
			if l.At(j).Key == a.Key {
				return 0, false
			}
		}
	}
	return first, true
}

// Tidy returns the attributes of an event with each key once. Of several with one of our
// keys, the last that is of the right kind is ours; those of other kinds get [UserPrefix].
// Of a caller's key the last one stays, in the place of the first. Also is as for
// [Unreserved].
func Tidy(r *slog.Record, also func(key string) bool) []slog.Attr {
	list := make([]slog.Attr, 0, r.NumAttrs())
	f := fields{}
	if r.Message == MessageSummary {
		f.summary = new(Summary)
	}
	r.Attrs(func(a slog.Attr) bool {
		if f.isOurs(r.Message, a) {
			list = replaceOrAppend(list, a)
		} else {
			list = appendUnreserved(list, a, also, maxGroupDepth)
		}
		return true
	})
	return list
}

// isOurs reports whether an attribute is one that an event with this message has.
func (f *fields) isOurs(message string, a slog.Attr) (ours bool) {
	bit := bitOf(a.Key)
	defer func() {
		if ours {
			f.have |= bit
		}
	}()
	if message == MessageSummary {
		switch bit {
		case 0, haveCount:
			return f.summary.take(a)
		case haveScope, haveDepth, haveParent, haveType:
			return f.set(bit, a.Value)
		}
		return false
	}
	switch bit {
	case 0, haveCount:
		return a.Key == KeyRawPreview && message == MessageTiming && a.Value.Kind() == slog.KindGroup
	}
	return belongs(message, bit) && f.set(bit, a.Value)
}

// belongs reports whether an event with this message may have the key: with another message it
// is the caller's, or was added by a handler.
func belongs(message string, bit uint64) bool {
	switch bit {
	case haveCalls, haveDuration, haveStartMonotonic, haveEndMonotonic, haveStartWall, haveEndWall,
		haveParentSpanID, haveError, haveCanceled:
		return message == MessageTiming
	case haveValue, haveUnit:
		return message == MessageMetric
	}
	return true
}

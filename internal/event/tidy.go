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
// form in which a Telemetry makes them; for others it may be false although it is so.
func IsTidy(r *slog.Record) bool {
	l := slogattrs.Of(r)
	var keys []string
	switch {
	case r.Message == MessageTiming:
		keys = timingKeys[:]
	case r.Message == MessageMetric && l.Len() > atType && l.At(atType).Key == KeyMetricType:
		keys = metricKeys[:]
	case r.Message == MessageMetric:
		keys = plainKeys[:]
	default:
		return false
	}
	if l.Len() < len(keys) {
		return false
	}
	for i, key := range keys {
		a := l.At(i)
		ok := a.Key == key
		switch i {
		case atScope, atParent:
			ok = ok && slogattrs.IsString(&a.Value)
		case atDepth:
			ok = ok && slogattrs.IsInt64(&a.Value)
		case atType: // of a plain metric the value
			ok = ok && (len(keys) == len(plainKeys) || typeOf(&a.Value) != TypePlain)
		case atValue: // or call_count
			if len(keys) == len(metricKeys) {
				ok = ok && fits(typeOf(&l.At(atType).Value), &a.Value)
			} else {
				ok = ok && slogattrs.IsInt64(&a.Value) && typeOf(&l.At(atType).Value) == TypeTiming
			}
		default:
			_, isFloat := finiteFloat(&a.Value)
			ok = ok && isFloat
		}
		if !ok {
			return false
		}
	}
	var f fields
	own := l.Len()
	for i := len(keys); i < l.Len(); i++ {
		a := l.At(i)
		if a.Key == "" {
			return false
		}
		if bit := bitOf(a.Key); bit > haveValue && bit < haveCount {
			if f.have&bit != 0 || !f.set(bit, a.Value) {
				return false
			}
			f.have |= bit
			continue
		}
		if Reserved(a.Key) && (a.Key != KeyRawPreview || r.Message != MessageTiming || a.Value.Kind() != slog.KindGroup) {
			return false
		}
		own = min(own, i)
		for j := own; j < i; j++ {
			if l.At(j).Key == a.Key {
				return false
			}
		}
	}
	return true
}

var (
	timingKeys = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount, KeyDuration,
		KeyStartMonotonic, KeyEndMonotonic, KeyStartWall, KeyEndWall}
	metricKeys = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyValue}
	plainKeys  = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyValue}
)

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
	case haveCalls, haveDuration, haveStartMonotonic, haveEndMonotonic, haveStartWall, haveEndWall,
		haveParentSpanID, haveError, haveCanceled:
		if message != MessageTiming {
			return false
		}
	case haveValue, haveUnit:
		if message != MessageMetric {
			return false
		}
	}
	return f.set(bit, a.Value)
}

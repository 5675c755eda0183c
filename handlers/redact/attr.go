package redact

import (
	"log/slog"
	"reflect"
	"slices"

	schema "github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/secrets"
)

// attrs returns attrs without the secrets in them, and whether there were any; if not, the
// slice is the same.
func (w *walk) attrs(attrs []slog.Attr) ([]slog.Attr, bool) {
	var clean []slog.Attr
	for i := range attrs {
		a, changed := w.attr(attrs[i])
		if changed && clean == nil {
			clean = append(make([]slog.Attr, 0, len(attrs)), attrs[:i]...)
		}
		if clean != nil {
			clean = append(clean, a)
		}
	}
	if clean == nil {
		return attrs, false
	}
	return clean, true
}

// attr returns a without the secrets in it, and whether there were any.
func (w *walk) attr(a slog.Attr) (slog.Attr, bool) {
	if !w.next() {
		return slog.String(w.rules.mask, w.cut()), true
	}
	v := a.Value
	if v.Kind() == slog.KindLogValuer {
		v = v.Resolve()
	}
	if v.Kind() == slog.KindGroup {
		return w.groupAttr(a, v.Group())
	}
	if a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil {
		return slog.Attr{}, false
	}
	f := w.rules.facts(a.Key)
	key, changed := w.cleanName(f, a.Key)
	if w.label && f.labeled && isTextOrAny(v) && !w.isOwn(a.Key) {
		return slog.String(key, w.masked()), true
	}
	if w.hidden || w.hidesAs(f, a.Key) && !(f.path && w.isPath(a.Key, v)) || f.judged && !f.allowed && w.isSecret(a.Key, v) {
		return slog.String(key, w.masked()), true
	}
	w.label = w.label || f.label && w.isLabelOf(a.Key, v)
	v, other := w.value(a.Key, v)
	if a.Value.Kind() == slog.KindLogValuer && !(changed || other) && saysItself(a.Value.Any(), v) {
		return a, false
	}
	if !changed && !other && a.Value.Kind() != slog.KindLogValuer {
		return a, false
	}
	return slog.Attr{Key: key, Value: v}, true
}

// groupAttr is attr for a group, whose members may have been resolved from a.
func (w *walk) groupAttr(a slog.Attr, members []slog.Attr) (slog.Attr, bool) {
	resolved := a.Value.Kind() == slog.KindLogValuer
	if a.Key == "" { // the members stand in its place
		return w.members(a.Key, members, resolved)
	}
	f := w.rules.facts(a.Key)
	key, changed := w.cleanName(f, a.Key)
	if len(members) > 0 && (w.hidden || w.hidesAs(f, a.Key)) {
		return slog.String(key, w.masked()), true
	}
	w.enter(a.Key)
	a, changed = w.members(key, members, resolved || changed)
	w.leave()
	return a, changed
}

func (w *walk) members(key string, members []slog.Attr, changed bool) (slog.Attr, bool) {
	w.depth++
	label := w.label
	if key != "" {
		w.label = false
	}
	clean, other := w.attrs(members)
	w.label = label
	w.depth--
	if w.labeled(members) {
		clean, other = w.hideLabeled(clean, other), true
	}
	return slog.Attr{Key: key, Value: slog.GroupValue(clean...)}, changed || other
}

// labeled reports whether one of the members says that another is a secret.
func (w *walk) labeled(members []slog.Attr) bool {
	for i := range members {
		if w.isLabelOf(members[i].Key, members[i].Value) {
			return true
		}
	}
	return false
}

// isLabelOf reports whether an attribute tells that the value beside it is a secret.
func (w *walk) isLabelOf(key string, v slog.Value) bool {
	return isLabel(key) && v.Kind() == slog.KindString && w.isSecretName(v.String())
}

func (w *walk) hideLabeled(members []slog.Attr, own bool) []slog.Attr {
	if !own {
		members = slices.Clone(members)
	}
	for i := range members {
		if isLabeled(members[i].Key) && !w.isMask(members[i].Value) {
			members[i].Value = slog.StringValue(w.masked())
		}
	}
	return members
}

// hideBeside is hideLabeled for the attributes of a record, whose value may be that of a metric: a
// number is not hidden.
func (w *walk) hideBeside(attrs []slog.Attr) {
	for i := range attrs {
		if v := attrs[i].Value; !w.isOwn(attrs[i].Key) && isLabeled(attrs[i].Key) && isTextOrAny(v) && !w.isMask(v) {
			attrs[i].Value = slog.StringValue(w.masked())
		}
	}
}

// isOwn reports whether key is that of telemetry itself, in a record of telemetry: the value of a metric beside an
// attribute called name.
func (w *walk) isOwn(key string) bool { return w.telemetry && w.depth == 0 && key == "value" }

func isTextOrAny(v slog.Value) bool { return v.Kind() == slog.KindString || v.Kind() == slog.KindAny }

// isMask reports whether a value was hidden before.
func (w *walk) isMask(v slog.Value) bool {
	return v.Kind() == slog.KindString && v.String() == w.rules.mask
}

// value returns a value that was resolved and is no group without the secrets in it.
func (w *walk) value(key string, v slog.Value) (slog.Value, bool) {
	switch v.Kind() {
	case slog.KindString:
		s := v.String()
		if isTraceID(key, s) {
			return v, false
		}
		if key == "scope" || key == "parent_scope" {
			if clean, changed := w.scope(s); changed {
				return slog.StringValue(clean), true
			}
			return v, false
		}
		if clean, changed := w.text(s); changed {
			return slog.StringValue(clean), true
		}
	case slog.KindAny:
		w.enter(key)
		clean, changed := w.any(v.Any())
		w.leave()
		if changed {
			return slog.AnyValue(clean), true
		}
	}
	return v, false
}

// isSecret reports whether a value makes a secret's name of one that may mean other things, such as pass.
func (w *walk) isSecret(key string, v slog.Value) bool {
	return v.Kind() == slog.KindString && secrets.PairOf(key, v.String(), w.rules.kinds)
}

// isPath reports whether a value is the path of a file, under a name such as pwd.
func (w *walk) isPath(key string, v slog.Value) bool {
	return v.Kind() == slog.KindString && !w.isSecret(key, v)
}

// isTraceID reports whether s is one of the ids that join logs and telemetry: without letters
// it may look like a card number.
func isTraceID(key, s string) bool {
	switch key {
	case "trace_id", "span_id", "parent_span_id":
	default:
		return false
	}
	if len(s) != 16 && len(s) != 32 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// saysItself reports whether a LogValuer is a string type that resolves to the string it is, as
// the type of a metric does, or is a series, which resolves to its type. It is as good as the
// string, and tells more.
func saysItself(x any, v slog.Value) bool {
	if _, ok := x.(*schema.Series); ok {
		return true
	}
	r := reflect.ValueOf(x)
	return r.Kind() == reflect.String && v.Kind() == slog.KindString && r.String() == v.String()
}

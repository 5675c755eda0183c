package redact

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"

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
	v, resolved := a.Value, a.Value.Kind() == slog.KindLogValuer
	if resolved {
		v = v.Resolve()
	}
	isGroup := v.Kind() == slog.KindGroup
	if a.Key == "" && isGroup { // the members stand in its place
		return w.members("", v.Group(), resolved)
	}
	if a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil {
		return slog.Attr{}, false
	}
	f := w.rules.facts(a.Key)
	key, changed := w.cleanName(f, a.Key)
	hides := w.hidden || w.hidesAs(f, a.Key)
	if isGroup {
		if hides && len(v.Group()) > 0 {
			return slog.String(key, w.masked()), true
		}
		w.enter(a.Key)
		a, changed = w.members(key, v.Group(), resolved || changed)
		w.leave()
		return a, changed
	}
	if hides && f.path && !w.hidden && v.Kind() == slog.KindString { // a name such as pwd
		hides = w.isSecret(a.Key, v)
	}
	if hides || f.judged && !f.allowed && w.isSecret(a.Key, v) || w.label && f.labeled && isTextOrAny(v) && !w.isOwn(a.Key) {
		return slog.String(key, w.masked()), true
	}
	w.label = w.label || f.label && w.isLabelOf(a.Key, v)
	v, other := w.slogValue(a.Key, v)
	if !changed && !other && (!resolved || saysItself(a.Value.Any(), v)) {
		return a, false
	}
	return slog.Attr{Key: key, Value: v}, true
}

// members is attr for a group, which was or was not changed before.
func (w *walk) members(key string, members []slog.Attr, changed bool) (slog.Attr, bool) {
	w.depth++
	label := w.label
	if key != "" {
		w.label = false
	}
	clean, other := w.attrs(members)
	if slices.ContainsFunc(members, func(a slog.Attr) bool { return w.isLabelOf(a.Key, a.Value) }) {
		clean, other = w.hideBeside(clean, other), true
	}
	w.label = label
	w.depth--
	return slog.Attr{Key: key, Value: slog.GroupValue(clean...)}, changed || other
}

// isLabelOf reports whether an attribute tells that the value beside it is a secret.
func (w *walk) isLabelOf(key string, v slog.Value) bool {
	return isLabel(key) && v.Kind() == slog.KindString && w.isSecretName(v.String())
}

// hideBeside hides the values beside an attribute that tells what they are, in attrs or, if these are not its own, in a
// copy. A number in a record itself may be that of a metric and is not hidden.
func (w *walk) hideBeside(attrs []slog.Attr, own bool) []slog.Attr {
	if !own {
		attrs = slices.Clone(attrs)
	}
	for i := range attrs {
		v := attrs[i].Value
		isMask := v.Kind() == slog.KindString && v.String() == w.rules.mask
		if isLabeled(attrs[i].Key) && !isMask && !w.isOwn(attrs[i].Key) && (w.depth > 0 || isTextOrAny(v)) {
			attrs[i].Value = slog.StringValue(w.masked())
		}
	}
	return attrs
}

// isOwn reports whether key is that of telemetry itself, in a record of telemetry: the value of a metric beside an
// attribute called name.
func (w *walk) isOwn(key string) bool { return w.telemetry && w.depth == 0 && key == "value" }

func isTextOrAny(v slog.Value) bool { return v.Kind() == slog.KindString || v.Kind() == slog.KindAny }

// slogValue returns a value that was resolved and is no group without the secrets in it.
func (w *walk) slogValue(key string, v slog.Value) (slog.Value, bool) {
	switch v.Kind() {
	case slog.KindString:
		s := v.String()
		if isTraceID(key, s) {
			return v, false
		}
		look := w.text
		if key == "scope" || key == "parent_scope" {
			look = w.scope
		}
		if clean, changed := look(s); changed {
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

// isTraceID reports whether s is one of the ids that join logs and telemetry: without letters
// it may look like a card number.
func isTraceID(key, s string) bool {
	isID := key == "trace_id" || key == "span_id" || key == "parent_span_id"
	return isID && (len(s) == 16 || len(s) == 32) && strings.Trim(s, "0123456789abcdef") == ""
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

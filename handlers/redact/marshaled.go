package redact

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
)

// frozen is what a value with methods told, once and for all: as JSON, and as text. It holds nothing of the value.
type frozen struct {
	json any // of maps, slices, texts and numbers
	text string
}

func (f frozen) MarshalJSON() ([]byte, error) {
	if raw, ok := f.json.(json.RawMessage); ok {
		return raw, nil
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(f.json)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

func (f frozen) MarshalText() ([]byte, error) { return []byte(f.text), nil }
func (f frozen) String() string               { return f.text }

// marshaled returns what a value shows of itself by its methods, if it has any.
func (w *walk) marshaled(v reflect.Value) (x any, ok bool) {
	if !v.CanInterface() {
		return nil, false
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() && v.Type().Name() != "" {
		v = v.Addr()
	}
	t := v.Type()
	if t.NumMethod() == 0 {
		return nil, false
	}
	if t.Kind() == reflect.Pointer && isSecretType(t.Elem()) || isSecretType(t) {
		return w.masked(), true
	}
	defer w.recovered(&x, &ok, len(w.path), w.depth)
	switch x := v.Interface().(type) {
	case slog.LogValuer:
		return w.slog(slog.AnyValue(x)), true
	case *slog.Value:
		return w.slog(*x), true
	case slog.Value:
		return w.slog(x), true
	case *slog.Attr:
		return w.slog(slog.GroupValue(*x)), true
	case slog.Attr:
		return w.slog(slog.GroupValue(x)), true
	case *url.URL:
		return w.shown([]byte(x.String()), nil, v), true
	case url.URL:
		return w.shown([]byte(x.String()), nil, v), true
	case json.RawMessage: // which has a String method in some releases of Go, and in others none
		return w.raw(x), true
	case *json.RawMessage:
		return w.raw(*x), true
	case error:
		return w.errValue(x), true
	}
	return w.byMethods(v)
}

// byMethods is marshaled for the methods of encoding, encoding/json and fmt.
func (w *walk) byMethods(v reflect.Value) (any, bool) {
	var f frozen
	switch x := v.Interface().(type) {
	case encoding.TextAppender: // log/slog prefers it from Go 1.27 on
		b, err := x.AppendText(nil)
		f.text = w.shown(b, err, v)
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		f.text = w.shown(b, err, v)
	case fmt.Formatter, fmt.Stringer:
		f.text = w.shown(fmt.Appendf(nil, "%+v", x), nil, v)
	case json.Marshaler:
	default:
		return nil, false
	}
	switch x := v.Interface().(type) {
	case json.Marshaler:
		b, err := x.MarshalJSON()
		j, isJSON := frozen{}, false
		if err == nil {
			j, isJSON = w.jsonText([]byte(w.without(string(b), v))).(frozen)
		}
		if !isJSON {
			return w.shown(b, err, v), true
		}
		var s string
		if f.text == "" && json.Unmarshal(j.json.(json.RawMessage), &s) == nil {
			return s, true
		}
		if f.json = j.json; f.text == "" {
			f.text = j.text
		}
	case encoding.TextMarshaler:
		return f.text, true
	default:
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		f.json = w.plain(v)
	}
	return f, true
}

// shown returns a text that a value told of itself.
func (w *walk) shown(b []byte, err error, v reflect.Value) string {
	s := string(b)
	if err != nil {
		s = "!ERROR:" + err.Error()
	}
	s, _ = w.text(w.without(s, v))
	return s
}

// without returns s without the texts that stand under the name of a secret in v itself: what a
// type with a field Password tells of itself may have it without its name.
func (w *walk) without(s string, v reflect.Value) string {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return s
	}
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s = w.without(s, v.Field(i))
			continue
		}
		if secret, ok := textOf(v.Field(i)); ok && len(secret) > 3 && strings.Contains(s, secret) && w.hides(f.Name) {
			w.names++
			s = strings.ReplaceAll(s, secret, w.rules.mask)
		}
	}
	return s
}

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

// frozen is what a value with methods said, once and for all: as JSON, and as text. It holds
// nothing of the value.
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

// spoken asks a value for its own words, if it has any.
func (w *walk) spoken(v reflect.Value) (x any, ok bool) {
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
	path, depth := len(w.path), w.depth
	defer func() {
		if p := recover(); p != nil {
			w.path, w.depth = w.path[:path], depth
			x, ok = w.panicText(p), true
		}
	}()
	switch x := v.Interface().(type) {
	case slog.LogValuer:
		return w.slogTree(slog.AnyValue(x)), true
	case *slog.Value:
		return w.slogTree(*x), true
	case slog.Value:
		return w.slogTree(x), true
	case *slog.Attr:
		return w.slogTree(slog.GroupValue(*x)), true
	case slog.Attr:
		return w.slogTree(slog.GroupValue(x)), true
	case *url.URL:
		s, _ := w.text(x.String())
		return s, true
	case url.URL:
		s, _ := w.text(x.String())
		return s, true
	case json.RawMessage: // which has a String method in some releases of Go, and in others none
		return w.raw(x), true
	case *json.RawMessage:
		return w.raw(*x), true
	case error:
		text, _ := w.errText(x)
		text, _ = w.text(text)
		if _, hasJSON := x.(json.Marshaler); !hasJSON {
			return text, true
		}
		y, ok := w.words(v)
		if f, isFrozen := y.(frozen); isFrozen {
			f.text = text
			return f, true
		}
		return y, ok
	}
	return w.words(v)
}

// words is spoken for a value that tells its JSON or text.
func (w *walk) words(v reflect.Value) (any, bool) {
	x := v.Interface()
	marshaler, hasJSON := x.(json.Marshaler)
	texter, hasText := x.(encoding.TextMarshaler)
	_, isFormatter := x.(fmt.Formatter)
	_, isStringer := x.(fmt.Stringer)
	if !hasJSON && !hasText && !isFormatter && !isStringer {
		return nil, false
	}
	var f frozen
	switch {
	case hasText:
		b, err := texter.MarshalText()
		f.text = w.said(b, err, v)
	case isFormatter, isStringer:
		f.text = w.said(fmt.Appendf(nil, "%+v", x), nil, v)
	}
	switch {
	case hasJSON:
		b, err := marshaler.MarshalJSON()
		j, isJSON := frozen{}, false
		if err == nil {
			j, isJSON = w.jsonText([]byte(w.without(string(b), v))).(frozen)
		}
		if !isJSON {
			return w.said(b, err, v), true
		}
		var s string
		if f.text == "" && json.Unmarshal(j.json.(json.RawMessage), &s) == nil {
			return s, true
		}
		if f.json = j.json; f.text == "" {
			f.text = j.text
		}
	case hasText:
		return f.text, true
	default:
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		f.json = w.plainTree(v)
	}
	return f, true
}

// said returns a text that a value told of itself.
func (w *walk) said(b []byte, err error, v reflect.Value) string {
	s := string(b)
	if err != nil {
		s = "!ERROR:" + err.Error()
	}
	s, _ = w.text(w.without(s, v))
	return s
}

// slogTree is tree for a value of slog.
func (w *walk) slogTree(v slog.Value) any {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		if x := v.Any(); x != nil {
			return w.tree(reflect.ValueOf(x))
		}
		return nil
	}
	if w.depth++; !w.next() {
		w.depth--
		return w.cut()
	}
	attrs, _ := w.attrs(v.Group())
	if w.labeled(attrs) {
		attrs = w.hideLabeled(attrs, false)
	}
	tree := make(map[string]any, len(attrs))
	for _, a := range attrs {
		w.addAttr(tree, a)
	}
	w.depth--
	return tree
}

// addAttr adds an attribute that has been looked at.
func (w *walk) addAttr(tree map[string]any, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup {
		if a.Key != "" || v.Any() != nil {
			tree[a.Key] = v.Any()
		}
		return
	}
	in := tree
	if a.Key != "" {
		in = make(map[string]any, len(v.Group()))
		tree[a.Key] = in
	}
	for _, m := range v.Group() {
		w.addAttr(in, m)
	}
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

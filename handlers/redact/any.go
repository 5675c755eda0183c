package redact

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// any returns a value that is none of slog's own kinds without the secrets in it, and whether
// it is another one: a value passes as it is only when nothing is found in it and nobody can
// change it or make it say something else.
func (w *walk) any(x any) (clean any, changed bool) {
	defer w.recovered(&clean, &changed, len(w.path), w.depth)
	switch x := x.(type) {
	case nil:
		return nil, false
	case error:
		return w.err(x)
	case json.RawMessage:
		return w.raw(x), true
	case *slog.Source:
		if x == nil {
			return x, false
		}
		src := *x
		src.Function, _ = w.text(src.Function)
		src.File, _ = w.text(src.File)
		return &src, true
	}
	v := reflect.ValueOf(x)
	switch t := v.Type(); {
	case isInert(t):
		if !w.finds(v) {
			return x, false
		}
	case t.Kind() == reflect.Pointer && t.NumMethod() == 0 && isInert(t.Elem()) && !v.IsNil():
		own := reflect.New(t.Elem())
		own.Elem().Set(v.Elem())
		if !w.finds(own.Elem()) {
			return own.Interface(), true
		}
		v = own
	}
	return w.tree(v), true
}

// raw returns raw JSON, or a text in its place where it is none.
func (w *walk) raw(x json.RawMessage) any {
	if len(x) == 0 {
		return json.RawMessage(nil)
	}
	if f, ok := w.jsonText(x).(frozen); ok {
		return f.json
	}
	s, _ := w.text(string(x))
	return s
}

// recovered makes a panic, be it in a method of the value or not, a text in its place.
func (w *walk) recovered(clean *any, changed *bool, path, depth int) {
	if p := recover(); p != nil {
		w.path, w.depth = w.path[:path], depth
		*clean, *changed = w.panicText(p), true
	}
}

// panicText tells of a panic. What was panicked with may have methods that panic.
func (w *walk) panicText(p any) string {
	s, _ := w.text(fmt.Sprintf("!PANIC: %v", p))
	return s
}

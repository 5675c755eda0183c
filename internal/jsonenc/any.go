package jsonenc

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
)

// AppendAny appends a value that is none of slog's own kinds: the text of an error, and otherwise
// what encoding/json makes of it, without HTML escaping. When that fails, or a method of the value
// panics, a string that says so stands in its place; a nil pointer whose method panics is "<nil>".
func AppendAny(dst []byte, v any) (out []byte) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case slog.Level:
		return AppendLevel(dst, v)
	case []string:
		if out, ok := appendPlainStrings(dst, v); ok {
			return out
		}
	}
	defer func() {
		if r := recover(); r != nil {
			out = appendPanic(dst, v, r) // dst is as it came: nothing is kept of what was begun
		}
	}()
	if err, ok := v.(error); ok {
		if _, ok := v.(json.Marshaler); !ok {
			return AppendString(dst, err.Error())
		}
	}
	out, err := appendJSON(dst, v)
	if err != nil {
		return AppendString(dst, fmt.Sprintf("!ERROR:%v", err)) // as slog does
	}
	return out
}

// appendPlainStrings appends a list as encoding/json does, as long as there is nothing to escape: its
// escapes are not those of slog.
func appendPlainStrings(dst []byte, list []string) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		n, end := len(dst), len(dst)+len(s)+2
		dst = slices.Grow(dst, len(s)+2)[:end]
		dst[n], dst[end-1] = '"', '"'
		if !copyPlain(dst[n+1:], s) {
			return nil, false
		}
	}
	return append(dst, ']'), true
}

func appendPanic(dst []byte, v, recovered any) []byte {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return AppendString(dst, "<nil>")
	}
	return AppendString(dst, fmt.Sprintf("!PANIC: %v", recovered))
}

// encoder is a json.Encoder that appends to a slice.
type encoder struct {
	dst  []byte
	json *json.Encoder
}

func (e *encoder) Write(p []byte) (int, error) {
	e.dst = append(e.dst, p...)
	return len(p), nil
}

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.json = json.NewEncoder(e)
	e.json.SetEscapeHTML(false)
	return e
}}

// appendJSON appends what encoding/json makes of v. The encoder writes only once it has succeeded,
// so an error leaves dst alone; one whose value panicked is not used again.
func appendJSON(dst []byte, v any) ([]byte, error) {
	e := encoders.Get().(*encoder)
	e.dst = dst
	err := e.json.Encode(v)
	out := e.dst
	e.dst = nil
	encoders.Put(e)
	if err != nil {
		return dst, err
	}
	return out[:len(out)-1], nil // Encode ends with a newline
}

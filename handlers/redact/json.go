package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// jsonText returns JSON without the secrets in it, as a frozen value; nil where b is none. The order of members and
// doubled names stay.
func (w *walk) jsonText(b []byte) any {
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(b)), left: max(0, maxValues-w.seen)}
	r.dec.UseNumber()
	tree, err := r.value()
	isCut := errors.Is(err, errCut)
	if err == nil {
		_, err = r.dec.Token()
	}
	if !isCut && !errors.Is(err, io.EOF) {
		return nil
	}
	names, shapes, cuts := w.names, w.shapes, w.cuts
	out := appendJSON(nil, w.value(reflect.ValueOf(tree)))
	if isCut && w.cuts == cuts { // within what is hidden
		w.cut()
	}
	if w.names == names && w.shapes == shapes && w.cuts == cuts && !w.dirty(string(b)) {
		out = bytes.Clone(b)
	} else if s := string(out); !isCut && len(w.rules.allow.names)+len(w.rules.allow.paths) == 0 && w.dirtyBeyondMask(s) {
		// What only the pieces together make: there is no telling where JSON may be cut.
		s, _ = w.text(s)
		out = jsonenc.AppendString(nil, s)
	}
	return frozen{json.RawMessage(out), string(out)}
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

// bytes returns b, which is the walk's own, as bytes without the secrets in them.
func (w *walk) bytes(b []byte) []byte {
	if f, ok := w.jsonText(b).(frozen); ok {
		return f.json.(json.RawMessage)
	}
	s := string(b)
	clean, changed := w.text(s)
	if !changed {
		return b
	}
	return []byte(clean)
}

// The values of JSON, for the walk, are texts, booleans, nil, []any and these.
type (
	jsonNumber string   // as it is written
	jsonObject []member // in order
	jsonRest   struct{} // what is not read
)

var (
	jsonNumberType = reflect.TypeFor[jsonNumber]()
	jsonObjectType = reflect.TypeFor[jsonObject]()
	jsonRestType   = reflect.TypeFor[jsonRest]()
)

// jsonReader reads no more values than the walk looks at.
type jsonReader struct {
	dec  *json.Decoder
	left int
}

var errCut = errors.New("cut off") // what was read so far is whole, the rest is not read

func (r *jsonReader) value() (any, error) {
	if r.left--; r.left < 0 {
		return jsonRest{}, errCut
	}
	tok, err := r.dec.Token()
	switch tok := tok.(type) {
	case json.Number:
		return jsonNumber(tok), err
	case json.Delim:
		if tok == '{' {
			return r.object()
		}
		return r.list()
	}
	return tok, err
}

func (r *jsonReader) object() (any, error) {
	members := jsonObject{}
	for r.dec.More() {
		name, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := r.value()
		members = append(members, member{name: name.(string), value: reflect.ValueOf(v)})
		if err != nil {
			return members, err
		}
	}
	_, err := r.dec.Token()
	return members, err
}

func (r *jsonReader) list() (any, error) {
	list := []any{}
	for r.dec.More() {
		v, err := r.value()
		if list = append(list, v); err != nil {
			return list, err
		}
	}
	_, err := r.dec.Token()
	return list, err
}

// appendJSON appends what the walk made of JSON.
func appendJSON(dst []byte, x any) []byte {
	switch x := x.(type) {
	case string:
		return jsonenc.AppendString(dst, x)
	case jsonNumber:
		return append(dst, x...)
	case bool:
		return jsonenc.AppendBool(dst, x)
	case []any:
		for i, v := range x {
			dst = appendJSON(append(dst, "[,"[min(i, 1)]), v)
		}
		if len(x) == 0 {
			dst = append(dst, '[')
		}
		return append(dst, ']')
	case []cleanMember:
		for i, m := range x {
			dst = appendJSON(jsonenc.AppendKey(append(dst, "{,"[min(i, 1)]), m.name), m.value)
		}
		if len(x) == 0 {
			dst = append(dst, '{')
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

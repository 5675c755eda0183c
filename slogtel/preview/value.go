package preview

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/jsonfields"
	"github.com/slogtel/telemetry/internal/secrets"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// maxHops is how many pointers, interfaces and LogValuers are followed to reach a value. It ends cycles
// of them.
const maxHops = 32

// maxName is how many bytes of a member's name are read, and of a number.
const maxName = 256

// fromValue looks at a Go value, behind its pointers and interfaces.
func fromValue(v reflect.Value) view { return look(v, maxHops) }

func look(v reflect.Value, hops int) view {
	for ; hops > 0; hops-- {
		switch v.Kind() {
		case reflect.Invalid:
			return view{kind: null}
		case reflect.Interface:
			v = v.Elem()
			continue
		case reflect.Pointer:
			if v.IsNil() {
				return view{kind: null}
			}
		}
		if w, ok := ownWord(v, hops-1); ok {
			return w
		}
		if v.Kind() != reflect.Pointer {
			return plainValue(v)
		}
		v = v.Elem()
	}
	return view{kind: opaque, val: v}
}

// plainValue is the view of a value that has nothing to say about itself.
func plainValue(v reflect.Value) view {
	w := view{val: v}
	switch v.Kind() {
	case reflect.String:
		w.kind, w.str = text, v.String()
	case reflect.Bool:
		w.kind = boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		w.kind = number
	case reflect.Struct:
		w.kind = object
	case reflect.Map:
		if w.kind = object; v.IsNil() {
			w.kind = null
		}
	case reflect.Slice, reflect.Array:
		switch {
		case v.Kind() == reflect.Slice && v.IsNil():
			w.kind = null
		case v.Type().Elem().Kind() == reflect.Uint8:
			return bytesView(v)
		default:
			w.kind = array
		}
	default:
		w.kind = opaque
	}
	return w
}

// bytesView takes bytes for JSON where they are, else for text.
func bytesView(v reflect.Value) view {
	if v.Kind() == reflect.Array {
		if !v.CanAddr() {
			return view{kind: opaque, val: v}
		}
		v = v.Slice(0, v.Len())
	}
	s := slogattrs.View(v.Bytes()) // no copy, which can be megabytes: it is read during the call, and what is kept of it is copied
	if w, ok := parse(s); ok {
		return w
	}
	return view{kind: text, val: v, str: s}
}

// ownWord asks a value for its own view of itself, where its type offers one that may keep something
// back: a LogValuer always, and the other ways to print a value for types with nothing inside that we
// could read: named strings and numbers, structs without exported fields. Structs with exported fields,
// maps and slices are read field by field, so that a response is not encoded as a whole to be previewed.
func ownWord(v reflect.Value, hops int) (w view, ok bool) {
	t := v.Type()
	if !v.CanInterface() || t.NumMethod() == 0 && (t.Kind() == reflect.Pointer || !v.CanAddr() || reflect.PointerTo(t).NumMethod() == 0) {
		return view{}, false
	}
	if t.NumMethod() == 0 {
		v = v.Addr()
	}
	defer func() {
		if p := recover(); p != nil {
			w, ok = view{kind: text, val: v, str: "!PANIC in " + t.String()}, true
		}
	}()
	switch x := v.Interface().(type) {
	case json.RawMessage, *json.RawMessage:
		return view{}, false
	case json.Number:
		return view{kind: number, val: v, str: string(x)}, true
	case time.Time:
		return view{kind: text, val: v, str: x.Format(time.RFC3339Nano)}, true
	case slog.LogValuer:
		return slogView(slog.AnyValue(x), hops), true
	case slog.Value:
		return slogView(x, hops), true
	case *url.Userinfo:
		return view{kind: text, val: v, str: secrets.Mask}, true
	case *url.URL:
		return view{kind: text, val: v, str: x.String()}, true
	case error:
		return view{kind: text, val: v, str: x.Error()}, true
	}
	if !isLeaf(t) {
		return view{}, false
	}
	switch x := v.Interface().(type) {
	case fmt.Stringer:
		return view{kind: text, val: v, str: x.String()}, true
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		return view{kind: text, val: v, str: string(b)}, err == nil
	case json.Marshaler:
		b, err := x.MarshalJSON()
		if err != nil {
			return view{}, false
		}
		return parse(string(b))
	}
	return view{}, false
}

// isLeaf reports whether a value of this type holds nothing that could be read field by field.
func isLeaf(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		return len(jsonfields.Of(t)) == 0
	case reflect.Slice, reflect.Array:
		return t.Elem().Kind() == reflect.Uint8
	case reflect.Map, reflect.Pointer, reflect.Interface:
		return false
	}
	return true
}

// slogView is the view of a value of slog. One whose LogValue panics is resolved to an error by slog.
func slogView(x slog.Value, hops int) view {
	switch x = x.Resolve(); x.Kind() {
	case slog.KindGroup:
		return view{kind: object, val: reflect.ValueOf(x.Group())}
	case slog.KindTime, slog.KindDuration:
		return view{kind: text, str: x.String()}
	}
	return look(reflect.ValueOf(x.Any()), hops)
}

// valueMembers yields the members of a struct, a map or a group of slog attributes.
func valueMembers(v reflect.Value, yield func(name string, v view) bool) {
	switch v.Kind() {
	case reflect.Struct:
		structMembers(v, yield)
	case reflect.Map:
		mapMembers(v, yield)
	case reflect.Slice:
		attrs, _ := v.Interface().([]slog.Attr)
		for _, a := range attrs[:min(len(attrs), maxMembers)] {
			if !yield(a.Key, slogView(a.Value, maxHops)) {
				return
			}
		}
	}
}

// mapMembers yields the entries of a map in the order of their keys. Of a map with more than maxMembers
// entries it yields that many, in no order.
func mapMembers(v reflect.Value, yield func(name string, v view) bool) {
	type entry struct {
		name string
		v    reflect.Value
	}
	entries := make([]entry, 0, min(v.Len(), maxMembers))
	for it := v.MapRange(); len(entries) < maxMembers && it.Next(); {
		entries = append(entries, entry{keyText(it.Key()), it.Value()})
	}
	if v.Len() <= maxMembers {
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	}
	for _, e := range entries {
		if !yield(e.name, view{kind: pending, val: e.v}) {
			return
		}
	}
}

// keyText is the name that a map's key stands for.
func keyText(v reflect.Value) string {
	k := fromValue(v)
	switch k.kind {
	case text:
		return k.str
	case number, boolean:
		return k.scalarText()
	}
	return "<" + v.Type().String() + ">"
}

// scalarText is how a number or a boolean is written.
func (v view) scalarText() string {
	switch {
	case v.doc != nil:
		return v.js[:min(len(v.js), maxName)]
	case v.str != "":
		return v.str[:min(len(v.str), maxName)]
	case v.kind == boolean:
		return strconv.FormatBool(v.val.Bool())
	case v.val.CanInt():
		return strconv.FormatInt(v.val.Int(), 10)
	case v.val.CanUint():
		return strconv.FormatUint(v.val.Uint(), 10)
	case v.val.CanFloat():
		return strconv.FormatFloat(v.val.Float(), 'g', -1, v.val.Type().Bits())
	}
	return ""
}

package redact

import (
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/secrets"
)

// any returns what is behind slog.Any without the secrets in it, and whether it is another value. A value
// passes as it is only when nothing is found in it and nobody can change it or make it show something else.
func (w *walk) any(x any) (clean any, changed bool) {
	defer w.recovered(&clean, &changed, len(w.path), w.depth)
	switch x := x.(type) {
	case nil:
		return nil, false
	case error:
		return w.err(x)
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
	return w.value(v), true
}

// value is the walk: it returns a copy of v, made of maps, slices, numbers and texts, in which nothing is to be
// found. The copy shares nothing with v.
func (w *walk) value(v reflect.Value) any {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !w.next() {
		return w.cut()
	}
	w.depth++
	defer func() { w.depth-- }()
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Type() == reflect.PointerTo(timeType) {
			return w.value(v.Elem())
		}
	}
	switch v.Type() {
	case jsonNumberType:
		return v.Interface()
	case jsonObjectType:
		return w.clean(v.Interface().(jsonObject))
	case jsonRestType:
		return w.cut()
	}
	if isInert(v.Type()) && v.CanInterface() && !w.finds(v) {
		return v.Interface()
	}
	if x, ok := w.marshaled(v); ok {
		return x
	}
	return w.plain(v)
}

// plain is value for one that does not tell how it is shown.
func (w *walk) plain(v reflect.Value) any {
	switch t := v.Type(); v.Kind() {
	case reflect.Pointer:
		return w.value(v.Elem())
	case reflect.String:
		s, _ := w.text(v.String())
		return s
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint()
	case reflect.Float32:
		return float32(v.Float())
	case reflect.Float64:
		return v.Float()
	case reflect.Struct:
		if isSecretType(t) {
			return w.masked()
		}
		return w.object(w.fields(v))
	case reflect.Map:
		return w.object(w.entries(v))
	case reflect.Slice, reflect.Array:
		switch elem := t.Elem(); {
		case elem.Kind() == reflect.Uint8 && elem.NumMethod() == 0:
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return w.bytes(b)
		case isNumber(elem):
			own := reflect.MakeSlice(reflect.SliceOf(elem), v.Len(), v.Len())
			reflect.Copy(own, v)
			return own.Interface()
		}
		return w.list(v)
	}
	return "<" + v.Type().String() + ">"
}

// member is what has a name: an entry of a map, a field, an attribute.
type member struct {
	name   string
	goName string // of a field, where it is another
	quoted bool   // a number that JSON shows as a text
	value  reflect.Value
}

// cleanMember is what has become of a member.
type cleanMember struct {
	name  string
	value any
}

// object returns the members as a map.
func (w *walk) object(members []member) map[string]any {
	tree := make(map[string]any, len(members))
	for _, m := range w.clean(members) {
		key := m.name
		for n := 2; ; n++ {
			if _, taken := tree[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s (%d)", m.name, n) // two names of which only the mask is left
		}
		tree[key] = m.value
	}
	return tree
}

// clean returns the members without the secrets in them.
func (w *walk) clean(members []member) []cleanMember {
	clean := make([]cleanMember, 0, len(members))
	labeled := slices.ContainsFunc(members, func(m member) bool {
		s, isText := textOf(m.value)
		return isText && isLabel(m.name) && w.isSecretName(s)
	})
	for i, m := range members {
		if w.seen > maxValues {
			w.cuts += len(members) - i - 1
			return append(clean, cleanMember{cutMark, w.cut()})
		}
		var c cleanMember
		c.name, _ = w.name(m.name)
		if labeled && isLabeled(m.name) || m.goName != "" && w.hides(m.goName) || w.hidesMember(m.name, m.value) {
			c.value = w.masked()
		} else {
			w.enter(m.name)
			c.value = w.value(m.value)
			w.leave()
			if m.quoted {
				c.value = fmt.Sprint(c.value)
			}
		}
		clean = append(clean, c)
	}
	return clean
}

// cutMark stands for the members of a map that were left out.
const cutMark = "…"

// hidesMember reports whether a value is hidden because of its name, or because of its name and how it looks.
func (w *walk) hidesMember(name string, v reflect.Value) bool {
	f := w.rules.facts(name)
	hides := w.hidesAs(f, name)
	if !f.judged && !f.path || hides && !f.path {
		return hides
	}
	s, isText := textOf(v)
	if !isText {
		return hides
	}
	return !f.allowed && secrets.PairOf(name, s, w.rules.kinds)
}

// textOf returns the text that v is, itself or behind an interface.
func textOf(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() == reflect.String && v.Type() != jsonNumberType {
		return v.String(), true
	}
	return "", false
}

// entries returns the entries of a map, with the names that encoding/json gives them. It returns no more of them than
// are looked at.
func (w *walk) entries(v reflect.Value) []member {
	n := min(v.Len(), max(0, maxValues-w.seen)+1)
	members := make([]member, 0, n)
	it := v.MapRange()
	for len(members) < n && it.Next() {
		members = append(members, member{name: w.keyText(it.Key()), value: it.Value()})
	}
	w.cuts += v.Len() - n
	return members
}

// keyText is the name that encoding/json gives a map's key, or one for a key that it does not take.
func (w *walk) keyText(k reflect.Value) string {
	if k.Kind() == reflect.String {
		return k.String()
	}
	if _, ok := k.Interface().(encoding.TextMarshaler); !ok && k.CanInt() {
		return strconv.FormatInt(k.Int(), 10)
	}
	return fmt.Sprint(w.value(k))
}

// slog returns a value of slog as a map or another copy.
func (w *walk) slog(v slog.Value) any {
	if v = v.Resolve(); v.Kind() == slog.KindGroup {
		return w.object(appendAttrs(nil, v.Group()))
	}
	return w.value(reflect.ValueOf(v.Any()))
}

// appendAttrs appends the attributes. The members of a group without a name stand in its place.
func appendAttrs(dst []member, attrs []slog.Attr) []member {
	for _, a := range attrs {
		switch v := a.Value.Resolve(); {
		case a.Key == "" && v.Kind() == slog.KindGroup:
			dst = appendAttrs(dst, v.Group())
		case a.Key != "" || v.Any() != nil:
			dst = append(dst, member{name: a.Key, value: reflect.ValueOf(v)})
			if v.Kind() != slog.KindGroup {
				dst[len(dst)-1].value = reflect.ValueOf(v.Any())
			}
		}
	}
	return dst
}

// list returns a slice or an array as a slice.
func (w *walk) list(v reflect.Value) any {
	list := make([]any, 0, min(v.Len(), maxValues))
	after := false // the name of a secret, as in ["--password", "…"]
	for i := range v.Len() {
		if w.seen > maxValues {
			w.cuts += v.Len() - i - 1
			list = append(list, w.cut())
			break
		}
		if after {
			list = append(list, w.masked())
		} else {
			list = append(list, w.value(v.Index(i)))
		}
		name, isText := textOf(v.Index(i))
		after = isText && !after && w.isSecretName(name)
	}
	w.together(v, list)
	if v.Type() != reflect.TypeFor[[]string]() {
		return list
	}
	own := make([]string, len(list))
	for i := range list {
		own[i], _ = list[i].(string)
	}
	return own
}

// together hides what only the texts of a list make in a row, as most sinks write them: ["Bearer",
// "abc…"]. List is what has become of v.
func (w *walk) together(v reflect.Value, list []any) {
	texts, starts := make([]string, len(list)), make([]int, len(list)+1)
	var row strings.Builder
	n := 0
	for i := range list {
		if _, ok := list[i].(string); ok {
			n++
			if texts[i], ok = textOf(v.Index(i)); !ok {
				texts[i] = list[i].(string)
			}
		}
		row.WriteString(texts[i])
		row.WriteByte(' ')
		starts[i+1] = row.Len()
	}
	if n < 2 {
		return
	}
	i := 0
	for m := range secrets.Matches(row.String(), w.rules.kinds, w.rules.mask) {
		for i < len(list)-1 && starts[i+1]-1 <= m.Start {
			i++
		}
		for k := i; k < len(list) && starts[k] < m.End; k++ {
			from, to := max(m.Start-starts[k], 0), min(m.End, starts[k+1]-1)-starts[k]
			if now, ok := list[k].(string); ok && from < to && strings.Contains(now, texts[k][from:to]) {
				list[k] = w.rules.mask
				if now == texts[k] {
					list[k] = now[:from] + w.rules.mask + now[to:]
				}
				w.shapes++
			}
		}
	}
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

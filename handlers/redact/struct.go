package redact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// jsonField is a field of a struct as encoding/json shows it.
type jsonField struct {
	name                string
	index               []int
	goName              string
	omitEmpty, omitZero bool
	quoted              bool
}

// jsonFields holds the fields by type. It grows with the types of a program, not with its data.
var jsonFields sync.Map // reflect.Type to []jsonField

func fieldsOf(t reflect.Type) []jsonField {
	if cached, ok := jsonFields.Load(t); ok {
		return cached.([]jsonField)
	}
	fields := appendJSONFields(nil, t, nil, nil)
	jsonFields.Store(t, fields)
	return fields
}

func appendJSONFields(dst []jsonField, t reflect.Type, index []int, within []reflect.Type) []jsonField {
	for _, outer := range within {
		if outer == t { // a type embedded in itself
			return dst
		}
	}
	within = append(within[:len(within):len(within)], t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		path := append(index[:len(index):len(index)], i)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			dst = appendJSONFields(dst, inner, path, within)
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		has := func(option string) bool { return strings.Contains(","+options+",", ","+option+",") }
		dst = append(dst, jsonField{name, path, f.Name, has("omitempty"), has("omitzero"), has("string")})
	}
	return dst
}

// structTree is tree for a struct. Of two fields of one name the outer one counts.
func (w *walk) structTree(v reflect.Value) any {
	if isSecretType(v.Type()) {
		return w.masked()
	}
	fields := fieldsOf(v.Type())
	tree := make(map[string]any, len(fields))
	depths := make(map[string]int, len(fields))
	labeled := w.labeledStruct(v, fields)
	for i := range fields {
		f := &fields[i]
		m, err := v.FieldByIndexErr(f.index)
		if err != nil || !m.CanInterface() || f.omitEmpty && isEmpty(m) || f.omitZero && isZero(m) {
			continue // also a field of a nil pointer to an embedded struct
		}
		if depth, taken := depths[f.name]; taken {
			if depth <= len(f.index) {
				continue
			}
			key, _ := w.name(f.name)
			delete(tree, key)
		}
		depths[f.name] = len(f.index)
		hide := labeled && isLabeled(f.name) || f.goName != f.name && w.hides(f.goName)
		w.member(tree, f.name, m, hide)
		if x, own := tree[f.name]; own && f.quoted && isNumber(m.Type()) {
			tree[f.name] = fmt.Sprint(x)
		}
	}
	return tree
}

// labeledStruct reports whether a field says that another is a secret.
func (w *walk) labeledStruct(v reflect.Value, fields []jsonField) bool {
	for i := range fields {
		if !isLabel(fields[i].name) {
			continue
		}
		if m, err := v.FieldByIndexErr(fields[i].index); err == nil && m.Kind() == reflect.String && w.isSecretName(m.String()) {
			return true
		}
	}
	return false
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

// isSecretType reports whether values of a type of the standard library are secrets as a whole.
func isSecretType(t reflect.Type) bool {
	switch t.Name() {
	case "PrivateKey", "DecapsulationKey768", "DecapsulationKey1024":
		return strings.HasPrefix(t.PkgPath(), "crypto/")
	case "Cookie":
		return t.PkgPath() == "net/http"
	case "Userinfo":
		return t.PkgPath() == "net/url"
	}
	return false
}

// inertTypes tells of types whether a value of theirs can pass as it is.
var inertTypes sync.Map // reflect.Type to bool

// isInert reports whether a value of this type holds nothing but numbers, booleans and texts, by
// itself, and has no methods by which it would show anything else.
func isInert(t reflect.Type) bool {
	switch t {
	case timeType, durationType, reflect.TypeFor[json.Number]():
		return true
	}
	if t.NumMethod() > 0 {
		return t == levelType
	}
	switch t.Kind() {
	case reflect.String, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Struct, reflect.Array:
	default:
		return isNumber(t)
	}
	if known, ok := inertTypes.Load(t); ok {
		return known.(bool)
	}
	inert := true
	if t.Kind() == reflect.Array {
		inert = isInert(t.Elem()) && t.Elem().Kind() != reflect.Uint8
	} else {
		for i := range t.NumField() {
			inert = inert && isInert(t.Field(i).Type)
		}
	}
	inertTypes.Store(t, inert)
	return inert
}

// isNumber reports whether t is a number or a boolean without methods.
func isNumber(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 && t.NumMethod() == 0
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

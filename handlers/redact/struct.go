package redact

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// jsonField is a field of a struct as encoding/json shows it.
type jsonField struct {
	name                string
	index               []int
	goName              string // where it is another
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
		goName := ""
		if f.Name != name {
			goName = f.Name
		}
		dst = append(dst, jsonField{name, path, goName, has("omitempty"), has("omitzero"), has("string")})
	}
	return dst
}

// fields returns the members of a struct that encoding/json shows. Of two fields of one name the outer one counts.
func (w *walk) fields(v reflect.Value) []member {
	fields := fieldsOf(v.Type())
	members := make([]member, 0, len(fields))
	depths := make(map[string]int, len(fields))
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
			members = slices.DeleteFunc(members, func(m member) bool { return m.name == f.name })
		}
		depths[f.name] = len(f.index)
		members = append(members, member{f.name, f.goName, f.quoted && isNumber(m.Type()), m})
	}
	return members
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

// finds reports whether there is a secret in a value of an inert type. Fields that JSON leaves out
// count, since others show them.
func (w *walk) finds(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return w.dirty(v.String())
	case reflect.Struct:
		if t := v.Type(); t != timeType {
			return isSecretType(t) || w.findsInFields(v, t)
		}
	case reflect.Array:
		if elem := v.Type().Elem(); isNumber(elem) || elem == timeType || elem == durationType {
			return false
		}
		if v.Type().Elem().Kind() == reflect.String {
			return v.Len() > 0 // a list of texts is looked at as a whole
		}
		for i := range v.Len() {
			if w.finds(v.Index(i)) {
				return true
			}
		}
	}
	return false
}

func (w *walk) findsInFields(v reflect.Value, t reflect.Type) bool {
	for _, f := range fieldsOf(t) {
		if facts := w.rules.facts(f.name); w.hidesAs(facts, f.name) || facts.judged || facts.dirty || facts.label {
			return true
		}
	}
	for i := range t.NumField() {
		name := t.Field(i).Name
		if facts := w.rules.facts(name); w.hidesAs(facts, name) || facts.judged {
			return true
		}
		w.enter(name)
		found := w.finds(v.Field(i))
		w.leave()
		if found {
			return true
		}
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
	levelType    = reflect.TypeFor[slog.Level]()
)

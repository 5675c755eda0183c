package redact

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/jsonfields"
)

// fields returns the members of a struct that encoding/json shows. Of two fields of one name the outer one counts.
func (w *walk) fields(v reflect.Value) []member {
	fields := jsonfields.Of(v.Type())
	members := make([]member, 0, len(fields))
	depths := make(map[string]int, len(fields))
	for i := range fields {
		f := &fields[i]
		m, err := v.FieldByIndexErr(f.Index)
		if err != nil || !m.CanInterface() || f.OmitEmpty && isEmpty(m) || f.OmitZero && isZero(m) {
			continue // also a field of a nil pointer to an embedded struct
		}
		if depth, taken := depths[f.Name]; taken {
			if depth <= len(f.Index) {
				continue
			}
			members = slices.DeleteFunc(members, func(m member) bool { return m.name == f.Name })
		}
		depths[f.Name] = len(f.Index)
		members = append(members, member{f.Name, f.GoName, f.Quoted && isNumber(m.Type()), m})
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
	for _, f := range jsonfields.Of(t) {
		if facts := w.rules.facts(f.Name); w.hidesAs(facts, f.Name) || facts.judged || facts.dirty || facts.label {
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

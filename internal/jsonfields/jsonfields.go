// Package jsonfields knows the fields of a struct as encoding/json shows them.
package jsonfields

import (
	"reflect"
	"strings"
	"sync"
)

// A Field is one field that JSON shows.
type Field struct {
	Name                string // in JSON
	GoName              string // where it differs from Name
	Index               []int  // for reflect.Value.FieldByIndexErr
	OmitEmpty, OmitZero bool
	Quoted              bool // the tag has the option string
}

// cache holds the fields by type. It grows with the types of a program, not with its data.
var cache sync.Map // reflect.Type to []Field

// Of returns the exported fields of a struct type in order, those of embedded structs among
// them. Fields marked json:"-" are left out. Two may have one name: the outer one, which
// has the shorter Index, counts in JSON. The result must not be changed.
func Of(t reflect.Type) []Field {
	if cached, ok := cache.Load(t); ok {
		return cached.([]Field)
	}
	fields := appendFields(nil, t, nil, nil)
	cache.Store(t, fields)
	return fields
}

func appendFields(dst []Field, t reflect.Type, index []int, within []reflect.Type) []Field {
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
			dst = appendFields(dst, inner, path, within)
			continue
		}
		if !f.IsExported() {
			continue
		}
		goName := ""
		if name == "" {
			name = f.Name
		} else if name != f.Name {
			goName = f.Name
		}
		has := func(option string) bool { return strings.Contains(","+options+",", ","+option+",") }
		dst = append(dst, Field{name, goName, path, has("omitempty"), has("omitzero"), has("string")})
	}
	return dst
}

package preview

import (
	"reflect"
	"strings"
	"sync"
)

// field is one field of a struct that JSON would show.
type field struct {
	name  string
	index []int
	omit  bool // where it is zero
}

// fieldCache holds the fields by type. It grows with the types of a program, not with its data.
var fieldCache sync.Map // reflect.Type to []field

// fieldsOf returns the exported fields of a struct, named as in JSON, those of embedded structs among
// them. Fields marked json:"-" are left out.
func fieldsOf(t reflect.Type) []field {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	fields := appendFields(nil, t, nil, nil)
	if _, variant, ok := strings.Cut(t.Name(), "Member"); ok && variant != "" && len(fields) == 1 && fields[0].name == "Value" {
		fields[0].name = strings.ToLower(variant[:1]) + variant[1:] // a union of Amazon's SDK: its type says what is in it
	}
	fieldCache.Store(t, fields)
	return fields
}

func appendFields(dst []field, t reflect.Type, index []int, within []reflect.Type) []field {
	for _, outer := range within {
		if outer == t { // a type embedded in itself
			return dst
		}
	}
	within = append(within[:len(within):len(within)], t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" && options == "" {
			continue
		}
		path := append(index[:len(index):len(index)], i)
		if f.Anonymous && tag == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				dst = appendFields(dst, inner, path, within)
				continue
			}
		}
		if !f.IsExported() {
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		dst = append(dst, field{tag, path, strings.Contains(options, "omit")})
	}
	return dst
}

// structMembers yields the fields of a struct in order.
func structMembers(v reflect.Value, yield func(name string, v view) bool) {
	for _, f := range fieldsOf(v.Type()) {
		m, err := v.FieldByIndexErr(f.index)
		if err != nil || f.omit && m.IsZero() { // a nil pointer to an embedded struct
			continue
		}
		if !yield(f.name, view{kind: pending, val: m}) {
			return
		}
	}
}

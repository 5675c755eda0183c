package slogattrs

import (
	"log/slog"
	"reflect"
	"unsafe"
)

// known says whether the records and values of this Go release look like a List and
// a value. Where they do not, all is done by means of the public API.
var known = same(reflect.TypeFor[slog.Record](), reflect.TypeFor[List]()) &&
	same(reflect.TypeFor[slog.Value](), reflect.TypeFor[value]()) && probe()

// same reports whether two types of structs have the same fields: names, types and
// offsets.
func same(a, b reflect.Type) bool {
	if a.NumField() != b.NumField() || a.Size() != b.Size() {
		return false
	}
	for i := range a.NumField() {
		f, g := a.Field(i), b.Field(i)
		if f.Name != g.Name || f.Type != g.Type || f.Offset != g.Offset {
			return false
		}
	}
	return true
}

// probe finds out how values tell of their kind, and reports whether they do. The
// layout of a value must be known.
func probe() bool {
	i, u, s, b := slog.Int64Value(1), slog.Uint64Value(1), slog.StringValue("b"), slog.AnyValue([]byte{1})
	stringType = typeOf(&s)
	isString := func(v *slog.Value) bool { return typeOf(v) == stringType }
	is64 := func(v *slog.Value) bool { k, _ := holds(v).(slog.Kind); return k == slog.KindInt64 }
	_, bytes := holds(&b).([]byte)
	return !isString(&i) && !isString(&b) && (*value)(unsafe.Pointer(&s)).num == 1 && reflect.TypeOf(holds(&s)).Kind() == reflect.Pointer &&
		is64(&i) && !is64(&u) && !is64(&s) && bytes
}

//go:build !slogtel_safe

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
	is64 := func(v *slog.Value) bool { k, _ := holds(v).(slog.Kind); return k == slog.KindInt64 }
	_, bytes := holds(&b).([]byte)
	return !isString(&i) && !isString(&b) && num(&s) == 1 && reflect.TypeOf(holds(&s)).Kind() == reflect.Pointer &&
		is64(&i) && !is64(&u) && !is64(&s) && bytes
}

// value is what a [slog.Value] looks like in memory. What is in any is of a type that
// says of which kind num is, or is the value itself.
type value struct {
	_   [0]func()
	num uint64
	any any
}

// words are those of an interface.
type words struct{ typ, data unsafe.Pointer }

// stringType is the type in a value that is a string; the data is its first byte. It
// is set where known is.
var stringType unsafe.Pointer

func typeOf(v *slog.Value) unsafe.Pointer {
	return (*words)(unsafe.Pointer(&(*value)(unsafe.Pointer(v)).any)).typ
}

// What follows may only be called where known is true.

func inside(r *slog.Record) *List { return (*List)(unsafe.Pointer(r)) }

func holds(v *slog.Value) any { return (*value)(unsafe.Pointer(v)).any }

func num(v *slog.Value) uint64 { return (*value)(unsafe.Pointer(v)).num }

func setNum(v *slog.Value, n uint64) { (*value)(unsafe.Pointer(v)).num = n }

// sameKind reports whether a and b are the same but for their numbers.
func sameKind(a, b *slog.Value) bool {
	return *(*words)(unsafe.Pointer(&(*value)(unsafe.Pointer(a)).any)) == *(*words)(unsafe.Pointer(&(*value)(unsafe.Pointer(b)).any))
}

func isString(v *slog.Value) bool { return typeOf(v) == stringType }

func stringIn(v *slog.Value) string {
	in := (*value)(unsafe.Pointer(v))
	return unsafe.String((*byte)((*words)(unsafe.Pointer(&in.any)).data), in.num)
}

// SameText is a == b, and quicker where the text is at one place, as constants mostly are.
func SameText(a, b string) bool {
	return len(a) == len(b) && (unsafe.StringData(a) == unsafe.StringData(b) || a == b)
}

// HasKeys reports whether attrs begin with these keys, in this order. There are at least as
// many attributes. A constant is mostly at one place in a program, so that its address tells.
func HasKeys(attrs []slog.Attr, keys []string) bool {
	attrs = attrs[:len(keys)]
	for i := range keys {
		if len(attrs[i].Key) != len(keys[i]) || unsafe.StringData(attrs[i].Key) != unsafe.StringData(keys[i]) {
			return sameKeys(attrs, keys)
		}
	}
	return true
}

// View returns the text in b without copying it: b must not change as long as the string
// is in use. With the tag slogtel_safe it is a copy.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Address returns what the pointer in v points to, for comparing and hashing. V must hold a pointer.
func Address(v any) uintptr { return uintptr((*words)(unsafe.Pointer(&v)).data) }

// Stack returns an address on the stack of the goroutine. With the tag slogtel_safe it is 0.
func Stack() uintptr {
	var here byte
	return uintptr(unsafe.Pointer(&here))
}

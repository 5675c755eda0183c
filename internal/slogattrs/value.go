package slogattrs

import (
	"log/slog"
	"math"
	"unsafe"
)

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

func holds(v *slog.Value) any { return (*value)(unsafe.Pointer(v)).any }

// Text returns the string that v is, and false where it is of another kind.
func Text(v *slog.Value) (string, bool) {
	if !known {
		return text(v)
	}
	in := (*value)(unsafe.Pointer(v))
	w := (*words)(unsafe.Pointer(&in.any))
	if w.typ != stringType {
		return "", false
	}
	return unsafe.String((*byte)(w.data), in.num), true
}

func text(v *slog.Value) (string, bool) {
	if v.Kind() != slog.KindString {
		return "", false
	}
	return v.String(), true
}

// IsInt64 reports whether v is of that kind.
func IsInt64(v *slog.Value) bool {
	if !known {
		return v.Kind() == slog.KindInt64
	}
	k, ok := holds(v).(slog.Kind)
	return ok && k == slog.KindInt64
}

// Boxed returns what v holds if that is of a type that is not slog's own, as a
// [slog.LogValuer] is. It does not look for methods, as [slog.Value.Kind] does.
func Boxed(v *slog.Value) any {
	if !known {
		return boxed(v)
	}
	return holds(v)
}

func boxed(v *slog.Value) any {
	switch v.Kind() {
	case slog.KindLogValuer, slog.KindAny:
		return v.Any()
	}
	return nil
}

// Float64 returns the float that v is, and false where it is of another kind.
func Float64(v *slog.Value) (float64, bool) {
	if !known {
		if v.Kind() != slog.KindFloat64 {
			return 0, false
		}
		return v.Float64(), true
	}
	k, ok := holds(v).(slog.Kind)
	return math.Float64frombits((*value)(unsafe.Pointer(v)).num), ok && k == slog.KindFloat64
}

// Bits returns the number in a value for which [IsInt64] is true, as 64 bits.
func Bits(v *slog.Value) uint64 {
	if !known {
		if v.Kind() != slog.KindInt64 {
			return 0
		}
		return uint64(v.Int64())
	}
	return (*value)(unsafe.Pointer(v)).num
}

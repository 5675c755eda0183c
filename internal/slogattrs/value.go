package slogattrs

import (
	"log/slog"
	"math"
)

// The functions whose names begin with Known may be called only where [Known] is true. They
// are inlined.

// KnownText returns the string that v is, and false where it is of another kind.
func KnownText(v *slog.Value) (string, bool) {
	if !isString(v) {
		return "", false
	}
	return stringIn(v), true
}

// KnownInt64 returns the integer that v is, and false where it is of another kind.
func KnownInt64(v *slog.Value) (int64, bool) {
	k, ok := holds(v).(slog.Kind)
	return int64(num(v)), ok && k == slog.KindInt64
}

// KnownFloat64 returns the float that v is, and false where it is of another kind.
func KnownFloat64(v *slog.Value) (float64, bool) {
	k, ok := holds(v).(slog.Kind)
	return math.Float64frombits(num(v)), ok && k == slog.KindFloat64
}

// KnownKind reports whether v is of this kind, which is one of those that a number stands for:
// [slog.KindInt64], [slog.KindFloat64] and the like.
func KnownKind(v *slog.Value, kind slog.Kind) bool {
	k, ok := holds(v).(slog.Kind)
	return ok && k == kind
}

// KnownNum returns the number that stands for v.
func KnownNum(v *slog.Value) uint64 { return num(v) }

// KnownBoxed is [Boxed].
func KnownBoxed(v *slog.Value) any { return holds(v) }

// KnownSame reports whether a and b are the same text or the same number. It is false for values of other
// kinds, also where they are equal.
func KnownSame(a, b *slog.Value) bool {
	if num(a) != num(b) {
		return false
	}
	if isString(a) {
		return isString(b) && SameText(stringIn(a), stringIn(b))
	}
	k, ok := holds(a).(slog.Kind)
	return ok && KnownKind(b, k)
}

// Text returns the string that v is, and false where it is of another kind.
func Text(v *slog.Value) (string, bool) {
	if !known {
		return text(v)
	}
	return KnownText(v)
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

// Int64 returns the integer that v is, and false where it is of another kind.
func Int64(v *slog.Value) (int64, bool) {
	if !known {
		return integer(v)
	}
	return KnownInt64(v)
}

func integer(v *slog.Value) (int64, bool) {
	if v.Kind() != slog.KindInt64 {
		return 0, false
	}
	return v.Int64(), true
}

// Float64 returns the float that v is, and false where it is of another kind.
func Float64(v *slog.Value) (float64, bool) {
	if !known {
		return float(v)
	}
	return KnownFloat64(v)
}

func float(v *slog.Value) (float64, bool) {
	if v.Kind() != slog.KindFloat64 {
		return 0, false
	}
	return v.Float64(), true
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

// Set is *dst = v.
func Set(dst *slog.Value, v slog.Value) {
	if known && sameKind(dst, &v) {
		setNum(dst, num(&v))
	} else {
		*dst = v
	}
}

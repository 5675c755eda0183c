package oteltel

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/slogtel/telemetry/internal/anytext"
)

// flatten calls add with each attribute of OpenTelemetry that a becomes; the members of a group
// become group.key. It returns how many were left out: they have no key, or are nested too deep.
func flatten(prefix string, a slog.Attr, depth int, add func(attribute.KeyValue)) (bad int) {
	v := resolve(a.Value)
	switch {
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		if depth == 0 {
			return 1
		}
		for _, member := range v.Group() {
			bad += flatten(prefix, member, depth-1, add)
		}
		return bad
	case a.Key == "":
		if a.Equal(slog.Attr{}) {
			return 0
		}
		return 1
	}
	add(attribute.KeyValue{Key: attribute.Key(valid(prefix + a.Key)), Value: valueOf(v)})
	return 0
}

// resolve is v.Resolve, which itself catches what panics.
func resolve(v slog.Value) slog.Value {
	if v.Kind() == slog.KindLogValuer {
		return v.Resolve()
	}
	return v
}

// valueOf returns a resolved value that is no group as one of OpenTelemetry. Numbers, booleans
// and lists of such or of strings stay what they are; a duration is nanoseconds, as it is in
// logs; the rest is text.
func valueOf(v slog.Value) attribute.Value {
	switch v.Kind() {
	case slog.KindString:
		return attribute.StringValue(valid(v.String()))
	case slog.KindInt64:
		return attribute.Int64Value(v.Int64())
	case slog.KindUint64:
		if n := v.Uint64(); n <= 1<<63-1 {
			return attribute.Int64Value(int64(n))
		}
	case slog.KindFloat64:
		return attribute.Float64Value(v.Float64())
	case slog.KindBool:
		return attribute.BoolValue(v.Bool())
	case slog.KindDuration:
		return attribute.Int64Value(int64(v.Duration()))
	case slog.KindTime:
		return attribute.StringValue(v.Time().Format(time.RFC3339Nano))
	case slog.KindAny:
		return anyValue(v)
	}
	return attribute.StringValue(valid(v.String()))
}

func anyValue(v slog.Value) attribute.Value {
	switch list := v.Any().(type) {
	case []string:
		clean := make([]string, len(list))
		for i, s := range list {
			clean[i] = valid(s)
		}
		return attribute.StringSliceValue(clean)
	case []int:
		return attribute.IntSliceValue(list)
	case []int64:
		return attribute.Int64SliceValue(list)
	case []float64:
		return attribute.Float64SliceValue(list)
	case []bool:
		return attribute.BoolSliceValue(list)
	case []byte:
		if utf8.Valid(list) {
			return attribute.StringValue(string(list))
		}
		return attribute.ByteSliceValue(list)
	}
	return attribute.StringValue(valid(printed(v)))
}

// printed returns the text of a value, whose methods may panic.
func printed(v slog.Value) (text string) {
	if v.Kind() == slog.KindString {
		return v.String()
	}
	if _, panicked := try(func() error { text = anytext.OfValue(v); return nil }); panicked {
		text = fmt.Sprintf("!PANIC: %T", v.Any())
	}
	return text
}

// valid returns s as UTF-8: the exporters refuse a whole batch for a byte that is none.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// fit returns a with its text made valid and cut to limit characters, and false for an
// attribute without a key or a value. A negative limit is none.
func fit(a attribute.KeyValue, limit int) (attribute.KeyValue, bool) {
	if !a.Valid() {
		return a, false
	}
	a.Key = attribute.Key(valid(string(a.Key)))
	switch a.Value.Type() {
	case attribute.STRING:
		if s := a.Value.AsString(); limit >= 0 && len(s) > limit || !utf8.ValidString(s) {
			a.Value = attribute.StringValue(cut(valid(s), limit))
		}
	case attribute.STRINGSLICE:
		list := a.Value.AsStringSlice() // a copy
		for i := range list {
			list[i] = cut(valid(list[i]), limit)
		}
		a.Value = attribute.StringSliceValue(list)
	}
	return a, true
}

// cut returns the first characters of s.
func cut(s string, limit int) string {
	if limit < 0 || len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

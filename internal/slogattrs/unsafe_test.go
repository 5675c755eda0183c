//go:build !slogtel_safe

package slogattrs

import (
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestKnown(t *testing.T) {
	assert.True(t, known, "log/slog has changed inside: adapt this package, or what uses it is slower")
}

// What differs in any way is not taken for the same.
func TestSame(t *testing.T) {
	type a struct {
		X int
		Y string
	}
	type swapped struct {
		Y string
		X int
	}
	type retyped struct {
		X int64
		Y string
	}
	type renamed struct {
		X int
		Z string
	}
	of := reflect.TypeFor[a]()
	assert.True(t, same(of, reflect.TypeFor[struct {
		X int
		Y string
	}]()))
	for _, other := range []reflect.Type{reflect.TypeFor[swapped](), reflect.TypeFor[retyped](), reflect.TypeFor[renamed](), reflect.TypeFor[struct{ X int }]()} {
		assert.False(t, same(of, other), "%v", other)
	}
}

func TestKnownSame(t *testing.T) {
	if !known {
		t.Skip("log/slog has changed inside")
	}
	now := time.Now()
	all := []slog.Value{{}, slog.StringValue(""), slog.StringValue("a"), slog.StringValue("b"), slog.Int64Value(0), slog.Int64Value(1),
		slog.Uint64Value(1), slog.Float64Value(1), slog.BoolValue(false), slog.BoolValue(true), slog.DurationValue(1)}
	for i := range all {
		for j := range all {
			other := all[j]
			if j == 2 {
				other = slog.StringValue(strings.Clone("a"))
			}
			assert.Equal(t, i == j && i > 0, KnownSame(&all[i], &other), "%v %v", all[i], other)
		}
	}
	for _, v := range []slog.Value{slog.TimeValue(now), slog.AnyValue(&now), slog.GroupValue(slog.Int("a", 1)), slog.AnyValue(valuer{}), slog.AnyValue(named("a"))} {
		assert.False(t, KnownSame(&v, &v), "%v, which may change", v)
	}
}

func TestSameText(t *testing.T) {
	text := "abcabc"
	assert.True(t, SameText(text[:3], text[3:]))
	assert.True(t, SameText(text[:3], text[:3]))
	assert.True(t, SameText("", text[:0]))
	assert.False(t, SameText(text[:3], text[:2]))
	assert.False(t, SameText(text[:3], text[1:4]))
}

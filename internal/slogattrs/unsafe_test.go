//go:build !slogtel_safe

package slogattrs

import (
	"reflect"
	"testing"

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

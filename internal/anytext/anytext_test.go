package anytext_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/anytext"
)

func TestOf(t *testing.T) {
	type point struct{ X, Y any }
	for _, v := range []any{nil, 1, "a", []int{1, 2}, map[string]any{"a": []any{1, "b"}}, point{1, nil}, &point{2, 3},
		fmt.Errorf("e"), []byte("abc"), make([]byte, 1_000_000), struct{ p *point }{}} {
		assert.Equal(t, fmt.Sprintf("%+v", v), anytext.Of(v))
	}
}

// What contains itself ends a program that prints it with fmt.
func TestOfItself(t *testing.T) {
	m := map[string]any{"n": 1}
	m["self"] = m
	list := []any{nil}
	list[0] = list
	type node struct{ Next any }
	ring := &node{}
	ring.Next = ring
	var both any = map[string]any{"list": list, "m": &m}
	for _, v := range []any{m, list, both, []any{m}, &m} {
		assert.Contains(t, anytext.Of(v), "nested too deep")
		assert.Contains(t, anytext.OfValue(slog.AnyValue(v)), "nested too deep")
	}
	assert.True(t, strings.HasPrefix(anytext.Of(ring), "&{Next:0x"), "fmt does not follow it")
	assert.Equal(t, "a", anytext.OfValue(slog.StringValue("a")))
	deep := any(1)
	for range 1000 {
		deep = []any{deep}
	}
	assert.Contains(t, anytext.Of(deep), "nested too deep")
}

package jsonfields

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type inner struct {
	A int `json:"a"`
	B int
}

type outer struct {
	inner         // its fields are outer's
	Named  inner  `json:"named"`
	Dash   int    `json:"-"`
	Empty  string `json:",omitempty"`
	Zero   int    `json:"zero,omitzero,string"`
	hidden int
}

func TestOf(t *testing.T) {
	assert.Equal(t, []Field{
		{Name: "a", GoName: "A", Index: []int{0, 0}},
		{Name: "B", Index: []int{0, 1}},
		{Name: "named", GoName: "Named", Index: []int{1}},
		{Name: "Empty", Index: []int{3}, OmitEmpty: true},
		{Name: "zero", GoName: "Zero", Index: []int{4}, OmitZero: true, Quoted: true},
	}, Of(reflect.TypeFor[outer]()))
	assert.Same(t, &Of(reflect.TypeFor[inner]())[0], &Of(reflect.TypeFor[inner]())[0], "cached")
}

// Ring is embedded in itself.
type Ring struct {
	*Ring
	A int
}

func TestOddFields(t *testing.T) {
	assert.Equal(t, []Field{{Name: "A", Index: []int{1}}}, Of(reflect.TypeFor[Ring]()))
	minus := reflect.StructOf([]reflect.StructField{{Name: "Minus", Type: reflect.TypeFor[int](), Tag: `json:"-,"`}})
	assert.Equal(t, []Field{{Name: "-", GoName: "Minus", Index: []int{0}}}, Of(minus))
}

func TestOfShowsWhatJSONShows(t *testing.T) {
	v := outer{Empty: "x", Zero: 1, hidden: 2}
	text, err := json.Marshal(v)
	require.NoError(t, err)
	var shown map[string]any
	require.NoError(t, json.Unmarshal(text, &shown))
	assert.Len(t, shown, len(Of(reflect.TypeOf(v))))
	for _, f := range Of(reflect.TypeOf(v)) {
		assert.Contains(t, shown, f.Name)
	}
}

package main

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
)

// object is what a schema says about a JSON object.
type object struct {
	Ref        string `json:"$ref"`
	Properties map[string]object
	Required   []string
	Items      *object
	Defs       map[string]object `json:"$defs"`
}

// TestSchemaIsThatOfTheEnvelope compares the fields of docs/batch-envelope.schema.json with
// those of the Go types. That real runs obey it is tested in interop/batch.
func TestSchemaIsThatOfTheEnvelope(t *testing.T) {
	data, err := os.ReadFile("../../docs/batch-envelope.schema.json")
	require.NoError(t, err)
	var schema object
	require.NoError(t, json.Unmarshal(data, &schema))
	unused := make(map[string]bool)
	for name := range schema.Defs {
		unused[name] = true
	}
	compare(t, "envelope", reflect.TypeFor[envelope](), schema, schema.Defs, unused)
	assert.Empty(t, unused)
}

func compare(t *testing.T, path string, typ reflect.Type, want object, defs map[string]object, unused map[string]bool) {
	if name, ok := strings.CutPrefix(want.Ref, "#/$defs/"); ok {
		delete(unused, name)
		want = defs[name]
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case typ == reflect.TypeFor[memory.Snapshot]() || typ == reflect.TypeFor[json.RawMessage]():
		return
	case typ.Kind() == reflect.Slice:
		require.NotNil(t, want.Items, path)
		compare(t, path+"[]", typ.Elem(), *want.Items, defs, unused)
		return
	case typ.Kind() != reflect.Struct:
		return
	}
	var names, required []string
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		names = append(names, name)
		if options != "omitempty" {
			required = append(required, name)
		}
		property, ok := want.Properties[name]
		if assert.True(t, ok, "%s.%s is not in the schema", path, name) {
			compare(t, path+"."+name, f.Type, property, defs, unused)
		}
	}
	for name := range want.Properties {
		assert.True(t, slices.Contains(names, name), "%s.%s is in no envelope", path, name)
	}
	assert.ElementsMatch(t, required, want.Required, path)
}

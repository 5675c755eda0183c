package preview

import (
	"reflect"
	"strings"

	"github.com/slogtel/telemetry/internal/jsonfields"
)

// structMembers yields the fields of a struct in order, under the names that they have in JSON.
func structMembers(v reflect.Value, yield func(name string, v view) bool) {
	fields := jsonfields.Of(v.Type())
	for _, f := range fields {
		m, err := v.FieldByIndexErr(f.Index)
		if err != nil || (f.OmitEmpty || f.OmitZero) && m.IsZero() { // a nil pointer to an embedded struct
			continue
		}
		name := f.Name
		if _, variant, ok := strings.Cut(v.Type().Name(), "Member"); ok && variant != "" && name == "Value" && len(fields) == 1 {
			name = strings.ToLower(variant[:1]) + variant[1:] // a union of Amazon's SDK, whose type says what is in it
		}
		if !yield(name, view{kind: pending, val: m}) {
			return
		}
	}
}

package preview

import (
	"reflect"
	"strings"

	"github.com/slogtel/telemetry/internal/jsonfields"
)

// memberName returns the name under which a field is shown: that of JSON, but for a union of Amazon's
// SDK, whose type says what is in it.
func memberName(t reflect.Type, fields []jsonfields.Field, i int) string {
	if fields[i].Name == "Value" && len(fields) == 1 {
		if _, variant, ok := strings.Cut(t.Name(), "Member"); ok && variant != "" {
			return strings.ToLower(variant[:1]) + variant[1:]
		}
	}
	return fields[i].Name
}

// structMembers yields the fields of a struct in order.
func structMembers(v reflect.Value, yield func(name string, v view) bool) {
	fields := jsonfields.Of(v.Type())
	for i, f := range fields {
		m, err := v.FieldByIndexErr(f.Index)
		if err != nil || (f.OmitEmpty || f.OmitZero) && m.IsZero() { // a nil pointer to an embedded struct
			continue
		}
		if !yield(memberName(v.Type(), fields, i), view{kind: pending, val: m}) {
			return
		}
	}
}

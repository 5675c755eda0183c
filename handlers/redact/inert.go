package redact

import (
	"log/slog"
	"reflect"
)

var levelType = reflect.TypeFor[slog.Level]()

// finds reports whether there is a secret in a value of an inert type. Fields that JSON leaves out
// count, since others show them.
func (w *walk) finds(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return w.dirty(v.String())
	case reflect.Struct:
		if t := v.Type(); t != timeType {
			return isSecretType(t) || w.findsInFields(v, t)
		}
	case reflect.Array:
		if elem := v.Type().Elem(); isNumber(elem) || elem == timeType || elem == durationType {
			return false
		}
		if v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.String {
			return v.Len() > 0 // a list of texts is looked at as a whole
		}
		for i := range v.Len() {
			if w.finds(v.Index(i)) {
				return true
			}
		}
	}
	return false
}

func (w *walk) findsInFields(v reflect.Value, t reflect.Type) bool {
	fields := fieldsOf(t)
	for i := range fields {
		if name := fields[i].name; w.hides(name) || w.rules.facts(name).judged || w.rules.facts(name).dirty {
			return true
		}
	}
	if w.labeledStruct(v, fields) {
		return true
	}
	for i := range t.NumField() {
		name := t.Field(i).Name
		if w.hides(name) || w.rules.facts(name).judged {
			return true
		}
		w.enter(name)
		found := w.finds(v.Field(i))
		w.leave()
		if found {
			return true
		}
	}
	return false
}

// Package anytext is the text of values of any type, also of those that contain themselves: package
// fmt would print such a map or slice until the stack overflows, from which no program recovers.
package anytext

import (
	"fmt"
	"log/slog"
	"reflect"
)

const (
	maxDepth  = 64      // of maps, slices, structs and interfaces in each other
	maxValues = 100_000 // that are looked at
)

// Of returns what fmt's verb %+v makes of v, and only its type where it is nested too deep or
// holds too much. It panics if a method of v does.
func Of(v any) string {
	left := maxValues
	if tooDeep(reflect.ValueOf(v), 0, &left) {
		return fmt.Sprintf("!%T: nested too deep", v)
	}
	return fmt.Sprintf("%+v", v)
}

// OfValue returns the text of a resolved value, as slog.Value.String does.
func OfValue(v slog.Value) string {
	if v.Kind() == slog.KindAny || v.Kind() == slog.KindGroup {
		return Of(v.Any())
	}
	return v.String()
}

func tooDeep(v reflect.Value, depth int, left *int) bool {
	if *left--; depth > maxDepth || *left < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.Interface:
		return !v.IsNil() && tooDeep(v.Elem(), depth+1, left)
	case reflect.Pointer:
		return depth == 0 && !v.IsNil() && tooDeep(v.Elem(), depth+1, left) // fmt prints others as addresses
	case reflect.Map:
		for it := v.MapRange(); isNested(v.Type().Elem()) && it.Next(); {
			if tooDeep(it.Value(), depth+1, left) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := 0; isNested(v.Type().Elem()) && i < v.Len(); i++ {
			if tooDeep(v.Index(i), depth+1, left) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if tooDeep(v.Field(i), depth+1, left) {
				return true
			}
		}
	}
	return false
}

// isNested reports whether values of t can hold others.
func isNested(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
		return true
	}
	return false
}

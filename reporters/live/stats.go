package live

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Count is a number that something counts, with its name.
type Count struct {
	Name  string `json:"name"`
	Value any    `json:"value"` // a number, a bool or a text
}

// maxCounts is how many of one thing are shown.
const maxCounts = 100

// countsOf asks a thing for its counts. What it does is the app's: it may panic.
func countsOf(thing any) (list []Count) {
	defer func() {
		if v := recover(); v != nil {
			list = []Count{{"error", fmt.Sprintf("panic: %.200v", v)}}
		}
	}()
	var got any
	switch f := thing.(type) {
	case nil:
		return nil
	case func() any:
		got = f()
	default:
		m := reflect.ValueOf(thing).MethodByName("Stats")
		if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
			return []Count{{"error", fmt.Sprintf("%T has no method Stats()", thing)}}
		}
		got = m.Call(nil)[0].Interface()
	}
	appendCounts(&list, "", reflect.ValueOf(got), 0)
	return list
}

func appendCounts(list *[]Count, name string, v reflect.Value, depth int) {
	if len(*list) >= maxCounts || depth > 4 || !v.IsValid() {
		return
	}
	join := func(part string) string { return strings.TrimPrefix(name+"."+part, ".") }
	switch it := v.Interface().(type) {
	case time.Duration:
		*list = append(*list, Count{name, it.String()})
		return
	case error:
		*list = append(*list, Count{name, cutText(it.Error())})
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			appendCounts(list, name, v.Elem(), depth+1)
		}
	case reflect.Struct:
		if f := v.FieldByName("Name"); depth > 0 && f.IsValid() && f.Kind() == reflect.String {
			name = join(f.String()) // of a list
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && (f.Name != "Name" || depth == 0) {
				appendCounts(list, join(f.Name), v.Field(i), depth+1)
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			appendCounts(list, join(cutText(fmt.Sprint(k))), v.MapIndex(k), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			appendCounts(list, join(strconv.Itoa(i)), v.Index(i), depth+1)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		*list = append(*list, Count{name, v.Int()})
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		*list = append(*list, Count{name, v.Uint()})
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			*list = append(*list, Count{name, f})
		}
	case reflect.Bool:
		*list = append(*list, Count{name, v.Bool()})
	case reflect.String:
		*list = append(*list, Count{name, cutText(v.String())})
	}
}

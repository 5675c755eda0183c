package redact

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"

	"github.com/slogtel/telemetry/internal/secrets"
)

// tree returns a copy of a value, made of maps, slices and texts, in which nothing is to be
// found and that is nobody else's.
func (w *walk) tree(v reflect.Value) any {
	if !w.next() {
		return w.cut()
	}
	w.depth++
	x := w.branch(v)
	w.depth--
	return x
}

// branch is tree for a value that is not too deep.
func (w *walk) branch(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Interface:
		return w.tree(v.Elem())
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Pointer && v.Type().Elem() == timeType {
			return w.tree(v.Elem())
		}
	}
	if isInert(v.Type()) && v.CanInterface() && !w.finds(v) {
		return v.Interface()
	}
	if x, ok := w.spoken(v); ok {
		return x
	}
	return w.plainTree(v)
}

// plainTree is tree for a value that has no say in how it is shown.
func (w *walk) plainTree(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return w.tree(v.Elem())
	case reflect.String:
		s, _ := w.text(v.String())
		return s
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint()
	case reflect.Float32:
		return float32(v.Float())
	case reflect.Float64:
		return v.Float()
	case reflect.Struct:
		return w.structTree(v)
	case reflect.Map:
		return w.mapTree(v)
	case reflect.Slice, reflect.Array:
		return w.listTree(v)
	}
	return "<" + v.Type().String() + ">"
}

func (w *walk) mapTree(v reflect.Value) any {
	tree := make(map[string]any, min(v.Len(), maxValues))
	left := v.Len()
	labeled := w.labeledMap(v)
	for it := v.MapRange(); it.Next(); left-- {
		if w.seen > maxValues {
			w.cuts += left - 1
			tree[cutMark] = w.cut()
			break
		}
		name := w.keyText(it.Key())
		w.member(tree, name, it.Value(), labeled && isLabeled(name))
	}
	return tree
}

// cutMark stands for the members of a map that were left out.
const cutMark = "…"

// member adds a member of a map or struct.
func (w *walk) member(tree map[string]any, name string, v reflect.Value, hide bool) {
	key, _ := w.name(name)
	for n := 2; ; n++ {
		if _, taken := tree[key]; !taken {
			break
		}
		key, _ = w.name(name) // two names of which only the mask is left
		key = fmt.Sprintf("%s (%d)", key, n)
	}
	if hide || w.hidesMember(name, v) {
		tree[key] = w.masked()
		return
	}
	w.enter(name)
	tree[key] = w.tree(v)
	w.leave()
}

// hidesMember is hides for a member whose name may only be a secret's when its value looks like one.
func (w *walk) hidesMember(name string, v reflect.Value) bool {
	f := w.rules.facts(name)
	hides := w.hidesAs(f, name)
	if !f.judged && !f.path || hides && !f.path {
		return hides
	}
	s, isText := textOf(v)
	if !isText {
		return hides
	}
	return !f.allowed && secrets.PairOf(name, s, w.rules.kinds)
}

// labeledMap reports whether a member of the map says that another is a secret.
func (w *walk) labeledMap(v reflect.Value) bool {
	if v.Type().Key().Kind() != reflect.String || v.Len() > 64 {
		return false
	}
	for it := v.MapRange(); it.Next(); {
		e := it.Value()
		if e.Kind() == reflect.Interface {
			e = e.Elem()
		}
		if e.Kind() == reflect.String && isLabel(it.Key().String()) && w.isSecretName(e.String()) {
			return true
		}
	}
	return false
}

// keyText is the name that encoding/json gives a map's key, or one for a key that it does not take.
func (w *walk) keyText(k reflect.Value) string {
	if k.Kind() == reflect.String {
		return k.String()
	}
	if _, ok := k.Interface().(encoding.TextMarshaler); !ok && k.CanInt() {
		return strconv.FormatInt(k.Int(), 10)
	}
	return fmt.Sprint(w.tree(k))
}

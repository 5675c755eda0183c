// Package retain makes records that can be kept after Handle has returned: what the app could
// still change is resolved and copied.
package retain

import (
	"context"
	"log/slog"
	"reflect"
	"slices"

	"github.com/slogtel/telemetry/internal/event"
)

const (
	maxKeepDepth = 16      // of groups, and of maps and slices
	maxKeepCount = 1 << 14 // resolved and copied in all
)

// Needs reports whether something in r is to be resolved or copied. For most
// records there is nothing, and this is all the cost.
func Needs(r *slog.Record) bool {
	needs := false
	r.Attrs(func(a slog.Attr) bool {
		needs = attrNeedsKeeping(&a, maxKeepDepth)
		return !needs
	})
	return needs
}

func attrNeedsKeeping(a *slog.Attr, depth int) bool {
	switch a.Value.Kind() {
	case slog.KindLogValuer:
		_, immutable := a.Value.Any().(*event.Series)
		return a.Key != event.KeyMetricType || !immutable && reflect.TypeOf(a.Value.Any()).Kind() != reflect.String
	case slog.KindAny:
		v := a.Value.Any()
		return v != nil && copied(reflect.TypeOf(v).Kind())
	case slog.KindGroup:
		if depth == 0 {
			return false
		}
		group := a.Value.Group()
		for i := range group {
			if attrNeedsKeeping(&group[i], depth-1) {
				return true
			}
		}
	}
	return false
}

// Record returns r, or a record like it for which [Needs] is false: values of type LogValuer
// are resolved, and maps and slices are copied, up to a limit of depth and number. What pointers
// point to is not copied.
func Record(r slog.Record) slog.Record {
	if !Needs(&r) {
		return r
	}
	kept := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	var scratch [16]slog.Attr
	attrs := scratch[:0]
	k := keeper{left: maxKeepCount}
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, k.attr(a, maxKeepDepth))
		return true
	})
	kept.AddAttrs(attrs...)
	return kept
}

// Attrs returns attrs, or what is to be kept of them.
func Attrs(attrs []slog.Attr) []slog.Attr {
	k := keeper{left: maxKeepCount}
	return k.attrs(attrs, maxKeepDepth)
}

// Context returns ctx without its end, for a record that is handed on when what it tells of is
// over. A nil ctx becomes context.Background().
func Context(ctx context.Context) context.Context {
	if ctx == nil || ctx == context.Background() {
		return context.Background()
	}
	return context.WithoutCancel(ctx)
}

// A keeper has limits: values can hold themselves.
type keeper struct{ left int }

func (k *keeper) attrs(attrs []slog.Attr, depth int) []slog.Attr {
	i := slices.IndexFunc(attrs, func(a slog.Attr) bool { return attrNeedsKeeping(&a, depth) })
	if i < 0 {
		return attrs
	}
	kept := slices.Clone(attrs)
	for ; i < len(kept); i++ {
		kept[i] = k.attr(kept[i], depth)
	}
	return kept
}

// attr resolves and copies. What exceeds the limits stays as it is.
func (k *keeper) attr(a slog.Attr, depth int) slog.Attr {
	if depth == 0 || k.left <= 0 || !attrNeedsKeeping(&a, depth) {
		return a
	}
	k.left--
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindGroup:
		a.Value = slog.GroupValue(k.attrs(a.Value.Group(), depth-1)...)
	case slog.KindAny:
		if v := a.Value.Any(); v != nil {
			a.Value = slog.AnyValue(k.value(reflect.ValueOf(v), depth).Interface())
		}
	}
	return a
}

// copied reports whether values of that kind are copied.
func copied(kind reflect.Kind) bool { return kind == reflect.Map || kind == reflect.Slice }

// holds reports whether values of the type t may have to be copied inside.
func holds(t reflect.Type) bool { return copied(t.Kind()) || t.Kind() == reflect.Interface }

func (k *keeper) value(v reflect.Value, depth int) reflect.Value {
	if depth == 0 || k.left <= 0 {
		return v
	}
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() && copied(v.Elem().Kind()) {
			return k.value(v.Elem(), depth)
		}
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		if holds(v.Type().Elem()) {
			k.left -= c.Len()
			for i := range c.Len() {
				c.Index(i).Set(k.value(v.Index(i), depth-1))
			}
		}
		return c
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		inside := holds(v.Type().Elem())
		k.left -= v.Len()
		for it := v.MapRange(); it.Next(); {
			e := it.Value()
			if inside {
				e = k.value(e, depth-1)
			}
			c.SetMapIndex(it.Key(), e)
		}
		return c
	}
	return v
}

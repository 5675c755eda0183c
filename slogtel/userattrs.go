package slogtel

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"

	"github.com/slogtel/telemetry/internal/event"
)

// maxAttrs is how many attributes an event may have, and an attribute members in
// all of its groups; maxGroupDepth how deep groups are looked into. A LogValuer can return groups of itself without end.
const (
	maxAttrs      = 1024
	maxGroupDepth = 16
)

// user adds a caller's attributes to an event: keys of ours get a prefix, a key
// given twice keeps its place and takes the last value, groups without a key are
// spread out as slog does, LogValuers are resolved (a reporter may keep the record),
// and what is not finite or panics is left out and reported.
type user struct {
	core   *core
	path   string // of the event
	from   int    // where the caller's attributes begin
	budget int    // how many more there may be
	inside int    // how many more members the groups of one attribute may have
	timing bool   // the event may carry previews
}

// append must not let attrs escape: the caller's variadic slice stays on its stack.
func (u *user) append(ctx context.Context, dst []slog.Attr, attrs []slog.Attr) []slog.Attr {
	for _, a := range attrs {
		if u.budget--; u.budget < 0 {
			if u.budget == -1 {
				u.report(ctx, a.Key, ErrTooManyAttrs)
			}
			return dst
		}
		switch a.Value.Kind() {
		case slog.KindFloat64:
			if !finite(a.Value.Float64()) {
				u.report(ctx, a.Key, ErrNotFinite)
				continue
			}
		case slog.KindAny:
			if empty(a) {
				continue
			}
			if notFinite(a.Value.Any()) {
				u.report(ctx, a.Key, ErrNotFinite)
				continue
			}
		case slog.KindGroup, slog.KindLogValuer:
			var ok bool
			u.inside = maxAttrs
			if a.Value, ok = u.clean(ctx, a.Value, a.Key, maxGroupDepth); !ok {
				continue
			}
			if a.Value.Kind() == slog.KindGroup {
				if a.Key == "" {
					dst = u.append(ctx, dst, a.Value.Group())
					continue
				}
				if len(a.Value.Group()) == 0 {
					continue
				}
			}
		}
		if a.Key == KeyRawPreview && u.timing && a.Value.Kind() == slog.KindGroup {
			dst = u.preview(dst, a)
			continue
		}
		if event.Reserved(a.Key) {
			a.Key = event.UserPrefix + a.Key
		}
		dst = appendOrReplace(dst, u.from, a)
	}
	return dst
}

// empty reports whether a is the zero Attr, as package preview makes it when it is off.
func empty(a slog.Attr) bool {
	return a.Key == "" && a.Value.Kind() == slog.KindAny && a.Value.Any() == nil
}

// preview adds the group of package preview, which is the one key of ours that callers
// set: behind our own attributes and before theirs.
func (u *user) preview(dst []slog.Attr, a slog.Attr) []slog.Attr {
	if before := u.from - 1; dst[before].Key == KeyRawPreview {
		dst[before] = a
		return dst
	}
	u.from++
	return slices.Insert(dst, u.from-1, a)
}

func appendOrReplace(dst []slog.Attr, from int, a slog.Attr) []slog.Attr {
	for i := from; i < len(dst); i++ {
		if dst[i].Key == a.Key {
			dst[i] = a
			return dst
		}
	}
	return append(dst, a)
}

func (u *user) report(ctx context.Context, key string, err error) {
	u.core.errors.event(ctx, &EventError{Scope: u.path, Key: key, Err: err})
}

// clean resolves v and all that is in it, and reports what has to be left out.
func (u *user) clean(ctx context.Context, v slog.Value, key string, depth int) (_ slog.Value, ok bool) {
	v, err := resolve(v)
	if err != nil {
		u.report(ctx, key, err)
		return v, false
	}
	switch v.Kind() {
	case slog.KindFloat64:
		ok = finite(v.Float64())
	case slog.KindAny:
		ok = !notFinite(v.Any())
	case slog.KindGroup:
		return u.cleanGroup(ctx, v, key, depth)
	default:
		ok = true
	}
	if !ok {
		u.report(ctx, key, ErrNotFinite)
	}
	return v, ok
}

// putMember adds a member to a group that is cleaned. Of a key given twice the last value wins, and two
// groups become one.
func putMember(group []slog.Attr, a slog.Attr) []slog.Attr {
	i := slices.IndexFunc(group, func(b slog.Attr) bool { return b.Key == a.Key && a.Key != "" })
	if i < 0 {
		return append(group, a)
	}
	if old := group[i].Value; old.Kind() == slog.KindGroup && a.Value.Kind() == slog.KindGroup {
		both := slices.Clone(old.Group())
		for _, member := range a.Value.Group() {
			both = putMember(both, member)
		}
		a.Value = slog.GroupValue(both...)
	}
	group[i] = a
	return group
}

// isEmptyGroup is true for a group that handlers leave out; slog's own writes a line that is not JSON
// where all members of a group are such.
func isEmptyGroup(v slog.Value) bool { return v.Kind() == slog.KindGroup && len(v.Group()) == 0 }

func (u *user) cleanGroup(ctx context.Context, v slog.Value, key string, depth int) (slog.Value, bool) {
	group := v.Group()
	if !needsCleaning(group) {
		return v, true
	}
	if depth == 0 {
		return slog.StringValue("!ERROR: groups nested too deeply"), true
	}
	clean := make([]slog.Attr, 0, len(group))
	for _, a := range group {
		if u.inside--; u.inside < 0 {
			if u.inside == -1 {
				u.report(ctx, key, ErrTooManyAttrs)
			}
			break
		}
		var ok bool
		if a.Value, ok = u.clean(ctx, a.Value, key+"."+a.Key, depth-1); ok && !empty(a) && !isEmptyGroup(a.Value) {
			clean = putMember(clean, a)
		}
	}
	return slog.GroupValue(clean...), true
}

func needsCleaning(group []slog.Attr) bool {
	for i, a := range group {
		if empty(a) || slices.ContainsFunc(group[max(0, i-maxAttrs):i], func(b slog.Attr) bool { return b.Key == a.Key && a.Key != "" }) {
			return true
		}
		switch a.Value.Kind() {
		case slog.KindGroup, slog.KindLogValuer:
			return true
		case slog.KindFloat64:
			if !finite(a.Value.Float64()) {
				return true
			}
		case slog.KindAny:
			if notFinite(a.Value.Any()) {
				return true
			}
		}
	}
	return false
}

var errEndless = errors.New("LogValue returned LogValuers a hundred times over")

// resolve is slog.Value.Resolve, but for an error where that makes up a value: of
// another kind than the attribute has on other days, and with a stack trace in it.
func resolve(v slog.Value) (_ slog.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = slog.Value{}, panicError(p)
		}
	}()
	for range 100 {
		if v.Kind() != slog.KindLogValuer {
			return v, nil
		}
		v = v.LogValuer().LogValue()
	}
	return slog.Value{}, errEndless
}

func finite(f float64) bool { return f-f == 0 } // NaN and Inf minus themselves are NaN

// notFinite reports whether v is a float of a type of its own, a pointer to a
// float, or a slice or an array of floats, and not finite. What is deeper inside v
// is for the handler that writes it.
func notFinite(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Float32, reflect.Float64:
		return !finite(r.Float())
	case reflect.Pointer:
		e := r.Elem()
		return e.IsValid() && e.CanFloat() && !finite(e.Float())
	case reflect.Slice, reflect.Array:
		if k := r.Type().Elem().Kind(); k != reflect.Float32 && k != reflect.Float64 {
			return false
		}
		for i := range r.Len() {
			if !finite(r.Index(i).Float()) {
				return true
			}
		}
	}
	return false
}

// Package forward hands the optional methods of a handler on to the next one: what a middleware wraps must
// not lose them.
package forward

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/slogtel/telemetry/scope"
)

// Flush calls the Flush of h, if it has one.
func Flush(ctx context.Context, h slog.Handler) error {
	if f, ok := h.(interface{ Flush(context.Context) error }); ok {
		return f.Flush(ctx)
	}
	return nil
}

// Shutdown calls the Shutdown of h, or else its Flush, if it has one.
func Shutdown(ctx context.Context, h slog.Handler) error {
	if s, ok := h.(interface{ Shutdown(context.Context) error }); ok {
		return s.Shutdown(ctx)
	}
	return Flush(ctx, h)
}

// PanicError makes an error of what was recovered from a panic of a handler.
func PanicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", v)
}

// A ScopeWatcher is slogtel.ScopeWatcher.
type ScopeWatcher interface {
	ScopeStarted(ctx context.Context, s scope.Info)
}

// Watches reports whether h is to be told of scopes that start. It is false for a handler whose
// method panics, as that of a nil pointer does.
func Watches(h slog.Handler) (watches bool) {
	defer func() {
		if recover() != nil {
			watches = false
		}
	}()
	if _, ok := h.(ScopeWatcher); !ok {
		return false
	}
	w, ok := h.(interface{ WatchesScopes() bool })
	return !ok || w.WatchesScopes()
}

// ScopeStarted tells h of a scope, if it is to be told.
func ScopeStarted(ctx context.Context, h slog.Handler, s scope.Info) {
	if Watches(h) {
		h.(ScopeWatcher).ScopeStarted(ctx, s)
	}
}

type retainer interface{ RetainsRecords() bool }

// Retains reports whether h may keep a record after its Handle has returned, as slogtel.RetainsRecords
// does: it may unless a method of its own says no. A method that h got by embedding may be that of another
// handler, and does not count.
func Retains(h slog.Handler) (retains bool) {
	defer func() {
		if recover() != nil { // a nil pointer, say
			retains = true
		}
	}()
	switch h := h.(type) {
	case *slog.JSONHandler, *slog.TextHandler:
		return false
	case retainer:
		return embeds(reflect.TypeOf(h)) || h.RetainsRecords()
	}
	return h != slog.DiscardHandler
}

// isHandler reports whether t is a handler that is a retainer, too.
func isHandler(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[retainer]()) && t.Implements(reflect.TypeFor[slog.Handler]())
}

// embeds reports whether t, or what it points to, is a struct that embeds a handler that is
// a retainer.
func embeds(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && (isHandler(f.Type) || isHandler(reflect.PointerTo(f.Type))) {
			return true
		}
	}
	return false
}

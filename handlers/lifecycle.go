package handlers

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/scope"
)

// flush calls the Flush of h, if it has one.
func flush(ctx context.Context, h slog.Handler) error {
	if f, ok := h.(interface{ Flush(context.Context) error }); ok {
		return f.Flush(ctx)
	}
	return nil
}

// shutdown calls the Shutdown of h, or else its Flush, if it has one.
func shutdown(ctx context.Context, h slog.Handler) error {
	if s, ok := h.(interface{ Shutdown(context.Context) error }); ok {
		return s.Shutdown(ctx)
	}
	return flush(ctx, h)
}

// scopeWatcher is slogtel.ScopeWatcher.
type scopeWatcher interface {
	ScopeStarted(ctx context.Context, s scope.Info)
}

// watches reports whether h is to be told of scopes that start.
func watches(h slog.Handler) bool {
	if _, ok := h.(scopeWatcher); !ok {
		return false
	}
	w, ok := h.(interface{ WatchesScopes() bool })
	return !ok || w.WatchesScopes()
}

// scopeStarted tells h of a scope, if it is to be told.
func scopeStarted(ctx context.Context, h slog.Handler, s scope.Info) {
	if watches(h) {
		h.(scopeWatcher).ScopeStarted(ctx, s)
	}
}

package handlers

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// optional has the optional methods of a middleware, each of which is that of the next
// handler. It is embedded.
type optional struct{ to slog.Handler }

// Unwrap returns the next handler.
func (o optional) Unwrap() slog.Handler { return o.to }

// Flush flushes the next handler, if it can be.
func (o optional) Flush(ctx context.Context) error { return forward.Flush(ctx, o.to) }

// Shutdown shuts the next handler down, or flushes it, if it can be.
func (o optional) Shutdown(ctx context.Context) error { return forward.Shutdown(ctx, o.to) }

// ScopeStarted tells the next handler of a scope, if it wants to know.
func (o optional) ScopeStarted(ctx context.Context, s scope.Info) {
	forward.ScopeStarted(ctx, o.to, s)
}

// WatchesScopes reports whether the next handler wants to know of scopes that start.
func (o optional) WatchesScopes() bool { return forward.Watches(o.to) }

// RetainsRecords reports whether the next handler may keep records.
func (o optional) RetainsRecords() bool { return forward.Retains(o.to) }

func flush(ctx context.Context, h slog.Handler) error    { return forward.Flush(ctx, h) }
func shutdown(ctx context.Context, h slog.Handler) error { return forward.Shutdown(ctx, h) }
func watches(h slog.Handler) bool                        { return forward.Watches(h) }

func scopeStarted(ctx context.Context, h slog.Handler, s scope.Info) {
	forward.ScopeStarted(ctx, h, s)
}

// scopeWatcher is slogtel.ScopeWatcher.
type scopeWatcher interface {
	ScopeStarted(ctx context.Context, s scope.Info)
}

package forward

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/scope"
)

// Optional has the optional methods of a middleware, each of which is that of the next
// handler. It is embedded.
type Optional struct{ To slog.Handler }

// Unwrap returns the next handler.
func (o Optional) Unwrap() slog.Handler { return o.To }

// Flush flushes the next handler, if it can be.
func (o Optional) Flush(ctx context.Context) error { return Flush(ctx, o.To) }

// Shutdown shuts the next handler down, or flushes it, if it can be.
func (o Optional) Shutdown(ctx context.Context) error { return Shutdown(ctx, o.To) }

// ScopeStarted tells the next handler of a scope, if it wants to know.
func (o Optional) ScopeStarted(ctx context.Context, s scope.Info) {
	ScopeStarted(ctx, o.To, s)
}

// WatchesScopes reports whether the next handler wants to know of scopes that start.
func (o Optional) WatchesScopes() bool { return Watches(o.To) }

// RetainsRecords reports whether the next handler may keep records.
func (o Optional) RetainsRecords() bool { return Retains(o.To) }

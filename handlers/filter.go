package handlers

import (
	"context"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"
)

// Filter returns a middleware that passes on the records for which keep is true,
// and drops the others. It is meant for what is not wanted, such as telemetry of a
// noisy scope, so what it drops is not counted.
//
// Keep sees the attributes of the record itself, not those that With added. It is
// called from any goroutine and must not change the record. A nil keep keeps all.
// Flush and Shutdown are passed on. The next handler is not told of scopes that start
// (slogtel.ScopeWatcher), as it may not be told that they end.
func Filter(keep func(context.Context, slog.Record) bool) slogmulti.Middleware {
	return func(next slog.Handler) slog.Handler {
		if keep == nil {
			return next
		}
		return &filter{next, keep}
	}
}

type filter struct {
	next slog.Handler
	keep func(context.Context, slog.Record) bool
}

var _ slog.Handler = (*filter)(nil)

func (f *filter) Enabled(ctx context.Context, l slog.Level) bool { return f.next.Enabled(ctx, l) }

func (f *filter) Handle(ctx context.Context, r slog.Record) error {
	if !f.keep(ctx, r) {
		return nil
	}
	return f.next.Handle(ctx, r)
}

func (f *filter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &filter{f.next.WithAttrs(attrs), f.keep}
}

func (f *filter) WithGroup(name string) slog.Handler {
	return &filter{f.next.WithGroup(name), f.keep}
}

// Flush flushes the next handler, if it can be.
func (f *filter) Flush(ctx context.Context) error { return flush(ctx, f.next) }

// Shutdown shuts the next handler down, or flushes it, if it can be.
func (f *filter) Shutdown(ctx context.Context) error { return shutdown(ctx, f.next) }

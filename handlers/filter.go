package handlers

import (
	"context"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/internal/forward"
)

// A Middleware puts a handler in front of another. It is that of slog-multi, whose Pipe
// joins several.
type Middleware = slogmulti.Middleware

// Filter returns a middleware that passes on the records for which keep is true, and drops
// the others. It is meant for what is not wanted, such as telemetry of a noisy scope, so
// what it drops is not counted.
//
// Keep sees the attributes of the record itself, and not those that With added. It is called
// from any goroutine. It must neither change the record nor keep it. A nil keep keeps all.
// The optional methods of the next handler (Flush, Shutdown, ScopeStarted, RetainsRecords)
// are passed on: it is told of all scopes that start, also of those whose end is dropped.
func Filter(keep func(context.Context, slog.Record) bool) Middleware {
	return func(next slog.Handler) slog.Handler {
		if keep == nil {
			return next
		}
		return &filter{forward.Optional{To: next}, next, keep}
	}
}

type filter struct {
	forward.Optional
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
	return &filter{f.Optional, f.next.WithAttrs(attrs), f.keep}
}

func (f *filter) WithGroup(name string) slog.Handler {
	return &filter{f.Optional, f.next.WithGroup(name), f.keep}
}

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
		return &gate{Optional: forward.Optional{To: next}, next: next, keep: keep}
	}
}

// gate lets through what is of a level or is to be kept. Either may be nil, for all.
type gate struct {
	forward.Optional
	next   slog.Handler
	levels *Levels
	keep   func(context.Context, slog.Record) bool
}

var _ slog.Handler = (*gate)(nil)

func (g *gate) Enabled(ctx context.Context, l slog.Level) bool {
	return (g.levels == nil || l >= g.levels.Of(ctx)) && g.next.Enabled(ctx, l)
}

func (g *gate) Handle(ctx context.Context, r slog.Record) error {
	if g.keep != nil && !g.keep(ctx, r) {
		return nil
	}
	return g.next.Handle(ctx, r)
}

func (g *gate) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &gate{g.Optional, g.next.WithAttrs(attrs), g.levels, g.keep}
}

func (g *gate) WithGroup(name string) slog.Handler {
	return &gate{g.Optional, g.next.WithGroup(name), g.levels, g.keep}
}

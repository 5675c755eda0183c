package handlers

import (
	"context"
	"log/slog"
)

// handleFunc is a handler that is enabled for all, and forgets what With said.
type handleFunc func(context.Context, slog.Record) error

func (handleFunc) Enabled(context.Context, slog.Level) bool { return true }
func (f handleFunc) Handle(ctx context.Context, r slog.Record) error {
	return f(ctx, r)
}
func (f handleFunc) WithAttrs([]slog.Attr) slog.Handler { return f }
func (f handleFunc) WithGroup(string) slog.Handler      { return f }

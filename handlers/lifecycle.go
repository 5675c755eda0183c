package handlers

import (
	"context"
	"log/slog"
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

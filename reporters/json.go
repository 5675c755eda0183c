package reporters

import (
	"io"
	"log/slog"

	"github.com/slogtel/telemetry/handlers"
)

// JSONOptions configure [NewJSON].
type JSONOptions struct {
	// Level is the least level that is written. Nil is slog.LevelInfo.
	Level slog.Leveler

	// AddSource and ReplaceAttr are those of [slog.HandlerOptions].
	AddSource   bool
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr
}

// NewJSON returns a handler that writes each record, telemetry or not, as one JSON
// object on a line of its own, in one Write. The keys of a telemetry record are
// those of package slogtel, after slog's time, level and msg. The error of a
// failed Write is returned to the caller of Handle.
func NewJSON(w io.Writer, opts *JSONOptions) slog.Handler {
	var o JSONOptions
	if opts != nil {
		o = *opts
	}
	return handlers.NewJSON(w, &slog.HandlerOptions{Level: o.Level, AddSource: o.AddSource, ReplaceAttr: o.ReplaceAttr})
}

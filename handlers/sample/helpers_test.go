package sample

import (
	"context"
	"errors"
	"log/slog"
)

var ctx = context.Background()

// noTime leaves out the time, which differs from run to run.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// lifecycle counts what a handler is asked for.
type lifecycle struct {
	slog.Handler
	flushes, shutdowns int
}

func (l *lifecycle) Flush(context.Context) error    { l.flushes++; return nil }
func (l *lifecycle) Shutdown(context.Context) error { l.shutdowns++; return nil }

var errSink = errors.New("the sink failed")

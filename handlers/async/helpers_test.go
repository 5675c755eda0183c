package async

import (
	"context"
	"log/slog"
)

var ctx = context.Background()

// numberType resolves to a string, and is none by kind.
type numberType uint8

func (numberType) LogValue() slog.Value { return slog.StringValue("timing") }

// noTime leaves out the time, which differs from run to run.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

package slogjson_test

import (
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/handlers/slogjson"
)

func ExampleNew() {
	logger := slog.New(slogjson.New(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{} // an example has no time
			}
			return a
		},
	}))
	request := logger.With("service", "api").WithGroup("request")
	request.Info("done", "path", "/users/42", "took", 1500*time.Microsecond, slog.Group("user", "id", 42))
	request.Error("failed", "err", errors.New("unexpected EOF"))
	request.Debug("nothing to say")
	// Output:
	// {"level":"INFO","msg":"done","service":"api","request":{"path":"/users/42","took":1500000,"user":{"id":42}}}
	// {"level":"ERROR","msg":"failed","service":"api","request":{"err":"unexpected EOF"}}
	// {"level":"DEBUG","msg":"nothing to say","service":"api"}
}

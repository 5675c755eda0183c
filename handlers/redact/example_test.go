package redact_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/handlers/redact"
)

func ExampleNew() {
	var hidden redact.Stats
	hide := redact.New(&redact.Options{
		Keys:  []string{"tenant", "user.*"}, // in addition to the names that everybody hides
		Allow: []string{"user.id"},
		Stats: &hidden,
	})
	logger := slog.New(hide(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: redactExampleAttr})))

	logger.Info("connected to postgres://app:s3cret@db/app", "tenant", "acme", "api_key", "k-123")
	logger.With("session_id", 42).Info("login", slog.Group("user", "id", 7, "name", "Ann"))
	logger.Error("refused", "err", errors.New("401: Authorization: Bearer abc.def.123"),
		"request", map[string]any{"path": "/v1", "headers": []string{"Cookie", "sid=1"}})
	fmt.Println(hidden.Names(), "by name,", hidden.Shapes(), "by shape")
	// Output:
	// level=INFO msg="connected to postgres://[REDACTED]@db/app" tenant=[REDACTED] api_key=[REDACTED]
	// level=INFO msg=login session_id=[REDACTED] user.id=7 user.name=[REDACTED]
	// level=ERROR msg=refused err="401: Authorization: Bearer [REDACTED]" request="map[headers:[Cookie [REDACTED]] path:/v1]"
	// 5 by name, 2 by shape
}

func redactExampleAttr(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}

// Redact is an app that logs more than it should, and the one line that keeps its secrets from
// all of its sinks: package redact before the fan-out.
//
//	go run ./examples/redact
//
// It writes the same logs and telemetry twice on standard output: without Redact, and with it. The
// secrets are made up.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	fmt.Println("# before")
	work(sinks(os.Stdout))

	var hidden redact.Stats
	hide := redact.New(&redact.Options{
		Keys:  []string{"customer.*", "*_iban"}, // this app's own, beside those that everybody hides
		Allow: []string{"customer.id"},
		Stats: &hidden,
	})
	fmt.Println("\n# after")
	work(hide(sinks(os.Stdout)))
	fmt.Printf("\n# hidden: %d by name, %d by shape\n", hidden.Names(), hidden.Shapes())
}

// sinks are where the app's records go: to a person as text, to a machine as JSON.
func sinks(w io.Writer) slog.Handler {
	opts := &slog.HandlerOptions{ReplaceAttr: withoutTimes}
	return slogmulti.Fanout(slog.NewTextHandler(w, opts), slogjson.New(w, opts))
}

// work is the app. Its logs and its telemetry go the same way.
func work(h slog.Handler) {
	logger := slog.New(h)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)

	logger.Info("connecting to postgres://shop:correct-horse@db.internal/shop")
	ctx, span := tel.Start(context.Background(), "checkout",
		slog.Group("customer", "id", 7, "name", "Ann Example"), slog.String("refund_iban", "XX00EXAMPLE"))
	err := charge(ctx, logger)
	span.Fail(err)
	span.End()
}

type request struct {
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Card    string            `json:"card"`
}

func charge(ctx context.Context, logger *slog.Logger) error {
	logger.InfoContext(ctx, "request", "body", &request{
		Path: "/v1/charges", Headers: map[string]string{"Authorization": "Basic c2hvcDpzZWNyZXQ=", "Accept": "*/*"}, Card: "4242 4242 4242 4242",
	})
	return errors.New("401 from https://pay.example.com/v1/charges?amount=12&access_token=abc123")
}

// withoutTimes makes what is written the same each time.
func withoutTimes(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey, slogtel.KeyDuration, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic, slogtel.KeyStartWall, slogtel.KeyEndWall:
		return slog.Attr{}
	}
	return a
}

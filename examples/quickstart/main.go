// Quickstart opens scopes around its work and records metrics inside them.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	ctx := context.Background()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, console.New(os.Stdout, nil))
	defer tel.Shutdown(ctx)

	ctx, span := tel.Start(ctx, "inventory", slog.String("folder", "."))
	defer span.End()

	for _, name := range []string{"go.mod", "no-such-file"} {
		// A scope inside the scope: inventory.read. What it returns is its error.
		_ = tel.Time(ctx, "read", func(ctx context.Context) error {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			tel.Count(ctx, "bytes", int64(len(data))) // inventory.read.bytes
			return nil
		}, slog.String("file", name))
	}
	entries, _ := os.ReadDir(".")
	tel.Gauge(ctx, "entries", float64(len(entries))) // inventory.entries
}

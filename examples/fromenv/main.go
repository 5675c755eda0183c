// Fromenv leaves it to the environment where logs and telemetry go.
//
//	go run ./examples/fromenv
//	SLOGTEL_REPORTERS=console,memory go run ./examples/fromenv
//	SLOGTEL_REPORTERS=json=telemetry.jsonl SLOGTEL_LEVEL=warn,job*=debug SLOGTEL_REDACT=on go run ./examples/fromenv
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/reporters/fromenv"
)

func main() {
	setup, err := fromenv.New(slog.NewTextHandler(os.Stdout, nil), nil)
	slog.SetDefault(slog.New(setup.Handler))
	if err != nil {
		slog.Warn("telemetry is not set up as asked for", "error", err)
	}
	os.Exit(setup.Main(func(ctx context.Context) error { return run(ctx, setup) }))
}

// run is what the program does. It returns its error: os.Exit in here would lose telemetry.
func run(ctx context.Context, setup *fromenv.Setup) error {
	tel := setup.Telemetry
	ctx, span := tel.Start(ctx, "job", slog.String("token", "ghp_"+"x1Y2z3A4b5C6d7E8f9G0h1J2k3L4m5N6o7P8"))
	defer span.End()
	for i := range 3 {
		_ = tel.Time(ctx, "step", func(ctx context.Context) error {
			slog.DebugContext(ctx, "working", "step", i)
			time.Sleep(time.Millisecond)
			return ctx.Err()
		})
	}
	tel.Count(ctx, "steps", 3)
	slog.InfoContext(ctx, "done")
	return nil
}

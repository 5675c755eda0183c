package console_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// One handler for an app's telemetry and its logs. The scopes here last as long as
// Timing says, and the times are left out, so that the output is the same each time.
func ExampleNew() {
	console := console.New(os.Stdout, &console.Options{
		NoTime: true,
		Color:  slogtel.Off, // by default there are colors on a terminal
	})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, console)
	log := slog.New(console)

	root := context.Background()
	run := scope.NewContext(root, scope.Info{Path: "pipeline"})
	plan := scope.NewContext(run, scope.Info{Path: "pipeline.plan", Parent: "pipeline", Depth: 1})

	log.Info("starting", "files", 3)
	tel.Timing(plan, "tokenize", 1240*time.Microsecond, slog.String("model", "small one"))
	tel.Count(plan, "tokens", 12345)
	tel.Timing(run, "plan", 4100*time.Microsecond)
	tel.Histogram(run, "latency", 0.1184)
	tel.Gauge(run, "budget", 0.82)
	tel.Timing(root, "pipeline", 83*time.Second)
	log.Error("done", "err", errors.New("no answer\nfrom \x1b[31mthe provider"))

	// Output:
	// INF starting files=3
	// INF     tokenize 1.24ms model="small one"
	// INF     tokens +12.3k
	// INF   plan 4.1ms
	// INF   latency ~ 0.118
	// INF   budget = 0.82
	// INF pipeline 1m23s
	// ERR done err="no answer\nfrom \x1b[31mthe provider"
}

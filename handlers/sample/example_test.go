package sample_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/scope"
)

// Of what happens in api and below, one in ten traces is kept; of the health checks,
// none; and every failure.
func ExampleSampler() {
	sampled := sample.New(&sample.Options{Rules: []sample.Rule{
		{Scope: "api.health", Rate: -1},
		{Scope: "api*", Rate: 0.1},
	}}).Middleware
	next := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: leaveOutTime})
	log := slog.New(sampled(next))

	log.Info("ready") // in no scope

	in := func(path, traceID string) context.Context {
		return scope.NewContext(context.Background(), scope.Info{Path: path, TraceID: traceID})
	}
	lucky, unlucky := "4bf92f3577b34da6a3fe929d0e0e4736", "4bf92f3577b34da6a30e929d0e0e4736"
	log.InfoContext(in("api.request", lucky), "looking up", "user", 7)
	log.InfoContext(in("api.request.db", lucky), "found")
	log.InfoContext(in("api.request", unlucky), "looking up", "user", 8)
	log.WarnContext(in("api.request.db", unlucky), "slow")
	log.InfoContext(in("api.health", lucky), "healthy")
	// Output:
	// level=INFO msg=ready
	// level=INFO msg="looking up" user=7 sample_rate=0.1
	// level=INFO msg=found sample_rate=0.1
	// level=WARN msg=slow
}

// With a Sampler one can see how much was dropped.
func ExampleNew() {
	sampler := sample.New(&sample.Options{Rate: -1}) // keep what must be kept, only
	log := slog.New(sampler.Middleware(slogjson.New(nil, nil)))

	ctx := scope.NewContext(context.Background(), scope.Info{Path: "batch"})
	for i := range 100 {
		if i == 42 {
			log.ErrorContext(ctx, "failed", "error", errors.New("no such file"))
			continue
		}
		log.InfoContext(ctx, "done")
	}
	fmt.Printf("%+v\n", sampler.Stats())
	// Output: {Kept:1 Dropped:99}
}

func fails(context.Context) error { return errors.New("no such file") }

func leaveOutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

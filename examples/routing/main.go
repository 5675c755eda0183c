// Routing shows how records find their way: levels, and slog-multi's FirstMatch, Failover
// and Pool with the reporters and handlers of this library, one recipe a file. Each takes
// the same work, a small shop's orders, and prints what arrived where. Router, which sends
// telemetry to one place and logs to another, is in examples/fanout.
//
//	go run ./examples/routing [recipe ...]
//
// The recipes are levels, firstmatch, failover and pool; without one all are run. It exits
// with 2 when a recipe is unknown.
//
// The handlers of slog-multi have no Flush and no Shutdown, so a Telemetry does not
// reach what is behind them: whoever made a reporter that holds records back, such
// as an Async, a file or a StatsD handler, shuts it down after the Telemetry.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/slogtel/telemetry/slogtel"
)

var recipes = []struct {
	name string
	run  func(io.Writer) error
}{
	{"levels", levels},
	{"firstmatch", firstMatch},
	{"failover", failover},
	{"pool", pool},
}

func main() {
	known := make([]string, 0, len(recipes))
	for _, r := range recipes {
		known = append(known, r.name)
	}
	for _, name := range os.Args[1:] {
		if !slices.Contains(known, name) {
			fmt.Fprintf(os.Stderr, "routing: there is no recipe %q: there are %v\n", name, known)
			os.Exit(2)
		}
	}
	for _, r := range recipes {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], r.name) {
			continue
		}
		fmt.Printf("--- %s\n", r.name)
		if err := r.run(os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "routing: %s: %v\n", r.name, err)
			os.Exit(1)
		}
	}
}

// shop is the work that the recipes watch: an app that logs and measures itself.
func shop(log *slog.Logger, tel *slogtel.Telemetry) {
	ctx := context.Background()
	log.Info("shop opens")
	for _, item := range []string{"ball", "kite", "bomb"} {
		ctx, span := tel.Start(ctx, "order", slog.String("item", item))
		if item == "bomb" {
			span.Fail(errors.New("not for sale"))
			log.ErrorContext(ctx, "order refused", "item", item)
		} else {
			tel.Count(ctx, "sold", 1)
		}
		span.End()
	}
}

// plain writes records as short lines without what differs from run to run.
func plain(w io.Writer, level slog.Level) slog.Handler {
	keep := []string{slog.LevelKey, slog.MessageKey, slogtel.KeyScope, slogtel.KeyValue, slogtel.KeyError, "item"}
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if !slices.Contains(keep, a.Key) {
			return slog.Attr{}
		}
		return a
	}})
}

// on is a Telemetry that is on and reports to the given handlers.
func on(reporters ...slog.Handler) *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, reporters...)
}

func isTelemetry(_ context.Context, r slog.Record) bool { return slogtel.IsTelemetry(r) }

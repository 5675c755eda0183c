package tailsample_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
)

// All payments are kept, and of the other requests those that fail or are asked for, with what
// happened inside.
func ExampleNew() {
	lines := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "scope" || a.Key == "error" {
			return a
		}
		return slog.Attr{}
	}})
	tail := tailsample.New(lines, &tailsample.Options{Rate: -1, Rules: []sample.Rule{{Scope: "pay", Rate: 1}}})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, tail)

	request := func(name string, err error, attrs ...slog.Attr) {
		ctx, span := tel.Start(context.Background(), name, attrs...)
		_ = tel.Time(ctx, "db", func(context.Context) error { return err })
		span.End()
	}
	request("pay", nil)
	request("search", nil)
	request("search", errors.New("no index"))
	request("health", nil, slog.Bool(tailsample.KeyKeep, true))

	s := tail.Stats()
	fmt.Println(s.Chance, "by chance,", s.Failed, "failed,", s.Asked, "asked for,", s.Dropped, "dropped")
	// Output:
	// scope=pay.db
	// scope=pay
	// scope=search.db error="no index"
	// scope=search
	// scope=health.db
	// scope=health
	// 1 by chance, 1 failed, 1 asked for, 1 dropped
}

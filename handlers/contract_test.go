package handlers_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// TestContract puts every handler of this package through the contract suite. A
// new one joins by a line; a middleware does so above NewJSON.
func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	json := func() slog.Handler { return handlers.NewJSON(&out, nil) }
	standard := &slogteltest.Options{Results: out.JSON, StandardQuirks: true}
	for _, c := range []struct {
		name string
		new  func(t *testing.T) slog.Handler
		opts *slogteltest.Options
	}{
		{"NewJSON", func(*testing.T) slog.Handler { return json() }, standard},
		{"Scope", func(*testing.T) slog.Handler { return handlers.Scope()(json()) }, standard},
		{"Filter", func(*testing.T) slog.Handler { return handlers.Filter(all)(json()) }, standard},
	} {
		t.Run(c.name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				out.Reset()
				return c.new(t)
			}, c.opts)
		})
	}
}

func all(context.Context, slog.Record) bool { return true }

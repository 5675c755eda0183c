package handlers_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// TestContract puts every handler of this package through the contract suite. A
// new one joins by a line; a middleware does so above slogjson.
func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	json := func() slog.Handler { return slogjson.New(&out, nil) }
	standard := &slogteltest.Options{Results: out.JSON, StandardQuirks: true}
	for _, c := range []struct {
		name string
		new  func(t *testing.T) slog.Handler
		opts *slogteltest.Options
	}{
		{"slogjson", func(*testing.T) slog.Handler { return json() }, standard},
		{"slogjson ReplaceAttr", func(*testing.T) slog.Handler {
			return slogjson.New(&out, &slog.HandlerOptions{ReplaceAttr: showGroups})
		}, &slogteltest.Options{Output: out.String, StandardQuirks: true}},
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

// showGroups makes it seen which groups a ReplaceAttr function is told of.
func showGroups(groups []string, a slog.Attr) slog.Attr {
	a.Key = strings.Join(append(groups[:len(groups):len(groups)], a.Key), "/")
	return a
}

func all(context.Context, slog.Record) bool { return true }

package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// full is a handler with all optional methods.
type full struct {
	slog.Handler
	calls   []string
	retains bool
	deaf    bool
}

func (f *full) Flush(context.Context) error { f.calls = append(f.calls, "Flush"); return errFull }
func (f *full) Shutdown(context.Context) error {
	f.calls = append(f.calls, "Shutdown")
	return errFull
}
func (f *full) ScopeStarted(context.Context, scope.Info) { f.calls = append(f.calls, "ScopeStarted") }
func (f *full) WatchesScopes() bool                      { return !f.deaf }
func (f *full) RetainsRecords() bool                     { return f.retains }
func (f *full) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f *full) WithGroup(string) slog.Handler            { return f }

var errFull = errors.New("full")

var middlewares = map[string]func(slog.Handler) slog.Handler{
	"Scope":  handlers.Scope(),
	"Filter": handlers.Filter(func(context.Context, slog.Record) bool { return true }),
	"Redact": redact.New(nil),
	"Sample": sample.New(&sample.Options{Rate: 0.5}).Middleware,
	"all": func(h slog.Handler) slog.Handler {
		return handlers.Scope()(handlers.Filter(func(context.Context, slog.Record) bool { return true })(redact.New(nil)(sample.New(nil).Middleware(h))))
	},
}

type optionals interface {
	slogtel.ScopeWatcher
	Flush(context.Context) error
	Shutdown(context.Context) error
	WatchesScopes() bool
	RetainsRecords() bool
}

func TestOptionalMethodsAreForwarded(t *testing.T) {
	for name, middleware := range middlewares {
		for _, derive := range []func(slog.Handler) slog.Handler{
			func(h slog.Handler) slog.Handler { return h },
			func(h slog.Handler) slog.Handler {
				return h.WithAttrs([]slog.Attr{slog.Int("n", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("n", 1)})
			},
		} {
			next := &full{Handler: slog.DiscardHandler, retains: true}
			h, ok := derive(middleware(next)).(optionals)
			require.True(t, ok, name)
			require.ErrorIs(t, h.Flush(t.Context()), errFull)
			require.ErrorIs(t, h.Shutdown(t.Context()), errFull)
			h.ScopeStarted(t.Context(), scope.Info{Path: "a"})
			assert.Equal(t, []string{"Flush", "Shutdown", "ScopeStarted"}, next.calls, name)
			assert.True(t, h.WatchesScopes(), name)
			assert.True(t, h.RetainsRecords(), name)
			next.deaf = true
			assert.False(t, h.WatchesScopes(), name)
			h.ScopeStarted(t.Context(), scope.Info{Path: "a"})
			assert.Len(t, next.calls, 3)

			plain := derive(middleware(slog.DiscardHandler)).(optionals)
			assert.False(t, plain.WatchesScopes())
			assert.NoError(t, plain.Shutdown(t.Context()))
			assert.False(t, slogtel.RetainsRecords(plain), name)
			assert.True(t, slogtel.RetainsRecords(derive(middleware(unknown{slog.DiscardHandler}))), name)
		}
	}
}

// unknown says nothing of whether it retains records.
type unknown struct{ next slog.Handler }

func (unknown) Enabled(context.Context, slog.Level) bool  { return true }
func (unknown) Handle(context.Context, slog.Record) error { return nil }
func (u unknown) WithAttrs([]slog.Attr) slog.Handler      { return u }
func (u unknown) WithGroup(string) slog.Handler           { return u }

// drained retains nothing.
type drained struct{ unknown }

func (drained) RetainsRecords() bool { return false }

// Behind Scope, Redact and Sample a scope takes the one allocation that it takes alone, and
// a count none.
func TestNoSecondAllocation(t *testing.T) {
	testkit.NeedsAllocs(t)
	for name, middleware := range middlewares {
		if name == "Sample" {
			middleware = sample.New(&sample.Options{Rate: 0.5, Metrics: true, Random: func() float64 { return 0 }}).Middleware
		}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, middleware(drained{}))
		ctx, span := tel.Start(context.Background(), "around")
		assert.Equal(t, 1.0, testing.AllocsPerRun(200, func() {
			_, span := tel.Start(ctx, "a", slog.String("model", "m"))
			span.End(slog.Int("n", 1))
		}), name)
		assert.Zero(t, testing.AllocsPerRun(200, func() { tel.Count(ctx, "n", 1, slog.String("model", "m")) }), name)
		span.End()
	}
}

package redact_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// redactStacks are Redact alone, and with the other middlewares in every order.
func redactStacks() map[string]slogmulti.Middleware {
	hide := redact.New(&redact.Options{Keys: []string{"customer.*", "no_such"}, Stats: new(redact.Stats)})
	filter := handlers.Filter(func(context.Context, slog.Record) bool { return true })
	scoped := handlers.Scope()
	stack := func(outer, middle, inner slogmulti.Middleware) slogmulti.Middleware {
		return func(h slog.Handler) slog.Handler { return outer(middle(inner(h))) }
	}
	return map[string]slogmulti.Middleware{
		"Redact":                redact.New(nil),
		"Redact, Redact":        func(h slog.Handler) slog.Handler { return hide(redact.New(nil)(h)) },
		"Redact, Scope, Filter": stack(hide, scoped, filter),
		"Redact, Filter, Scope": stack(hide, filter, scoped),
		"Scope, Redact, Filter": stack(scoped, hide, filter),
		"Scope, Filter, Redact": stack(scoped, filter, hide),
		"Filter, Redact, Scope": stack(filter, hide, scoped),
		"Filter, Scope, Redact": stack(filter, scoped, hide),
	}
}

func TestRedactContract(t *testing.T) {
	var out slogteltest.Buffer
	for name, stack := range redactStacks() {
		if testing.Short() && name != "Redact" && name != "Scope, Redact, Filter" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				out.Reset()
				return stack(slogjson.New(&out, nil))
			}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
		})
	}
}

func TestRedactTextContract(t *testing.T) {
	var out slogteltest.Buffer
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		out.Reset()
		return redact.New(nil)(slog.NewTextHandler(&out, nil))
	}, &slogteltest.Options{Output: out.String, StandardQuirks: true})
}

// Telemetry is still telemetry behind Redact.
func TestRedactTelemetry(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, redact.New(nil)(rec))
	ctx, span := tel.Start(t.Context(), "app.session", slog.String("password", "hunter2hunter2"))
	tel.Count(ctx, "tokens", 12, slog.String("name", "api_key"))
	tel.Gauge(ctx, "load", 0.5, slog.String("note", "token="+"EXAMPLEvalue1"))
	tel.Histogram(ctx, "size", 4242424242424242)
	tel.Metric(ctx, "plain", map[string]any{"password": "hunter2hunter2"})
	span.Fail(fmt.Errorf("refused: token=%s", "EXAMPLEvalue1"))
	span.End()

	timings := rec.Timings("app.session")
	if assert.Len(t, timings, 1) {
		assert.Equal(t, "app.session", timings[0].Scope)
		assert.Equal(t, "refused: token=[REDACTED]", timings[0].Error)
		assert.Equal(t, []slog.Attr{slog.String("password", "[REDACTED]")}, timings[0].Attrs)
	}
	var metrics []slogtel.Metric
	for _, r := range rec.Records() {
		if m, ok := slogtel.DecodeMetric(r); ok {
			metrics = append(metrics, m)
		}
	}
	if assert.Len(t, metrics, 4) {
		assert.Equal(t, int64(12), metrics[0].Value.Int64())
		assert.Equal(t, "token=[REDACTED]", metrics[1].Attrs[0].Value.String())
		assert.Equal(t, 4242424242424242.0, metrics[2].Value.Float64(), "a number keeps its kind")
		assert.Equal(t, map[string]any{"password": "[REDACTED]"}, metrics[3].Value.Any())
	}
}

type watcher struct {
	slog.Handler
	scopes []scope.Info
}

func (w *watcher) ScopeStarted(_ context.Context, s scope.Info) { w.scopes = append(w.scopes, s) }

func TestRedactForwards(t *testing.T) {
	w := &watcher{Handler: slog.DiscardHandler}
	h := redact.New(nil)(w).(slogtel.ScopeWatcher)
	h.ScopeStarted(t.Context(), scope.Info{Path: "a.b", Parent: "a"})
	h.ScopeStarted(t.Context(), scope.Info{Path: "a.password=EXAMPLE1", Depth: 3})
	assert.Equal(t, []scope.Info{{Path: "a.b", Parent: "a"}, {Path: "a.password=[REDACTED]", Depth: 3}}, w.scopes)

	redact.New(nil)(slog.DiscardHandler).(slogtel.ScopeWatcher).ScopeStarted(t.Context(), scope.Info{})
	assert.False(t, redact.New(nil)(slog.DiscardHandler).Enabled(t.Context(), slog.LevelError))
}

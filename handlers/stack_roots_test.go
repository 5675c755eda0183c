package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// around calls test with each of the middlewares that pass events on as they are in front of
// one under test, and behind it.
func around(t *testing.T, test func(t *testing.T, front, behind slogmulti.Middleware)) {
	for _, front := range stackable[:5] {
		for _, behind := range stackable[:5] {
			t.Run(front.name+" "+behind.name, func(t *testing.T) { test(t, front.wrap, behind.wrap) })
		}
	}
}

const manyRoots = 20

// runRoots runs root scopes side by side, each with five scopes inside, which run side by side
// while the root is renamed. Every second one fails inside.
func runRoots(t *testing.T, h slog.Handler) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: func(_ context.Context, err error) { t.Error(err) }}, h)
	log := slog.New(h).With("service", "shop")
	var roots sync.WaitGroup
	for i := range manyRoots {
		roots.Go(func() {
			ctx, root := tel.Start(t.Context(), "request", slog.Int("number", i))
			var inside sync.WaitGroup
			for range 5 {
				inside.Go(func() {
					in, span := tel.Start(ctx, "renamed")
					tel.Count(in, "rows", 2)
					log.InfoContext(in, "in it", "number", i)
					if i%2 == 0 {
						span.Fail(errors.New("oh"))
					}
					span.End()
				})
			}
			root.Rename(ctx, "request.renamed")
			inside.Wait()
			root.End()
		})
	}
	roots.Wait()
	require.NoError(t, tel.Shutdown(t.Context()))
}

// TestStacksWide expects one record of each root, and the app's logs.
func TestStacksWide(t *testing.T) {
	around(t, func(t *testing.T, front, behind slogmulti.Middleware) {
		var out slogteltest.Buffer
		h := wide.New(behind(slogjson.New(&out, nil)), nil)
		runRoots(t, front(h))
		numbers := map[any]bool{}
		for _, line := range out.JSON() {
			if line["msg"] == "in it" {
				assert.Equal(t, "shop", line["service"])
				continue
			}
			require.Equal(t, "request.renamed", line["scope"], "%v", line)
			numbers[line["number"]] = true
			inside := line["inside"].(map[string]any)
			for _, one := range inside["scopes"].(map[string]any) {
				assert.Equal(t, 5.0, one.(map[string]any)["count"])
			}
			for _, sum := range inside["counters"].(map[string]any) {
				assert.Equal(t, 10.0, sum)
			}
			assert.NotContains(t, inside, "open_scopes")
		}
		assert.Len(t, numbers, manyRoots)
		assert.Equal(t, 5*manyRoots, strings.Count(out.String(), "in it"))
		assert.Equal(t, wide.Stats{Records: manyRoots, Events: 10 * manyRoots}, h.Stats())
	})
}

// TestStacksTailsample expects all of the roots in which something failed, and nothing of the others.
func TestStacksTailsample(t *testing.T) {
	around(t, func(t *testing.T, front, behind slogmulti.Middleware) {
		var out slogteltest.Buffer
		h := tailsample.New(behind(slogjson.New(&out, nil)), &tailsample.Options{Rate: -1, Logs: true})
		runRoots(t, front(h))
		records, logs := map[any]int{}, map[any]int{}
		for _, line := range out.JSON() {
			if line["msg"] == "in it" {
				assert.Equal(t, "shop", line["service"])
				logs[line["number"]]++
			} else {
				records[line["trace_id"]]++
			}
		}
		for _, all := range []struct {
			of    map[any]int
			count int
		}{{records, 11}, {logs, 5}} {
			assert.Len(t, all.of, manyRoots/2)
			for _, n := range all.of {
				assert.Equal(t, all.count, n)
			}
		}
		s := h.Stats()
		assert.EqualValues(t, manyRoots/2, s.Failed)
		assert.EqualValues(t, manyRoots/2, s.Dropped)
		assert.EqualValues(t, manyRoots*16, s.RecordsKept+s.RecordsDropped)
		assert.Zero(t, s.Open)
		assert.Zero(t, s.Waiting)
		assert.Zero(t, s.Late)
	})
}

// TestStacksTree expects each root as one tree.
func TestStacksTree(t *testing.T) {
	for _, front := range stackable {
		if front.name == "Aggregate" {
			continue // it makes summaries, which are in no root
		}
		t.Run(front.name, func(t *testing.T) {
			var out slogteltest.Buffer
			runRoots(t, front.wrap(console.New(&out, &console.Options{Tree: true, NoTime: true})))
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			inside, roots := 15, 0
			if front.name == "Wide" {
				inside = 5 // the logs
			}
			for i := 0; i < len(lines); i += 1 + inside {
				require.NotContains(t, lines[i], "─ ", "a root")
				require.Contains(t, lines[i], "request.renamed")
				roots++
				for _, line := range lines[i+1 : min(len(lines), i+1+inside)] {
					require.Contains(t, line, "─ ")
				}
			}
			assert.Equal(t, manyRoots, roots)
		})
	}
}

// TestStacksOfRoots puts the middlewares that know roots on each other.
func TestStacksOfRoots(t *testing.T) {
	tail := func(next slog.Handler) *tailsample.Handler {
		return tailsample.New(next, &tailsample.Options{Rate: -1})
	}
	for name, stack := range map[string]func(sink slog.Handler) slog.Handler{
		"wide, tailsample":        func(sink slog.Handler) slog.Handler { return wide.New(tail(sink), nil) },
		"wide, async, tailsample": func(sink slog.Handler) slog.Handler { return wide.New(async.New(tail(sink), nil), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var out slogteltest.Buffer
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, stack(slogjson.New(&out, nil)))
			for i := range 4 {
				ctx, root := tel.Start(t.Context(), "request")
				_, span := tel.Start(ctx, "child")
				span.End()
				if i%2 == 0 {
					root.Fail(errors.New("oh"))
				}
				root.End()
			}
			require.NoError(t, tel.Shutdown(t.Context()))
			lines := out.JSON()
			require.Len(t, lines, 2)
			for _, line := range lines {
				assert.Equal(t, "oh", line["error"])
				assert.Contains(t, line, "inside")
			}
		})
	}
	t.Run("tailsample, wide", func(t *testing.T) {
		var out slogteltest.Buffer
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, tail(wide.New(slogjson.New(&out, nil), nil)))
		for i := range 4 {
			ctx, root := tel.Start(t.Context(), "request")
			_, span := tel.Start(ctx, "child")
			if i%2 == 0 {
				span.Fail(errors.New("oh"))
			}
			span.End()
			root.End()
		}
		require.NoError(t, tel.Shutdown(t.Context()))
		lines := out.JSON()
		require.Len(t, lines, 2, "%s", out.String())
		for _, line := range lines {
			assert.Equal(t, map[string]any{"scope": "child", "error": "oh"}, line["inside"].(map[string]any)["first_error"])
		}
	})
}

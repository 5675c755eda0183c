package async_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestContract(t *testing.T) {
	var out *slogteltest.Buffer // one each: what was not flushed may still be on its way
	for name, c := range map[string]struct {
		opts async.Options
		next func() slog.Handler
	}{
		"NewJSON": {async.Options{}, func() slog.Handler { return slogjson.New(out, nil) }},
		"waits":   {async.Options{Size: 3, Policy: async.BlockThenDrop, MaxWait: 1 << 40}, func() slog.Handler { return slogjson.New(out, nil) }},
		"two":     {async.Options{}, func() slog.Handler { return async.New(slogjson.New(out, nil), nil) }},
		"with more": {async.Options{}, func() slog.Handler {
			return handlers.Scope()(handlers.Filter(func(context.Context, slog.Record) bool { return true })(slogjson.New(out, nil)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out = new(slogteltest.Buffer)
				return async.New(c.next(), &c.opts)
			}, &slogteltest.Options{Results: func() []map[string]any { return out.JSON() }, StandardQuirks: true})
		})
	}
}

// The next handler is a file, for which lines are gathered.
func TestContractFile(t *testing.T) {
	var file *os.File
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		var err error
		file, err = os.Create(filepath.Join(t.TempDir(), "a.jsonl"))
		require.NoError(t, err)
		return async.New(slogjson.New(file, nil), nil)
	}, &slogteltest.Options{StandardQuirks: true, Results: func() []map[string]any {
		var out slogteltest.Buffer
		text, _ := os.ReadFile(file.Name())
		_, _ = out.Write(text)
		return out.JSON()
	}})
}

// The next handler is told of scopes that start, and checks that they end.
func TestContractRecorder(t *testing.T) {
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		return async.New(slogteltest.NewRecorder(nil), nil)
	}, nil)
	require.NoError(t, slogteltest.CheckHandler(func() slog.Handler {
		return async.New(slogjson.New(nil, nil), nil)
	}, nil))
}

func TestSlogtest(t *testing.T) {
	var out bytes.Buffer
	a := async.New(slog.NewJSONHandler(&out, nil), nil)
	require.NoError(t, slogtest.TestHandler(a, func() []map[string]any {
		require.NoError(t, a.Shutdown(context.Background()))
		return testkit.JSONLines(t, out.String())
	}))
}

package handlers_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func in(path string) context.Context {
	return scope.NewContext(context.Background(), scope.Info{Path: path})
}

func TestLevels(t *testing.T) {
	l, err := handlers.NewLevels(" Info, api.*=DEBUG ,health.*=error+2,api.x=warn")
	require.NoError(t, err)
	assert.Equal(t, "info,api.*=debug,health.*=error+2,api.x=warn", l.String())
	assert.Equal(t, slog.LevelInfo, l.Level())
	for path, want := range map[string]slog.Level{
		"api.get": slog.LevelDebug, "api.x": slog.LevelDebug, // the first that matches
		"health.check": slog.LevelError + 2, "api": slog.LevelInfo, "other": slog.LevelInfo,
	} {
		assert.Equal(t, want, l.Of(in(path)), path)
	}
	assert.Equal(t, slog.LevelInfo, l.Of(context.Background()))
	for _, bad := range []string{"loud", "info,warn", "=debug", "a=", "info,,a=warn", "a=b=c", "debug;info"} {
		assert.ErrorContains(t, l.Set(bad), "is not allowed", bad)
		assert.Equal(t, slog.LevelDebug, l.Of(in("api.get")), "they stay as they were")
	}
	require.NoError(t, l.Set("info, API.* = Debug"))
	assert.Equal(t, "info,API.*=debug", l.String())
	assert.Equal(t, slog.LevelDebug, l.Of(in("API.get")), "patterns keep their case")
	require.NoError(t, l.Set(""))
	assert.Equal(t, "info", l.String())
	assert.Equal(t, slog.LevelInfo, new(handlers.Levels).Of(in("a")))
	only, err := handlers.NewLevels("api.*=debug")
	require.NoError(t, err)
	assert.Equal(t, slog.LevelInfo, only.Level())
}

func TestLevelsMiddleware(t *testing.T) {
	l, err := handlers.NewLevels("warn,api.*=debug")
	require.NoError(t, err)
	var out slogteltest.Buffer
	log := slog.New(l.Middleware(slogjson.New(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))).With("a", 1).WithGroup("g")
	log.InfoContext(in("b"), "no")
	log.DebugContext(in("api.get"), "yes")
	log.Warn("yes, too")
	assert.Len(t, out.JSON(), 2)
	out.Reset()
	require.NoError(t, l.Set("error"))
	log.Warn("no more")
	assert.Empty(t, out.JSON())
	// The next handler's own level counts as well.
	assert.False(t, l.Middleware(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.Level(100)})).Enabled(in("a"), slog.LevelError))
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		out.Reset()
		return new(handlers.Levels).Middleware(slogjson.New(&out, nil))
	}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
}

func TestLevelsOverHTTP(t *testing.T) {
	l := new(handlers.Levels)
	server := httptest.NewServer(l)
	defer server.Close()
	do := func(method, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := server.Client().Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(text)
	}
	status, text := do(http.MethodGet, "")
	assert.Equal(t, 200, status)
	assert.Equal(t, "info\n", text)
	status, text = do(http.MethodPut, "debug,a=warn\n")
	assert.Equal(t, 200, status)
	assert.Equal(t, "debug,a=warn\n", text)
	status, text = do(http.MethodPost, "loud")
	assert.Equal(t, 400, status)
	assert.Contains(t, text, `"loud" is not allowed`)
	status, _ = do(http.MethodPut, strings.Repeat("a=warn,", 1000)+"info")
	assert.Equal(t, 400, status)
	status, _ = do(http.MethodDelete, "")
	assert.Equal(t, 405, status)
	assert.Equal(t, slog.LevelDebug, l.Level())
}

func TestLevelsConcurrently(t *testing.T) {
	l := new(handlers.Levels)
	h := l.Middleware(slog.DiscardHandler)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				if i%2 == 0 {
					assert.NoError(t, l.Set("warn,a*=debug"))
				} else {
					h.Enabled(in("ab"), slog.LevelInfo)
				}
			}
		})
	}
	wg.Wait()
}

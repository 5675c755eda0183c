//go:build !js

package top

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/internal/testkit"
)

func start(ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
	return input.Run(ctx, Command(), in, out, out, args...)
}

func line(scope string, seconds float64) string {
	return fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":%g}`+"\n",
		time.Now().Format(time.RFC3339Nano), scope, seconds)
}

func TestOnceAsJSON(t *testing.T) {
	inUTC(t)
	name := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(line("a\u009b", 0.25)+line("b", 0.5)+"{torn\n"), 0o600))
	var out testkit.Buffer
	require.NoError(t, start(t.Context(), nil, &out, "--once", "--json", name))
	text := out.Take()
	assert.Equal(t, 1, strings.Count(text, "\n"))
	assert.NotContains(t, text, "\u009b")
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	assert.Equal(t, name, got["source"])
	assert.Nil(t, got["open"], "lines do not know")
	assert.Contains(t, got["notes"], "1 lines that cannot be read")
	scopes := got["scopes"].([]any)
	require.Len(t, scopes, 2)
	b := scopes[1].(map[string]any)
	assert.Equal(t, "b", b["scope"])
	assert.InEpsilon(t, 0.5, b["p99"], 0.011)
	assert.EqualValues(t, 1, b["calls"])

	require.NoError(t, start(t.Context(), nil, &out, "--once", "--filter", "B", name))
	text = out.Take()
	assert.Contains(t, text, "b     ")
	assert.NotContains(t, text, `a\u009b`)
	assert.NotContains(t, text, "\x1b")
}

// Standard input is shown as it comes, and once more at its end.
func TestStandardInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		var out testkit.Buffer
		done := make(chan error)
		go func() { done <- start(t.Context(), r, &out, "-") }()
		_, _ = io.WriteString(w, line("one", 1))
		time.Sleep(1500 * time.Millisecond)
		_, _ = io.WriteString(w, line("two", 1))
		w.Close()
		require.NoError(t, <-done)
		text := out.Take()
		last := text[strings.LastIndex(text, "SCOPE"):]
		assert.Contains(t, last, "one")
		assert.Contains(t, last, "two")
		assert.Contains(t, text, "standard input has ended")
	})
}

// A file that is not there is waited for, and one that is gone as well.
func TestFileComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "x.jsonl")
		ctx, cancel := context.WithCancel(t.Context())
		var out testkit.Buffer
		done := make(chan error)
		go func() { done <- start(ctx, nil, &out, "--interval", "1s", name) }()
		next := func() string {
			out.Take()
			time.Sleep(1200 * time.Millisecond)
			synctest.Wait()
			return out.Take()
		}
		assert.Contains(t, next(), "not there, waiting for it: "+name)
		require.NoError(t, os.WriteFile(name, []byte(line("one", 1)), 0o600))
		got := next()
		assert.Contains(t, got, "\none ")
		require.NoError(t, os.Remove(name))
		got = next()
		assert.Contains(t, got, "not there")
		assert.Contains(t, got, "\none ", "what was known still is")
		require.NoError(t, os.WriteFile(name, []byte(line("two", 1)), 0o600))
		time.Sleep(time.Second)
		got = next()
		assert.NotContains(t, got, "not there")
		assert.Contains(t, got, "\ntwo ")
		cancel()
		require.NoError(t, <-done, "the way to end it, and no error")
	})
}

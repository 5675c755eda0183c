//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

// TestCtrlC interrupts a real process in the middle of a request.
func TestCtrlC(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose, "c.md": prose})
	begun := make(chan struct{}, 3)
	url := server(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		begun <- struct{}{}
		<-r.Context().Done()
	})
	cmd := runmain.Command(t, dir, "-endpoint", url, "-concurrency", "1", "-batch-tokens", "64")
	require.NoError(t, cmd.Start())
	<-begun
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	assert.Equal(t, exitFailed, cmd.ProcessState.ExitCode())

	data, err := os.ReadFile(filepath.Join(dir, "result.json"))
	require.NoError(t, err)
	var env envelope
	require.NoError(t, json.Unmarshal(data, &env))
	assert.True(t, env.Interrupted)
	assert.Equal(t, statusError, env.Status)
	assert.Len(t, env.Failures, 3)
	assert.Contains(t, env.Failures[0].Error, "interrupt")
	assert.Empty(t, begun, "no further request")
	agree(t, ran{telemetry: filepath.Join(dir, "telemetry.jsonl"), env: env})
}

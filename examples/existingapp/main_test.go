package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
	"github.com/slogtel/telemetry/internal/testkit"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestTelemetryIsInTheAppsOwnStream(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("hello\n"), 0o600))

	stdout, stderr, code := runmain.Run(t, dir, "a", "gone")

	assert.Equal(t, 1, code)
	assert.Equal(t, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  a\n", stdout)
	var msgs []string
	for _, r := range testkit.JSONLines(t, stderr) {
		assert.Equal(t, "checksum", r["app"], "the app's own attributes are on telemetry too")
		msgs = append(msgs, r["msg"].(string))
		if r["msg"] == "telemetry.timing" {
			assert.Equal(t, "checksum", r["scope"])
			assert.Equal(t, r["file"] == "gone", r["error"] != nil)
		}
	}
	assert.Equal(t, []string{"telemetry.timing", "telemetry.timing", "cannot read", "done"}, msgs)
}

func TestDefaultFiles(t *testing.T) {
	stdout, _, code := runmain.Run(t, "../..")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "  go.mod\n")
}

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestOutput(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n"), 0o600))
	stdout, stderr, code := runmain.Run(t, dir)
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Regexp(t, `^\S+ \d+ \S+ INF     bytes \+9\n`+
		`.* INF   read \S+ file=go.mod\n`+
		`.* ERR   read \S+ error="open no-such-file: .*" file=no-such-file\n`+
		`.* INF   entries = 1\n`+
		`.* INF inventory \S+ folder=\.\n$`, stdout)
}

// TestLength keeps the example what the README can show at once.
func TestLength(t *testing.T) {
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	lines := 0
	for _, c := range source {
		if c == '\n' {
			lines++
		}
	}
	assert.LessOrEqual(t, lines, 40)
}

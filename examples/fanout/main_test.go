package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestEachPlaceGetsItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "telemetry.jsonl")
	var out bytes.Buffer
	require.NoError(t, run(path, &out))

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	assert.Len(t, lines, 11, "five searches with a counter each, and the scope around them")
	assert.NotContains(t, string(data), "looking for primes", "the file holds telemetry alone")
	assert.Contains(t, lines[10], `"scope":"primes","depth":0,"parent_scope":"","metric_type":"timing","call_count":1`)

	console, report, found := strings.Cut(out.String(), "\n\n")
	require.True(t, found)
	assert.Contains(t, console, "looking for primes")
	assert.Contains(t, console, "primes ")
	assert.Regexp(t, `search +5 `, report)
	assert.Regexp(t, `primes.search.tried +5 `, report)
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	_, stderr, code := runmain.Run(t, dir, "-o", dir)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "fanout: open ")

	_, stderr, code = runmain.Run(t, dir, "-nope")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "-nope")
}

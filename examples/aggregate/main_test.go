package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestFewLines(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(100_000, &out))
	text := out.String()
	assert.Less(t, strings.Count(text, "\n"), 30, "of 400,000 events:\n%s", text)
	assert.Equal(t, 2, strings.Count(text, " cache.lookup ×100k in "), "a summary each")
	assert.Equal(t, 2, strings.Count(text, " cache.bytes +"))
	assert.Equal(t, 6, strings.Count(text, "connection refused"), "all that failed")
	assert.Equal(t, 3, strings.Count(text, " cache.lookup 100ms\n"), "what was slow")
	assert.Equal(t, 3, strings.Count(text, " cache.lookup 450ms\n"))
	assert.Contains(t, text, "both: 200000 lookups, 0 failed\n")

	_, merged, _ := strings.Cut(text, "both: ")
	for _, line := range strings.Split(strings.TrimSpace(merged), "\n")[1:] {
		var name string
		var got, want float64
		_, err := fmt.Sscanf(line, "%s %f ms (exactly: %f ms)", &name, &got, &want)
		require.NoError(t, err, line)
		assert.InEpsilon(t, want, got, 0.01+1e-3, name)
	}
}

func TestNoCalls(t *testing.T) {
	stdout, stderr, code := runmain.Run(t, t.TempDir(), "-n", "0")
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Equal(t, "worker 1:\nworker 2:\n\nboth: 0 lookups, 0 failed\n", stdout)
}

func TestWrongFlag(t *testing.T) {
	for _, args := range [][]string{{"-nope"}, {"-n", "-1"}, {"1000"}} {
		_, stderr, code := runmain.Run(t, t.TempDir(), args...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "calls of each worker", args)
	}
}

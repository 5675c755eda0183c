package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestOutput(t *testing.T) {
	t.Setenv("SLOGTEL_REPORTERS", "json=t.jsonl,memory")
	t.Setenv("SLOGTEL_LEVEL", "warn,job*=debug")
	t.Setenv("SLOGTEL_REDACT", "on")
	stdout, stderr, code := runmain.Run(t, t.TempDir())
	assert.Zero(t, code)
	assert.Contains(t, stdout, "msg=done scope=job")
	assert.Regexp(t, `(?m)^job\.steps +1 +3$`, stderr)
	assert.NotContains(t, stdout+stderr, "ghp_")

	t.Setenv("SLOGTEL_TELEMETRY", "0")
	stdout, stderr, code = runmain.Run(t, t.TempDir())
	assert.Zero(t, code)
	assert.NotContains(t, stdout, "scope=")
	assert.Empty(t, stderr)
}

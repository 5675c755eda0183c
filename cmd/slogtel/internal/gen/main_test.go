package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

type none struct{}

func (none) Event(*events.Event) {}

func TestWrite(t *testing.T) {
	for _, ecs := range []bool{false, true} {
		name := filepath.Join(t.TempDir(), "x.jsonl")
		require.NoError(t, write(name, 1e6, ecs, 1))
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.InDelta(t, 1e6, info.Size(), 2e4)
		c, err := events.ReadInOrder(t.Context(), events.Options{Inputs: []string{name}}, none{})
		require.NoError(t, err)
		assert.Zero(t, c.Bad)
		assert.NotZero(t, c.Skipped)
		assert.Greater(t, c.Used, 10*c.Skipped)
	}
	assert.Error(t, write(t.TempDir(), 1, false, 1))
}

package memory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// Money is counted in fractions: none of it is rounded away.
func TestFloatCounter(t *testing.T) {
	memory := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, memory)
	for range 10 {
		tel.CountFloat(t.Context(), "cost", 0.0025)
	}
	tel.Count(t.Context(), "calls", 10)
	snapshot := memory.Snapshot()
	assert.Equal(t, "calls", snapshot.Counters[0].Scope)
	assert.Zero(t, snapshot.Counters[0].SumFloat)
	assert.InDelta(t, 0.025, snapshot.Counters[1].SumFloat, 1e-12)
	assert.Contains(t, memory.Report(), "0.025")
}

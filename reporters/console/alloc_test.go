//go:build !race

package console_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

// A line of telemetry costs its message, an ordinary one nothing beyond tint.
func TestAllocations(t *testing.T) {
	h := console.New(io.Discard, &console.Options{Color: slogtel.On})
	records := benchRecords()
	for name, want := range map[string]float64{"timing": 1, "counter": 1, "log": 0} {
		r := records[name]
		got := testing.AllocsPerRun(200, func() { _ = h.Handle(t.Context(), r) })
		assert.LessOrEqual(t, got, want, name)
	}
}

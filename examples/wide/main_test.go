package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	run(&out, true)
	lines := testkit.JSONLines(t, out.String())
	require.Len(t, lines, 3)
	for i, want := range []struct {
		customer, plan string
		paid           any
	}{{"ann", "gold", 12.5}, {"ben", "free", 12.5}, {"zoe", "free", nil}} {
		line := lines[i]
		assert.Equal(t, want.customer, line["customer"])
		assert.Equal(t, want.plan, line["plan"])
		inside := line["inside"].(map[string]any)
		assert.Equal(t, 3.0, inside["scopes"].(map[string]any)["reserve"].(map[string]any)["count"])
		counters := inside["counters"].(map[string]any)
		assert.Equal(t, 3.0, counters["reserve.articles"])
		assert.Equal(t, want.paid, counters["pay.revenue_eur"])
	}
	assert.Equal(t, map[string]any{"scope": "pay", "error": "card declined"}, lines[2]["inside"].(map[string]any)["first_error"])

	out.Reset()
	run(&out, false)
	assert.Equal(t, 3, strings.Count(out.String(), "\n"))
	assert.Contains(t, out.String(), "reserve 3x")
}

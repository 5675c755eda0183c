package console_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A map that contains itself would end the program, were it printed.
func TestMapInItself(t *testing.T) {
	var out slogteltest.Buffer
	m := map[string]any{}
	m["self"] = m
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, console.New(&out, nil))
	tel.Count(t.Context(), "a", 1, slog.Any("m", m), slog.Group("g", slog.Any("list", []any{m})))
	slog.New(console.New(&out, nil)).Info("log", "m", m)
	assert.Contains(t, out.String(), "nested too deep")
}

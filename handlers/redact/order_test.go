package redact

import (
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// In JSON, too, the value may come before the name that makes it a secret.
func TestValueBeforeName(t *testing.T) {
	for _, text := range []string{
		`{"value":"hunter2xQ9","name":"DB_PASSWORD"}`,
		`{"name":"DB_PASSWORD","value":"hunter2xQ9"}`,
		`[{"Value":"hunter2xQ9","other":1,"Key":"api_key","last":[1,2]}]`,
	} {
		var out slogteltest.Buffer
		log := slog.New(New(nil)(slogjson.New(&out, nil)))
		log.Info("m", "raw", json.RawMessage(text))
		assert.NotContains(t, out.String(), "hunter2", text)
		assert.Len(t, out.JSON(), 1, "it is JSON: %s", out.String())
	}
	var out slogteltest.Buffer
	slog.New(New(nil)(slogjson.New(&out, nil))).Info("m", "raw", json.RawMessage(`{"value":"blue","name":"colour"}`))
	assert.Contains(t, out.String(), "blue")
}

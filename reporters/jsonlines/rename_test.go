package jsonlines_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What the options promise holds under other names too.
func TestWithRenamedKeys(t *testing.T) {
	names := map[string]string{
		slog.TimeKey: "timestamp", slog.LevelKey: "severity", slog.MessageKey: "message", slogtel.KeyScope: "span",
		slogtel.KeyDuration: "seconds", "service": "app",
	}
	var out slogteltest.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{FixedTime: true, MaxLine: 1024, Service: "svc",
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if to := names[a.Key]; to != "" && len(groups) == 0 {
				a.Key = to
			}
			return a
		}})
	var many []any
	for range 200 {
		many = append(many, slog.Int(strings.Repeat("k", 1+len(many)/2), 123456789))
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 120_000_000, time.UTC)
	for name, attrs := range map[string][]slog.Attr{
		"short": nil,
		"long":  {slog.String("text", strings.Repeat("x", 5000))},
		"many":  {slog.Group("g", many...)},
	} {
		r := timingRecord(attrs...)
		r.Time = at
		require.NoError(t, h.Handle(bg, r))
		line := out.String()
		m := oneLine(t, &out)
		assert.True(t, strings.HasPrefix(line, `{"timestamp":"2026-02-03T04:05:06.120000000Z","severity":"INFO","message":"telemetry.timing",`), "%s: %.200s", name, line)
		assert.Equal(t, "pipeline.plan", m["span"], name)
		assert.Equal(t, 0.001234567, m["seconds"], name)
		assert.Equal(t, "svc", m["app"], name)
		assert.Equal(t, len(attrs) > 0, m["truncated"] == true, name)
	}
	// A line without a time has nothing to be padded.
	r := logRecord("2026-02-03T04:05:06Z")
	r.Time = time.Time{}
	require.NoError(t, h.Handle(bg, r))
	assert.Equal(t, map[string]any{"severity": "INFO", "message": "2026-02-03T04:05:06Z", "app": "svc"}, oneLine(t, &out))
}

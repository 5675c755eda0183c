//go:build !race

package jsonlines_test

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
)

func TestAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	records := allRecords()
	for name, r := range records {
		switch name {
		case "summary", "log of error", "timing", "plain text", "plain map", "log":
			continue // what has parts is the business of encoding/json; summaries are rare
		}
		checkJSONAllocs(t, name, r)
	}
	checkJSONAllocs(t, "timing with attributes", timingRecord(slog.String("model", "m"), slog.Int("tokens", 3), slog.Float64("x.y", 0.5)))
	checkJSONAllocs(t, "log with attributes", logRecord("hello", slog.String("model", "m"), slog.Int("n", 3), slog.Bool("b", true),
		slog.Duration("d", 5), slog.Group("g", slog.Int("in", 1)), slog.String("trace_id", "t"), slog.Time("at", when)))
}

func checkJSONAllocs(t *testing.T, name string, r slog.Record) {
	t.Helper()
	file, err := jsonlines.Open(filepath.Join(t.TempDir(), "f"), &jsonlines.FileOptions{MaxSize: 1 << 40, Interval: 1 << 60})
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Shutdown(bg)) }()
	program := jsonlines.Options{Service: "svc", FixedTime: true}
	ecs := jsonlines.Options{Service: "svc", Schema: jsonlines.ECS}
	for kind, h := range map[string]slog.Handler{
		"flat":    jsonlines.New(io.Discard, nil),
		"special": jsonlines.New(io.Discard, &program),
		"ECS":     jsonlines.New(io.Discard, &ecs),
		"file":    file,
	} {
		for _, h := range []slog.Handler{h, withMore(h)} {
			allocs := testing.AllocsPerRun(100, func() { _ = h.Handle(bg, r) })
			assert.Zero(t, allocs, "%s, %s", kind, name)
		}
	}
}

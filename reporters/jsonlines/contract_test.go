package jsonlines_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestContract(t *testing.T) {
	for name, opts := range map[string]*jsonlines.Options{
		"plain":   nil,
		"special": {Service: "svc", Environment: "test", Version: "1", FixedTime: true, MaxLine: 4096},
	} {
		t.Run(name, func(t *testing.T) {
			var out slogteltest.Buffer
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return jsonlines.New(&out, opts)
			}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
		})
	}
}

func TestECSContract(t *testing.T) {
	for name, opts := range map[string]*jsonlines.Options{
		"plain":   {Schema: jsonlines.ECS},
		"special": {Schema: jsonlines.ECS, Service: "svc", Environment: "test", Version: "1", MaxLine: 4096},
		"replace": {Schema: jsonlines.ECS, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }},
	} {
		t.Run(name, func(t *testing.T) {
			var out slogteltest.Buffer
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return jsonlines.New(&out, opts)
			}, &slogteltest.Options{Output: func() string {
				for _, m := range out.JSON() {
					require.NotContains(t, m, "!BADLINE", "a line that is no JSON object")
				}
				return out.String()
			}})
		})
	}
}

func TestFileContract(t *testing.T) {
	for name, opts := range map[string]*jsonlines.FileOptions{
		"plain":    nil,
		"buffered": {BufferSize: 4096},
		"rotating": {MaxSize: 1 << 30, Interval: 1 << 60, MaxBackups: 3, Compress: true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a", "telemetry.jsonl")
			var out slogteltest.Buffer
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				require.NoError(t, os.RemoveAll(path))
				f, err := jsonlines.Open(path, opts)
				require.NoError(t, err)
				return f
			}, &slogteltest.Options{StandardQuirks: true, Results: func() []map[string]any {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				out.Reset()
				_, _ = out.Write(text)
				return out.JSON()
			}})
		})
	}
}

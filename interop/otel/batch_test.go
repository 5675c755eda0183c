package otel

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// runBatch runs the batch example over files of this repository, and returns its JSON lines.
func runBatch(t *testing.T) (file string) {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "batch")
	file = filepath.Join(dir, "telemetry.jsonl")
	for _, args := range [][]string{
		{"go", "build", "-o", bin, "./examples/batch"},
		// Few tokens a batch make many requests, and the limit has some of them fail.
		{bin, "-q", "-batch-tokens", "3000", "-concurrency", "4", "-local-limit", "3", "-local-speed", "3000", "-backoff", "20ms",
			"-retries", "10", "-out", filepath.Join(dir, "result.json"), "-telemetry", file, "scope", "handlers"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = "../.."
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	return file
}

// replay exports the events of JSON lines as spans to an OTLP/HTTP endpoint.
func replay(t *testing.T, file, endpoint string) {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
	require.NoError(t, err)
	batch := oteltel.NewBatch(exporter)
	h := oteltel.NewSpans(batch, nil)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range bytes.Lines(data) {
		var base struct {
			Time time.Time
			Msg  string
		}
		require.NoError(t, json.Unmarshal(line, &base))
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		var m map[string]any
		require.NoError(t, dec.Decode(&m))
		r := slog.NewRecord(base.Time, slog.LevelInfo, base.Msg, 0)
		for key, v := range m {
			if key != "time" && key != "level" && key != "msg" {
				r.AddAttrs(slog.Attr{Key: key, Value: valueOfJSON(key, v)})
			}
		}
		require.NoError(t, h.Handle(context.Background(), r))
	}
	require.NoError(t, batch.Shutdown(t.Context()))
	st := batch.Stats()
	require.Equal(t, st.Ended, st.Exported, "%+v", st)
}

func valueOfJSON(key string, v any) slog.Value {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil && !strings.HasSuffix(key, "_s") {
			return slog.Int64Value(i)
		}
		f, _ := v.Float64()
		return slog.Float64Value(f)
	case map[string]any:
		var group []slog.Attr
		for k, member := range v {
			group = append(group, slog.Attr{Key: k, Value: valueOfJSON(k, member)})
		}
		return slog.GroupValue(group...)
	}
	return slog.AnyValue(v)
}

// checkBatch looks at what the batch example recorded: one tree of some depth, with failures.
func checkBatch(t *testing.T, want byID) {
	t.Helper()
	failed := 0
	for _, s := range want {
		if s.Error != "" {
			failed++
		}
		if s.Parent != "" {
			require.Contains(t, want, s.Parent, s.Name)
		}
	}
	assert.Positive(t, failed)
	assert.Greater(t, len(want), 20)
}

// TestBatchOverOTLP: the tree that arrives is the one that was recorded.
func TestBatchOverOTLP(t *testing.T) {
	file := runBatch(t)
	r := receive(t, "http/protobuf", false)
	replay(t, file, r.url)
	want := linesOf(t, file)
	checkBatch(t, want)
	assert.Equal(t, want, r.spans(t))
}

package otel

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"github.com/slogtel/telemetry/interop/internal/batchrun"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// runBatch runs the batch example, and returns its JSON lines.
func runBatch(t *testing.T) (file string) {
	t.Helper()
	// Few tokens a batch make many requests, and the limit has some of them fail.
	r, err := batchrun.Run(t.Context(), "-q", "-batch-tokens", "3000", "-concurrency", "4", "-local-limit", "3", "-local-speed", "3000",
		"-backoff", "20ms", "-retries", "10", "scope", "handlers")
	require.NoError(t, err)
	require.Equal(t, "ok", r.Status)
	file = filepath.Join(t.TempDir(), "telemetry.jsonl")
	require.NoError(t, os.WriteFile(file, r.Lines, 0o600))
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
		r, err := batchrun.Record(line)
		require.NoError(t, err)
		require.NoError(t, h.Handle(t.Context(), r))
	}
	require.NoError(t, batch.Shutdown(t.Context()))
	st := batch.Stats()
	require.Equal(t, st.Ended, st.Exported, "%+v", st)
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

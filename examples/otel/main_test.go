package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

// printed is a span, all metrics or a log record, as the SDK prints them.
type printed struct {
	Name                string
	SpanContext, Parent struct{ TraceID, SpanID string }
	Status              struct{ Code, Description string }
	ScopeMetrics        []struct{ Metrics []struct{ Name string } }
	Body                struct{ Value string }
	TraceID             string
}

func TestAllThree(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	stdout, stderr, code := runmain.Run(t, t.TempDir())
	require.Zero(t, code, stderr)
	spans, metrics, logs := map[string]printed{}, []string{}, 0
	for dec := json.NewDecoder(strings.NewReader(stdout)); ; {
		var p printed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		switch {
		case p.Name != "":
			assert.NotContains(t, spans, p.Name)
			spans[p.Name] = p
		case p.Body.Value != "":
			logs++
			assert.NotEqual(t, strings.Repeat("0", 32), p.TraceID)
		}
		for _, s := range p.ScopeMetrics {
			for _, m := range s.Metrics {
				metrics = append(metrics, m.Name)
			}
		}
	}
	require.Len(t, spans, 5)
	for name, parent := range map[string]string{"order": "GET /orders/{id}", "order.load": "order", "SELECT orders": "order.load", "order.notify": "order"} {
		assert.Equal(t, spans[parent].SpanContext.SpanID, spans[name].Parent.SpanID, name)
		assert.Equal(t, spans["order"].SpanContext.TraceID, spans[name].SpanContext.TraceID)
	}
	assert.Equal(t, "no address", spans["order.notify"].Status.Description)
	assert.Subset(t, metrics, []string{"order.load.rows", "order.duration", "order.notify.errors"})
	assert.Equal(t, 4, logs)
}

func TestWithoutCollector(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	_, stderr, code := runmain.Run(t, t.TempDir())
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "127.0.0.1:1")
}

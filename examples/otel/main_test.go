package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

// line is a log record as the SDK prints it.
type line struct {
	TraceID    string
	Body       struct{ Value string }
	Attributes []struct {
		Key   string
		Value struct{ Value any }
	}
}

func (l line) attr(key string) any {
	for _, a := range l.Attributes {
		if a.Key == key {
			return a.Value.Value
		}
	}
	return nil
}

func TestScopesJoinTheTrace(t *testing.T) {
	stdout, stderr, code := runmain.Run(t, t.TempDir())
	require.Zero(t, code, stderr)
	byScope := map[string]line{}
	for text := range strings.Lines(stdout) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l), text)
		byScope[l.attr("scope").(string)] = l
	}
	require.Len(t, byScope, 4)
	order := byScope["order"]
	for path, l := range byScope {
		assert.Equal(t, order.attr("trace_id"), l.attr("trace_id"), path)
		assert.Equal(t, l.attr("trace_id"), l.TraceID, path)
	}
	assert.NotEmpty(t, order.attr("parent_span_id"), "the span of OpenTelemetry")
	assert.Equal(t, order.attr("span_id"), byScope["order.load"].attr("parent_span_id"))
	assert.Equal(t, "no address", byScope["order.notify"].attr("error"))
	assert.Equal(t, "telemetry.metric", byScope["order.load.rows"].Body.Value)
}

func TestWithoutCollector(t *testing.T) {
	_, stderr, code := runmain.Run(t, t.TempDir(), "-endpoint", "http://127.0.0.1:1")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "127.0.0.1:1")
	_, stderr, code = runmain.Run(t, t.TempDir(), "-endpoint", "http://%zz")
	assert.Equal(t, 1, code, stderr)
	_, _, code = runmain.Run(t, t.TempDir(), "x")
	assert.Equal(t, 2, code)
}

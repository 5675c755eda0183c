package slogtel_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// labels returns the scope label of the running goroutine, as a goroutine profile
// sees it.
func labels(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&out, 1))
	for _, block := range strings.Split(out.String(), "\n\n") {
		if !strings.Contains(block, "slogtel_test.labels") {
			continue
		}
		for line := range strings.Lines(block) {
			if rest, ok := strings.CutPrefix(line, "# labels: "); ok {
				return strings.TrimSpace(rest)
			}
		}
	}
	return ""
}

func TestProfileLabels(t *testing.T) {
	tel, _, _ := setup(slogtel.Options{Profile: true})
	pprof.Do(context.Background(), pprof.Labels("job", "j"), func(ctx context.Context) {
		ctx, outer := tel.Start(ctx, "outer")
		assert.Equal(t, `{"job":"j", "scope":"outer"}`, labels(t))
		in, inner := tel.Start(ctx, "inner")
		assert.Equal(t, `{"job":"j", "scope":"outer.inner"}`, labels(t))
		started := make(chan string)
		go func() { started <- labels(t) }()
		assert.Contains(t, <-started, "outer.inner", "goroutines inherit")
		v, ok := pprof.Label(in, "scope")
		assert.True(t, ok)
		assert.Equal(t, "outer.inner", v)
		inner.End()
		assert.Equal(t, `{"job":"j", "scope":"outer"}`, labels(t))
		inner.End()
		outer.End()
		assert.Equal(t, `{"job":"j"}`, labels(t))
	})

	off, _, _ := setup(slogtel.Options{})
	_, span := off.Start(t.Context(), "a")
	assert.Empty(t, labels(t))
	span.End()
}

func TestExecutionTraceRegions(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("an execution trace is already running")
	}
	tel, c, _ := setup(slogtel.Options{Profile: true})
	var out bytes.Buffer
	require.NoError(t, trace.Start(&out))
	_, span := tel.Start(t.Context(), "traced.region")
	span.End()
	_, elsewhere := tel.Start(t.Context(), "ended.elsewhere")
	done := make(chan struct{})
	go func() { defer close(done); elsewhere.End() }()
	<-done
	trace.Stop()
	assert.Contains(t, out.String(), "traced.region", "the trace names the region")
	assert.Len(t, c.all(), 2)
}

package slogtel_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

// TestProfileOutOfOrder ends scopes in an order that is not that of their opening.
func TestProfileOutOfOrder(t *testing.T) {
	tel, _, _ := setup(slogtel.Options{Profile: true})
	ctx, outer := tel.Start(t.Context(), "outer")
	_, inner := tel.Start(ctx, "inner")
	outer.End()
	inner.End()
	assert.Empty(t, labels(t), "no label is left behind")
}

// TestExecutionTraceRegions ends scopes in and out of order, and on other
// goroutines: the trace must stay readable, which only go tool trace can tell.
func TestExecutionTraceRegions(t *testing.T) {
	if testing.Short() || trace.IsEnabled() {
		t.Skip("builds go tool trace, and takes an execution trace")
	}
	tel, c, _ := setup(slogtel.Options{Profile: true})
	path := filepath.Join(t.TempDir(), "trace.out")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, trace.Start(file))
	ctx, outer := tel.Start(t.Context(), "region.outer")
	_, inner := tel.Start(ctx, "region.inner")
	outer.End()
	inner.End()
	_, elsewhere := tel.Start(t.Context(), "region.elsewhere")
	done := make(chan struct{})
	go func() { defer close(done); elsewhere.End() }()
	<-done
	_, last := tel.Start(t.Context(), "region.last")
	last.End()
	trace.Stop()
	require.NoError(t, file.Close())
	assert.Len(t, c.all(), 4)

	parsed, err := exec.Command("go", "tool", "trace", "-d=parsed", path).CombinedOutput()
	require.NoError(t, err, "%.2000s", parsed)
	for _, region := range []string{"region.outer", "region.outer.region.inner", "region.last"} {
		assert.Equal(t, 2, strings.Count(string(parsed), `"`+region+`"`), "%s begins and ends", region)
	}
	assert.Equal(t, 1, strings.Count(string(parsed), `"region.elsewhere"`), "it stays open")
}

package page

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// shipped returns lines of the JSON reporter, and what the memory reporter says of the
// same events.
func shipped(t *testing.T) (string, memory.Snapshot) {
	t.Helper()
	var lines bytes.Buffer
	memory := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, jsonlines.New(&lines, nil), memory)
	for range 20 {
		ctx, span := tel.Start(t.Context(), "job")
		_ = tel.Time(ctx, "step", func(context.Context) error { return os.ErrNotExist })
		tel.Count(ctx, "items", 3)
		tel.Histogram(ctx, "size", 12.5)
		span.End()
	}
	require.NoError(t, tel.Shutdown(t.Context()))
	return lines.String(), memory.Snapshot()
}

// slogtelCommand runs a program with this command only.
func slogtelCommand(ctx context.Context, stdin string, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = input.Run(ctx, Command(), strings.NewReader(stdin), &out, &errs, diff.Args(append([]string{"slogtel", "html"}, args...))[2:]...)
	return out.String(), errs.String(), err
}

// The page has the figures of the memory reporter.
func TestCommand(t *testing.T) {
	lines, memory := shipped(t)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "telemetry.jsonl"), filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(in, []byte(lines+"an ordinary line\n{\"msg\":\"telemetry.timing\"\n"), 0o644))
	stdout, stderr, err := slogtelCommand(t.Context(), "", in, "-o", out, "--title", "A <b>title</b>")
	require.NoError(t, err)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "wrote "+out)
	assert.Contains(t, stderr, "82 lines read: 80 used")
	html, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.NotContains(t, string(html), "<b>title")
	d := parsed(t, string(html))
	require.Len(t, d.Scopes, len(memory.Scopes))
	for _, want := range memory.Scopes {
		got := d.scope(t, want.Scope)
		assert.Equal(t, []num{num(want.Calls), num(want.Errors)}, []num{got.Calls, got.Errors})
		assert.InEpsilon(t, want.TotalSeconds, float64(got.Total), 1e-8)
		assert.InEpsilon(t, want.P95Seconds, float64(got.P95), 0.0205, "each is within 1 %%")
		assert.InEpsilon(t, want.MaxSeconds, float64(got.Max), 1e-8)
	}
	assert.Equal(t, num(60), d.Metrics[0].Sum)
	require.Len(t, d.Errors, 1)
	assert.Equal(t, os.ErrNotExist.Error(), d.Errors[0].Pattern)
	assert.Equal(t, int64(82), d.Counts.Read)
	assert.Len(t, d.Spans.Start, 40)
	for i := range d.Spans.Start {
		assert.Equal(t, i%2, d.Spans.Lane[i], "the steps are below the jobs")
		assert.Equal(t, i/2, d.Spans.Group[i], "each trace stands by itself")
	}
}

func TestCommandToStandardOutput(t *testing.T) {
	lines, _ := shipped(t)
	stdout, _, err := slogtelCommand(t.Context(), lines, "-o", "-")
	require.NoError(t, err)
	assert.Len(t, parsed(t, stdout).Scopes, 2)
}

func TestCommandThatCannotRead(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report.html")
	_, _, err := slogtelCommand(t.Context(), "", filepath.Join(t.TempDir(), "missing.jsonl"), "-o", out)
	require.Error(t, err)
	assert.NoFileExists(t, out)
	_, _, err = slogtelCommand(t.Context(), "", "--since", "whenever", "-o", out)
	require.ErrorContains(t, err, "--since")
	lines, _ := shipped(t)
	_, _, err = slogtelCommand(t.Context(), lines, "-o", filepath.Join(t.TempDir(), "no", "folder", "report.html"))
	require.Error(t, err)
}

// Interrupted, it writes what was read so far, and says so.
func TestCommandInterrupted(t *testing.T) {
	lines, _ := shipped(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := filepath.Join(t.TempDir(), "report.html")
	r := &interruption{lines: lines, then: cancel}
	err := input.Run(ctx, Command(), r, io.Discard, io.Discard, "-o", out)
	require.ErrorContains(t, err, "interrupted")
	html, err := os.ReadFile(out)
	require.NoError(t, err)
	d := parsed(t, string(html))
	assert.NotZero(t, d.scope(t, "job").Calls)
	assert.Contains(t, strings.Join(d.Notices, "\n"), "Reading was interrupted")
}

// interruption is an input of lines again and again, some time into which somebody
// presses Ctrl-C.
type interruption struct {
	lines string
	reads int
	then  func()
}

func (r *interruption) Read(p []byte) (int, error) {
	if r.reads++; r.reads == 300 {
		r.then()
	}
	return copy(p, r.lines), nil
}

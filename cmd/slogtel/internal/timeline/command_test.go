package timeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"
)

const line = `{"time":"2026-01-31T12:00:00.000000001Z","level":"INFO","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.25,"model":"x"}` + "\n"

// command runs slogtel timeline and returns the exit code.
func command(ctx context.Context, t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, Reader: stdin, Writer: &out, ErrWriter: &errs,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err := root.Run(ctx, append([]string{"slogtel", "timeline"}, args...))
	if err != nil {
		code = 1
		errs.WriteString(err.Error())
	}
	var exit cli.ExitCoder
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	return code, out.String(), errs.String()
}

// A real run, with batches at the same time: each line is there, with its duration.
func TestTimelineOfTheBatchExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs examples/batch")
	}
	dir := t.TempDir()
	lines, file := filepath.Join(dir, "telemetry.jsonl"), filepath.Join(dir, "trace.json")
	batch := exec.Command("go", "run", "./examples/batch", "-q", "-batch-tokens", "300", "-local-speed", "20000", "-telemetry", lines, "-out", filepath.Join(dir, "result.json"), "scope", "slogtel/doc.go", "no-such-file.go")
	batch.Dir = filepath.Join("..", "..", "..", "..")
	out, err := batch.CombinedOutput()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed, "%s", out)
	require.FileExists(t, lines, "%s", out)

	code, stdout, stderr := command(t.Context(), t, nil, "-o", file, lines)
	require.Zero(t, code, stderr)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "wrote "+file)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	f := checkSchema(t, data)

	want, got := map[string]float64{}, map[string]float64{}
	timings, counters, failures := 0, 0, 0
	written, err := os.ReadFile(lines)
	require.NoError(t, err)
	for row := range strings.Lines(string(written)) {
		var l struct {
			Msg, Scope, Error string
			Type              string  `json:"metric_type"`
			Duration          float64 `json:"duration_s"`
			Value             float64
		}
		require.NoError(t, json.Unmarshal([]byte(row), &l))
		switch {
		case l.Msg == "telemetry.timing":
			timings++
			want[l.Scope] += l.Duration * 1e6
			if l.Error != "" {
				failures++
			}
		default:
			counters++
			if l.Type == "counter" {
				want[l.Scope] += l.Value
			}
		}
	}
	lanes := map[int]bool{}
	for _, e := range f.TraceEvents {
		switch e.Ph {
		case "X":
			timings--
			d, err := e.Dur.Float64()
			require.NoError(t, err)
			got[e.Name] += d
			lanes[*e.Tid] = true
		case "C":
			counters--
			if sum, ok := e.Args["sum"].(json.Number); ok {
				got[e.Name], err = sum.Float64()
				require.NoError(t, err)
			}
		case "i":
			failures--
		}
	}
	assert.Zero(t, timings)
	assert.Zero(t, counters)
	assert.Zero(t, failures)
	require.Len(t, got, len(want))
	for name, v := range want {
		assert.InDelta(t, v, got[name], 0.01, "%s: microseconds, or the sum of a counter", name)
	}
	assert.Greater(t, len(lanes), 1, "batches at the same time")
	assert.Less(t, len(lanes), 10, "no more lanes than there were batches at the same time")
}

func TestTimelineCut(t *testing.T) {
	code, stdout, stderr := command(t.Context(), t, strings.NewReader(strings.Repeat(line, 5)+"ordinary\n"), "-o", "-", "--max-events", "2")
	assert.Zero(t, code)
	f := checkSchema(t, []byte(stdout))
	assert.Len(t, ofPhase(f, "X"), 2)
	assert.Contains(t, stderr, "cut: the 2 events that begin first are shown")
	assert.True(t, strings.HasSuffix(stderr, "6 lines read: 5 used, 0 filtered out, 1 skipped (ordinary logs), 0 bad\n"), stderr)
}

func TestTimelineUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"no such file":     {"-o", "-", "/no/such/file.jsonl"},
		"max-events":       {"-o", "-", "--max-events", "0"},
		"many events":      {"-o", "-", "--max-events", "99999999999"},
		"max-traces":       {"-o", "-", "--max-traces", "-1"},
		"no number":        {"-o", "-", "--max-events", "many"},
		"no output folder": {"-o", filepath.Join(t.TempDir(), "none", "t.json"), "-"},
		"output folder":    {"-o", t.TempDir(), "-"},
	} {
		code, stdout, stderr := command(t.Context(), t, strings.NewReader(line), args...)
		assert.NotZero(t, code, name)
		assert.NotContains(t, stdout, "traceEvents", name)
		assert.NotEmpty(t, stderr, name)
	}
}

// endless is a pipe that stays open after its lines until the reader gives up.
type endless struct {
	lines  io.Reader
	cancel func()
	ctx    context.Context
}

func (r *endless) Read(p []byte) (int, error) {
	n, err := r.lines.Read(p)
	if err == io.EOF {
		r.cancel()
		<-r.ctx.Done()
	}
	return n, err
}

func TestTimelineInterruptedIsValid(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	file := filepath.Join(t.TempDir(), "t.json")
	in := &endless{strings.NewReader(strings.Repeat(line, 8_000)), cancel, ctx}
	code, _, stderr := command(ctx, t, in, "-o", file)
	assert.Equal(t, 130, code, stderr)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	f := checkSchema(t, data)
	assert.NotEmpty(t, ofPhase(f, "X"))
	assert.Equal(t, "not all was read", f.OtherData["notice_1"])
	assert.Contains(t, stderr, "lines read:")
}

func TestTimelineHostileNames(t *testing.T) {
	hostile := strings.NewReplacer(`"scope":"a"`, `"scope":"\u001b]0;x\u0007\u202e\u009b1m\n\",\"ph\":\"B"`, `"model":"x"`, `"\u001b\"}":"\u0000\ud800","error":"\u001b[2J"`).Replace(line)
	code, stdout, stderr := command(t.Context(), t, strings.NewReader(hostile), "-o", "-", "-")
	require.Zero(t, code, stderr)
	f := checkSchema(t, []byte(stdout))
	require.Len(t, ofPhase(f, "X"), 1)
	assert.Equal(t, "\x1b]0;x\a\u202e\u009b1m\n\",\"ph\":\"B", ofPhase(f, "X")[0].Name)
	for _, r := range stderr {
		assert.False(t, r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0, "%q", stderr)
	}
}

func TestHugeCounters(t *testing.T) {
	s := sums{}
	big := newItem(metric("c", "counter", 0, math.MaxFloat64), 0, 0)
	s.points(big)
	_, points := s.points(big)
	assert.Equal(t, math.MaxFloat64, points["sum"])
}

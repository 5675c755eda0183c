package flame

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// batchLines runs the batch example and returns the file with its telemetry.
func batchLines(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs examples/batch")
	}
	dir := t.TempDir()
	lines := filepath.Join(dir, "telemetry.jsonl")
	cmd := exec.Command("go", "run", "./examples/batch", "-q", "-telemetry", lines, "-out", filepath.Join(dir, "result.json"), "scope", "slogtel/doc.go", "no-such-file.go")
	cmd.Dir = filepath.Join("..", "..", "..", "..")
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed, "%s", out)
	require.FileExists(t, lines, "%s", out)
	return lines
}

// A figure is what pprof -top shows of a function.
type figure struct{ self, calls, errors int64 }

// expected adds up the lines on its own. In what batch writes a path has one parent.
func expected(t *testing.T, lines string) map[string]figure {
	t.Helper()
	type line struct {
		Msg, Scope, Error string
		Parent            string  `json:"parent_scope"`
		Duration          float64 `json:"duration_s"`
	}
	total, children := map[string]float64{}, map[string]float64{}
	figures := map[string]figure{}
	f, err := os.Open(lines)
	require.NoError(t, err)
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var l line
		require.NoError(t, json.Unmarshal(in.Bytes(), &l))
		if l.Msg != "telemetry.timing" {
			continue
		}
		total[l.Scope] += l.Duration * 1e9
		children[l.Parent] += l.Duration * 1e9
		g := figures[l.Scope]
		g.calls++
		if l.Error != "" {
			g.errors++
		}
		figures[l.Scope] = g
	}
	require.NoError(t, in.Err())
	for scope, g := range figures {
		g.self = int64(max(total[scope]-children[scope], 0) + 0.5)
		figures[scope] = g
	}
	return figures
}

// top runs go tool pprof -top and returns the column flat.
func top(t *testing.T, file, value string) map[string]int64 {
	t.Helper()
	cmd := exec.Command("go", "tool", "pprof", "-top", "-nodecount=0", "-nodefraction=0", "-edgefraction=0", "-unit=ns", "-sample_index="+value, file)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", errs.String())
	_, table, ok := strings.Cut(string(out), "cum%\n")
	require.True(t, ok, "%s", out)
	flat := map[string]int64{}
	for row := range strings.Lines(table) {
		cells := strings.Fields(row)
		require.Len(t, cells, 6, row)
		v, err := strconv.ParseInt(strings.TrimSuffix(cells[0], "ns"), 10, 64)
		require.NoError(t, err, row)
		flat[cells[5]] = v
	}
	return flat
}

func TestBatchExample(t *testing.T) {
	lines := batchLines(t)
	t.Run("go tool pprof reads the profile", func(t *testing.T) { testPprof(t, lines) })
	t.Run("folded stacks equal the profile", func(t *testing.T) { testFolded(t, lines) })
}

func testPprof(t *testing.T, lines string) {
	file := filepath.Join(t.TempDir(), "p.pb.gz")
	code, _, stderr := command(t, nil, "-o", file, lines)
	require.Zero(t, code, stderr)
	assert.Contains(t, stderr, "wrote "+file)
	assert.Contains(t, stderr, " 0 bad")

	want := expected(t, lines)
	require.Greater(t, len(want), 8)
	self, calls, errors := top(t, file, "self"), top(t, file, "calls"), top(t, file, "errors")
	require.Len(t, calls, len(want))
	for scope, f := range want {
		assert.InDelta(t, f.self, self[scope], 1, "self time of %s in ns", scope) // sums of floats are rounded
		assert.Equal(t, f.calls, calls[scope], scope)
		assert.Equal(t, f.errors, errors[scope], scope)
	}
}

// What pprof draws as a flame graph is the stacks, which the folded ones must equal.
func testFolded(t *testing.T, lines string) {
	file := filepath.Join(t.TempDir(), "p.pb.gz")
	code, _, stderr := command(t, nil, "-o", file, lines)
	require.Zero(t, code, stderr)
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	p, err := profile.Parse(f)
	require.NoError(t, err)
	require.NoError(t, p.CheckValid())
	assert.Equal(t, "self", p.DefaultSampleType)
	assert.Positive(t, p.DurationNanos)

	var want []string
	for _, s := range p.Sample {
		if s.Value[selfTime] == 0 {
			continue
		}
		stack, above := "", ""
		for i := len(s.Location) - 1; i >= 0; i-- {
			name := s.Location[i].Line[0].Function.Name
			stack += ";" + strings.TrimPrefix(name, above+".")
			above = name
		}
		want = append(want, fmt.Sprintf("%s %d", stack[1:], s.Value[selfTime]))
	}
	code, stdout, stderr := command(t, nil, "--folded", lines)
	require.Zero(t, code, stderr)
	assert.ElementsMatch(t, want, strings.Split(strings.TrimSpace(stdout), "\n"))
	assert.Contains(t, stdout, "pipeline;call;batch;api.request ")
}

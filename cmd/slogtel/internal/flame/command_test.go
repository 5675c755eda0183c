package flame

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

const line = `{"time":"2026-01-31T12:00:00.000000001Z","level":"INFO","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.25}` + "\n"

// command runs slogtel flame and returns the exit code.
func command(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return commandUnder(t.Context(), t, stdin, args...)
}

func commandUnder(ctx context.Context, t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	err := input.Run(ctx, Command(), stdin, &out, &errs, args...)
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

func TestStandardInputAndOutput(t *testing.T) {
	code, stdout, stderr := command(t, strings.NewReader(line+"an ordinary log\n"+line), "-o", "-")
	require.Zero(t, code, stderr)
	assert.Equal(t, "3 lines read: 2 used, 0 filtered out, 1 skipped (ordinary logs), 0 bad\n", stderr)
	p, err := profile.ParseData([]byte(stdout))
	require.NoError(t, err)
	require.Len(t, p.Sample, 1)
	assert.Equal(t, []int64{calls: 2, failures: 0, selfTime: 5e8}, p.Sample[0].Value)

	code, stdout, _ = command(t, strings.NewReader(line), "--folded", "--value", "calls", "-")
	assert.Zero(t, code)
	assert.Equal(t, "a 1\n", stdout)
}

func TestWrongUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"no such file":       {"-o", "-", "/no/such/file.jsonl"},
		"a folder":           {"-o", "-", t.TempDir()},
		"no match":           {"-o", "-", t.TempDir() + "/*.jsonl"},
		"value of a profile": {"-o", "-", "--value", "calls"},
		"no such value":      {"--folded", "--value", "total"},
		"output folder":      {"-o", t.TempDir(), "-"},
		"no output folder":   {"-o", filepath.Join(t.TempDir(), "none", "p.pb.gz"), "-"},
	} {
		code, stdout, stderr := command(t, strings.NewReader(line), args...)
		assert.Equal(t, 2, code, name)
		assert.Empty(t, stdout, name)
		assert.NotEmpty(t, stderr, name)
	}
}

func TestNothingIsWrittenWhereNothingCouldBeRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.pb.gz")
	code, _, _ := command(t, nil, "-o", file, "/no/such/file.jsonl")
	assert.Equal(t, 2, code)
	assert.NoFileExists(t, file)
}

func TestEmptyInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.pb.gz")
	code, _, stderr := command(t, strings.NewReader(""), "-o", file)
	assert.Zero(t, code)
	assert.Contains(t, stderr, "no timings")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	p, err := profile.ParseData(data)
	require.NoError(t, err)
	assert.Empty(t, p.Sample)
}

// interruptedReader cancels once its lines were read, and then waits as a pipe does.
type interruptedReader struct {
	r      io.Reader
	ctx    context.Context
	cancel func()
}

func (r *interruptedReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err == io.EOF {
		r.cancel()
		<-r.ctx.Done()
		return n, io.EOF
	}
	return n, err
}

func TestInterruptedWritesWhatWasRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in := &interruptedReader{strings.NewReader(strings.Repeat(line, 20_000)), ctx, cancel}
	code, stdout, stderr := commandUnder(ctx, t, in, "--folded")
	assert.Equal(t, 130, code)
	assert.True(t, strings.HasPrefix(stdout, "a "), stdout)
	assert.Contains(t, stderr, "lines read:")
}

func TestHostileNamesDoNotReachATerminal(t *testing.T) {
	hostile := strings.Replace(line, `"scope":"a"`, `"scope":"\u001b]0;title\u0007a;\n9\u202e\u009b31m"`, 1)
	code, stdout, stderr := command(t, strings.NewReader(hostile), "--folded")
	require.Zero(t, code, stderr)
	code, binary, _ := command(t, strings.NewReader(hostile), "-o", "-", "-")
	require.Zero(t, code)
	p, err := profile.ParseData([]byte(binary))
	require.NoError(t, err)
	for _, text := range []string{strings.TrimSuffix(stdout, "\n"), p.Function[0].Name} {
		assert.NotRegexp(t, `[\x00-\x1f\x7f\x{80}-\x{9f}\x{202e}]`, text)
		assert.Contains(t, text, "title")
	}
	assert.Equal(t, 1, strings.Count(stdout, ";")+strings.Count(stdout, "\n"), "one stack of one frame: %q", stdout)
}

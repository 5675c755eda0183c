package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
)

// TestMain is the command itself where a test asks for it.
func TestMain(m *testing.M) {
	if os.Getenv("SLOGTEL_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

func runWith(stdin string, args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	cmd := newCommand()
	cmd.Reader, cmd.Writer, cmd.ErrWriter = strings.NewReader(stdin), &o, &e
	code = run(context.Background(), cmd, append([]string{"slogtel"}, args...))
	return o.String(), e.String(), code
}

const oneLine = `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":1,"start_monotonic_s":0,"end_monotonic_s":1,"start_wall_time_s":1,"end_wall_time_s":2}` + "\n"

func TestExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		errs  string
	}{
		"report":                     {oneLine, []string{"report"}, 0, ""},
		"comma":                      {oneLine, []string{"report", "--where", "k=a,b"}, 0, ""},
		"check, right":               {oneLine, []string{"check"}, 0, ""},
		"check, wrong":               {"{torn\n", []string{"check"}, 1, ""},
		"report by a file":           {oneLine, []string{"-", "--top", "1"}, 0, ""},
		"help, no command":           {"", []string{"help", "reprot"}, 2, `slogtel: there is no command "reprot", and no file (did you mean "report"?)`},
		"nothing, nothing to report": {"", []string{"report"}, 0, ""},
		"check, nothing":             {"", []string{"check"}, 2, "nothing was checked"},
		"check, filtered":            {oneLine, []string{"check", "--scope", "b"}, 2, "nothing was checked"},
		"report, filtered":           {oneLine, []string{"report", "--scope", "b"}, 0, ""},
		"report, no telemetry":       {"hello\n", []string{"report"}, 2, "slogtel: no telemetry in the 1 lines read; they look like lines of something else"},
		"check, no telemetry":        {"hello\n", []string{"check"}, 2, "no telemetry"},
		"flame, no telemetry":        {"hello\n", []string{"flame", "--folded"}, 2, "no telemetry"},
		"timeline, no telemetry":     {"hello\n", []string{"timeline", "-o", "-"}, 2, "no telemetry"},
		"html, no telemetry":         {"hello\n", []string{"html", "-o", "-"}, 2, "no telemetry"},
		"tail, no telemetry":         {"hello\n", []string{"tail", "--telemetry"}, 2, "no telemetry"},
		"top":                        {oneLine, []string{"top", "--once"}, 0, ""},
		"top, to the end":            {oneLine, []string{"top"}, 0, ""},
		"top, no telemetry":          {"hello\n", []string{"top", "--once"}, 2, "no telemetry"},
		"top, no such file":          {"", []string{"top", "--once", "nosuch.jsonl"}, 2, "no such file"},
		"top, sort":                  {"", []string{"top", "--sort", "p98", "-"}, 2, `--sort "p98": expected one of scope, rate`},
		"top, interval":              {"", []string{"top", "--interval", "1ms", "-"}, 2, "expected 100ms or more"},
		"top, series":                {"", []string{"top", "--max-series", "0", "-"}, 2, "expected 1 or more"},
		"top, address and file":      {"", []string{"top", "http://localhost:1", "x"}, 2, "together"},
		"top, events of an address":  {"", []string{"top", "--since", "1h", "localhost:1"}, 2, "--filter chooses"},
		"top, password":              {"", []string{"top", "http://a:b@localhost:1"}, 2, "a user or a password"},
		"top, compressed":            {"", []string{"top", "."}, 2, "expected a plain file"},
		"zip":                        {"PK\x03\x04\x00\x00", []string{"report"}, 2, "a zip archive: unpack it"},
		"no command":                 {"", []string{"reprot"}, 2, `slogtel: there is no command "reprot", and no file (did you mean "report"?)`},
		"no command, no idea":        {"", []string{"nosuch"}, 2, `slogtel: there is no command "nosuch", and no file; see`},
		"no file, no command":        {"", []string{"report.jsonl"}, 2, `slogtel: there is no command "report.jsonl", and no file; see`},
		"a limit of trace":           {oneLine, []string{"trace", "--limit", "-1", "ab"}, 2, "--limit -1: expected 0 or more"},
		"a limit of check":           {oneLine, []string{"check", "--max", "-1"}, 2, "--max -1: expected 0 or more"},
		"a limit of errors":          {oneLine, []string{"errors", "--max-series", "0"}, 2, "--max-series 0: expected 1 or more"},
		"help of help":               {"", []string{"help", "help"}, 0, ""},
		"help, and no pager":         {"", []string{"--no-pager", "help", "nosuch"}, 2, `slogtel: there is no command "nosuch"`},
		"report after a dash":        {oneLine, []string{"--", "-"}, 0, ""},
		"report, no pager":           {oneLine, []string{"--no-pager", "--", "-"}, 0, ""},
		"no number":                  {"", []string{"report", "--top", "1k"}, 2, `invalid value "1k" for flag -top: invalid syntax; see slogtel report --help`},
		"unknown flag":               {"", []string{"report", "--x"}, 2, "flag provided but not defined"},
		"no such file":               {"", []string{"report", "x\x1bc"}, 2, `x\x1bc: no such file`},
		"value of a flag":            {"", []string{"tail", "-n", "x"}, 2, "invalid value"},
		"help":                       {"", nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs, code := runWith(c.stdin, c.args...)
			assert.Equal(t, c.code, code, errs)
			assert.Contains(t, errs, c.errs)
			assert.Equal(t, c.errs == "", errs == "", errs)
		})
	}
}

func TestHelp(t *testing.T) {
	for _, c := range newCommand().Commands {
		out, _, code := runWith("", c.Name, "--help")
		assert.Zero(t, code)
		assert.Contains(t, out, "Examples:", c.Name)
		assert.Contains(t, out, "slogtel "+c.Name+" ", c.Name)
		assert.Equal(t, c.Name != "man", strings.Contains(out, "--since"), c.Name)
	}
}

func TestVersionAndCompletion(t *testing.T) {
	out, _, code := runWith("", "--version")
	assert.Zero(t, code)
	assert.Contains(t, out, "go1.")
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, _, code = runWith("", "completion", shell)
		assert.Zero(t, code)
		assert.Contains(t, out, "slogtel", shell)
	}
	cmd := testkit.Rerun(t, "report", "--s", "--generate-shell-completion")
	cmd.Env = append(os.Environ(), "SLOGTEL_TEST_MAIN=1")
	b, err := cmd.Output()
	require.NoError(t, err)
	assert.Contains(t, string(b), "--sort")
}

// Ctrl-C ends with a report of what was read so far.
func TestInterrupt(t *testing.T) {
	cmd := testkit.Rerun(t, "report")
	cmd.Env = append(os.Environ(), "SLOGTEL_TEST_MAIN=1")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	defer cmd.Process.Kill()
	// More than a pipe and the buffers hold, so that some of it has been read.
	_, err = io.WriteString(in, strings.Repeat(oneLine, 1<<22/len(oneLine)))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.Equal(t, 130, cmd.ProcessState.ExitCode(), errs.String())
	assert.Regexp(t, `\d+ lines read: \d+ used`, out.String())
	assert.Contains(t, errs.String(), "interrupted")
}

// A file of telemetry is not lost by a slip.
func TestInputIsNotOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(oneLine), 0o600))
	for _, name := range []string{"flame", "timeline", "html"} {
		_, errs, code := runWith("", name, "-o", file, file)
		assert.Equal(t, 2, code, name)
		assert.Contains(t, errs, "would be overwritten", name)
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, oneLine, string(data), name)
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// What could not be written is said, whichever byte it was.
func TestFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(oneLine), 0o600))
	for _, args := range [][]string{
		{"report"}, {"report", "--json"}, {"report", "--csv"}, {"check"}, {"tail"}, {"flame", "--folded"},
		{"timeline", "-o", "-"}, {"html", "-o", "-"}, {"diff", file}, {"diff", "--json", file}, {"diff", "--csv", file},
	} {
		args = append(args, file)
		var all bytes.Buffer
		cmd := newCommand()
		cmd.Writer, cmd.ErrWriter = &all, io.Discard
		require.Zero(t, run(t.Context(), cmd, append([]string{"slogtel"}, args...)))
		for _, room := range []int{0, all.Len() / 2, all.Len() - 1} {
			var errs bytes.Buffer
			cmd := newCommand()
			cmd.Writer, cmd.ErrWriter = &full{room}, &errs
			code := run(t.Context(), cmd, append([]string{"slogtel"}, args...))
			assert.Equal(t, 2, code, "%v with room for %d of %d bytes", args, room, all.Len())
			assert.Contains(t, errs.String(), "no space left", args)
		}
	}
}

// The runs of A and of B stand before and after --, with flags anywhere.
func TestDiffOfSeveralRuns(t *testing.T) {
	var files []string
	for _, seconds := range []string{"1", "1.1", "0.9", "2", "2.1", "1.9"} {
		file := filepath.Join(t.TempDir(), "run.jsonl")
		line := strings.Replace(oneLine, `"duration_s":1,`, `"duration_s":`+seconds+`,`, 1)
		require.NoError(t, os.WriteFile(file, []byte(strings.Repeat(line, 10)), 0o644))
		files = append(files, file)
	}
	args := append([]string{"diff", "--top", "5"}, files[:3]...)
	args = append(append(append(args, "--"), files[3:]...), "--fail-on", "slower=50%")
	out, errs, code := runWith("", args...)
	assert.Equal(t, 1, code, errs)
	assert.Contains(t, out, "3 runs of A, 3 of B")
	assert.Regexp(t, `(?m)^a +slower +\+10\d% `, out)
	assert.Contains(t, errs, "a: a typical call")
	_, errs, code = runWith("", append([]string{"diff"}, files...)...)
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, "with -- between")
	_, _, code = runWith("", "diff", "--", files[0], files[1])
	assert.Zero(t, code, "as flags end elsewhere")
}

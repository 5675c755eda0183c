package slow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

func runCommand(t testing.TB, stdin string, args ...string) (out string, err error) {
	var o bytes.Buffer
	err = input.Run(t.Context(), Command(), strings.NewReader(stdin), &o, &o, args...)
	return o.String(), err
}

func result(t testing.TB, stdin string, args ...string) (r Result) {
	out, err := runCommand(t, stdin, append([]string{"--json"}, args...)...)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return r
}

// line is a timing from one second to another; ids are the trace, the span, and its parent.
func line(scope, parent, trace, span, up string, from, to float64, rest string) string {
	at := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC).Add(time.Duration(to * float64(time.Second)))
	return fmt.Sprintf(`{"time":%q,"msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":%q,"duration_s":%v,"trace_id":%q,"span_id":%q,"parent_span_id":%q%s}`+"\n",
		at.Format(time.RFC3339Nano), scope, parent, to-from, trace, span, up, rest)
}

func TestSlow(t *testing.T) {
	lines := line("a.b", "a", "t1", "2", "1", 1, 4, "") + line("a.c", "a", "t1", "3", "1", 2, 6, `,"error":"x"`) + line("a", "", "t1", "1", "", 0, 10, `,"k":"v"`) +
		line("a", "", "t2", "1", "", 0, 3, "") +
		line("other", "", "t1", "4", "3", 3, 5, "") + // another process, inside of a.c
		line("lone", "", "t3", "9", "8", 0, 2, "") // another process, whose caller is not here
	r := result(t, lines)
	require.Len(t, r.Slowest, 3)
	s := r.Slowest[0]
	assert.Equal(t, "a", s.Scope)
	assert.Equal(t, "t1", s.TraceID)
	assert.InDelta(t, 10, s.Duration, 1e-9)
	assert.Equal(t, 4, s.Spans)
	assert.Equal(t, map[string]string{"k": "v"}, s.Attrs)
	sum := 0.0
	critical := make(map[string]float64)
	for _, c := range s.Scopes {
		sum += c.Critical
		critical[c.Scope] = c.Critical
	}
	assert.InDelta(t, s.Duration, sum, 1e-9)
	assert.InDelta(t, 2, critical["other"], 1e-9)
	assert.InDelta(t, 2, critical["a.c"], 1e-9)
	assert.InDelta(t, 6, critical["a"], 1e-9)
	assert.Equal(t, "t2", r.Slowest[1].TraceID)
	assert.Equal(t, "lone", r.Slowest[2].Scope)

	// What is asked for chooses what is listed, and not what is inside of it.
	r = result(t, lines, "--where", "k=v")
	require.Len(t, r.Slowest, 1)
	assert.Equal(t, 4, r.Slowest[0].Spans)
	r = result(t, lines, "--scope", "a.?", "--top", "1")
	require.Len(t, r.Slowest, 1)
	assert.Equal(t, "a.c", r.Slowest[0].Scope)
	assert.Equal(t, 2, r.Slowest[0].Spans)

	out, err := runCommand(t, lines)
	require.NoError(t, err)
	for _, want := range []string{"1. 10s  a  began", "trace t1", "k=v", "WAITED FOR", "of all 3", "6 lines read: 6 used"} {
		assert.Contains(t, out, want)
	}
}

// The slowest are found wherever they are, in files and in what can be read only once.
func TestSlowestOfMany(t *testing.T) {
	const n = 5_000
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i, p := range r.Perm(n) {
		trace := fmt.Sprintf("t%d", p)
		b.WriteString(line("a.b", "a", trace, fmt.Sprint(2*i+1), fmt.Sprint(2*i), 0, float64(p)/2, "") + line("a", "", trace, fmt.Sprint(2*i), "", 0, float64(p), ""))
	}
	file := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))
	copies := t.TempDir()
	t.Setenv("TMPDIR", copies) // others have theirs in the system's folder
	for _, args := range [][]string{{file}, {"-"}} {
		r := result(t, b.String(), append(args, "--top", "5")...)
		require.Len(t, r.Slowest, 5)
		for i, s := range r.Slowest {
			assert.Equal(t, fmt.Sprintf("t%d", n-1-i), s.TraceID)
			assert.Equal(t, 2, s.Spans)
		}
	}
	left, err := os.ReadDir(copies)
	require.NoError(t, err)
	assert.Empty(t, left, "the copy is gone")
}

// Ctrl-C ends the input, and not the answer.
func TestInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer w.Close()
	go func() {
		io.WriteString(w, line("a", "", "t1", "1", "", 0, 10, ""))
		io.WriteString(w, "x\n") // what was before it has been copied: a pipe has no buffer
		io.WriteString(w, "x\n")
		interrupt()
	}()
	var o bytes.Buffer
	err := input.Run(ctx, Command(), r, &o, &o)
	assert.ErrorContains(t, err, "interrupted")
	assert.Contains(t, o.String(), "1. 10s  a")
}

func TestWithoutIDs(t *testing.T) {
	lines := line("a", "", "", "", "", 0, 5, `,"sample_rate":0.5`) + line("a", "", "", "", "", 0, 7, "")
	out, err := runCommand(t, lines)
	require.NoError(t, err)
	for _, want := range []string{"1. 7s  a", "2. 5s  a", "no trace ids", "lines were sampled"} {
		assert.Contains(t, out, want)
	}
	out, err = runCommand(t, line("a.b", "a", "", "", "", 0, 5, ""))
	require.NoError(t, err)
	assert.Contains(t, out, "no scope at the top was timed")
	_, err = runCommand(t, "hello\n")
	assert.ErrorContains(t, err, "no telemetry")
	for _, top := range []string{"0", "-1", "1001"} {
		_, err = runCommand(t, lines, "--top", top)
		assert.ErrorContains(t, err, "expected 1 to 1000")
	}
}

// On a narrow terminal the id of the trace is still whole: it is what the next command takes.
func TestTraceIDIsNotCut(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 2)
	r := Result{Slowest: []Slow{{Scope: "checkout.order.pay", TraceID: id, Duration: 1, Start: time.Unix(1e9, 0)}}}
	for _, width := range []int{0, 30, 60, 80, 200} {
		var out bytes.Buffer
		r.write(&out, width)
		assert.Contains(t, out.String(), "trace "+id+"\n", "%d", width)
		first, _, _ := strings.Cut(out.String(), "\n")
		assert.Equal(t, width == 0 || width == 200, strings.Contains(first, "trace"), "%d", width)
	}
}

// Nothing to look at is not the same as nothing slow.
func TestNothingToLookAt(t *testing.T) {
	out, err := runCommand(t, line("a", "", "t1", "1", "", 0, 1, ""), "--scope", "b")
	require.NoError(t, err)
	assert.Contains(t, out, "all of it was filtered out")
	out, err = runCommand(t, `{"time":"2026-11-28T06:00:30Z","msg":"telemetry.summary","scope":"s","metric_type":"timing","count":10,"sum":1,"min":0,"max":1}`+"\n")
	require.NoError(t, err)
	assert.Contains(t, out, "there are summaries")
	out, err = runCommand(t, "")
	require.NoError(t, err)
	assert.Contains(t, out, "no telemetry\n")
}

package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// aRun writes a file of 40 timings of a scope, which is opened in another, and take about so long.
func aRun(t *testing.T, scope string, seconds float64) string {
	t.Helper()
	var b strings.Builder
	for i := range 40 {
		at := fmt.Sprintf("2026-03-14T09:%02d:00Z", i)
		fmt.Fprintf(&b, `{"time":%q,"msg":"telemetry.timing","scope":"%s.step","depth":1,"parent_scope":%q,"duration_s":%g,"trace_id":"t%d","span_id":"2","parent_span_id":"1"}`+"\n", at, scope, scope, seconds*(1+float64(i%5)/100), i)
		fmt.Fprintf(&b, `{"time":%q,"msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":"","duration_s":%g,"trace_id":"t%d","span_id":"1"}`+"\n", at, scope, 2*seconds, i)
	}
	file := filepath.Join(t.TempDir(), "run.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))
	return file
}

// The page has both sides as they are by themselves, and of what differs what diff says.
func TestTwoSides(t *testing.T) {
	a1, a2, b1, b2 := aRun(t, "job", 1), aRun(t, "job", 1.01), aRun(t, "job", 2), aRun(t, "<b>other", 1)
	html, stderr, err := slogtelCommand(t.Context(), "", a1, a2, "--", b1, b2, "-o", "-")
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(stderr, "160 lines read: 160 used"))
	b := bookOf(t, html)
	require.Len(t, b.Sides, 2)
	for i, inputs := range [][]string{{a1, a2}, {b1, b2}} {
		alone, _, err := slogtelCommand(t.Context(), "", append(inputs, "-o", "-")...)
		require.NoError(t, err)
		want := parsed(t, alone)
		want.Generated = b.Sides[i].Generated
		want.Counts, b.Sides[i].Counts = events.Counts{}, events.Counts{} // each run is read by itself
		assert.Equal(t, want.Scopes, b.Sides[i].Scopes, "with self times")
		assert.Equal(t, len(want.Spans.Start), len(b.Sides[i].Spans.Start))
	}

	read := func(inputs ...string) *diff.Side {
		s, err := diff.Read(t.Context(), events.Options{}, inputs, nil)
		require.NoError(t, err)
		return s
	}
	want := diff.Compare(read(a1, a2), read(b1, b2))
	assert.Equal(t, [2]int{2, 2}, b.Compare.Runs)
	require.Len(t, b.Compare.Scopes, len(want.Scopes))
	for i, w := range want.Scopes {
		got := b.Compare.Scopes[i]
		assert.Equal(t, w.Scope, got.Name)
		assert.Equal(t, w.Verdicts, got.Verdicts)
		if w.A == nil {
			assert.Nil(t, got.A)
			assert.Contains(t, got.Verdicts, diff.New)
			continue
		}
		assert.InDelta(t, w.A.Count, got.A.Count, 0)
		if w.Values != nil {
			assert.InEpsilon(t, *w.Values.Change, float64(*got.Change), 1e-6)
		}
		p, tested := w.P()
		require.Equal(t, tested, got.P != nil)
		if tested {
			assert.InDelta(t, p, float64(*got.P), 1e-6)
		}
	}
	assert.Contains(t, strings.Join(b.Compare.Notes, "\n"), "2 runs of A, 2 of B")
}

// A -- before all inputs only ends the flags, as with other commands.
func TestTwoSidesThatAreNot(t *testing.T) {
	file := aRun(t, "job", 1)
	stdout, _, err := slogtelCommand(t.Context(), "", "-o", "-", "--", file)
	require.NoError(t, err)
	assert.Len(t, parsed(t, stdout).Scopes, 2)
	out := filepath.Join(t.TempDir(), "out.html")
	for _, args := range [][]string{{file, "--"}, {"-", "--", "-"}, {file, "--", filepath.Join(t.TempDir(), "missing.jsonl")}, {file, "--", out}} {
		_, _, err = slogtelCommand(t.Context(), "", append(args, "-o", out)...)
		require.Error(t, err, "%q", args)
		assert.NoFileExists(t, out)
	}
	_, _, err = slogtelCommand(t.Context(), "an ordinary line\n", file, "--", "-", "-o", out)
	require.ErrorContains(t, err, "no telemetry")
	assert.FileExists(t, out, "the other side can be looked at")
}

// Two sides of much share the room of one page.
func TestTwoSidesAreBounded(t *testing.T) {
	var sides []side
	for seed := range uint64(2) {
		m := NewModel(DefaultLimits)
		flood(m, 2200, seed)
		sides = append(sides, side{Model: m})
	}
	rows := make([]diff.Row, 5000)
	for i := range rows {
		rows[i] = diff.Row{Scope: strings.Repeat("<", 1000), Verdicts: []diff.Verdict{diff.Same}, A: new(diff.Figures), B: new(diff.Figures)}
	}
	var b strings.Builder
	_, err := write(&b, &diff.Comparison{Scopes: rows, Metrics: rows}, sides...)
	require.NoError(t, err)
	assert.LessOrEqual(t, b.Len(), MaxSize)
	book := bookOf(t, b.String())
	assert.Contains(t, strings.Join(book.Compare.Notes, "\n"), "of 5,000 scopes are shown")
	for _, s := range book.Sides {
		assert.NotEmpty(t, s.Spans.Start)
		assert.Contains(t, strings.Join(s.Notices, "\n"), "Less is shown than was kept")
	}
}

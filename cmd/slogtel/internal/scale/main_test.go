package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/sketch"
)

// What many processes summed up says of all of them together: counts, errors and sums are those of all events, and
// quantiles within the error of a sketch.
func TestQuantilesOfTheWhole(t *testing.T) {
	f := fleet{processes: 40, minutes: 3, calls: 30, seed: 7}
	dir := t.TempDir()
	exact, err := f.ship(t.Context(), dir)
	require.NoError(t, err)
	r, err := read(t.Context(), dir)
	require.NoError(t, err)
	rows, err := compare(r, exact)
	require.NoError(t, err)
	require.Len(t, rows, 4*len(exact.durations))
	for _, row := range rows {
		// The greatest value is exact but for the digits of seconds in a line.
		assert.LessOrEqual(t, max(row.off(), -row.off()), sketch.RelativeError*(1+1e-6), "%+v", row)
	}
	assert.EqualValues(t, 40*3, r.Counters[0].Count/30)
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	require.NoError(t, err)
	assert.Len(t, files, 40)
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	require.NoError(t, run(t.Context(), &out, fleet{processes: 3, minutes: 2, calls: 50, seed: 1}, dir))
	assert.Contains(t, out.String(), "3 processes, 2 minutes, 50 requests a process and minute: ")
	assert.Regexp(t, `request +0\.95 +\d`, out.String())
	assert.Regexp(t, `bytes a process and minute: \d+ as JSON lines in [\d.]+ lines, \d+ with gzip`, out.String())
	lines, err := os.ReadFile(filepath.Join(dir, "process-00002.jsonl"))
	require.NoError(t, err)
	assert.Contains(t, string(lines), `"sketch":"`)
	assert.Contains(t, string(lines), `"host":"h00002"`)
}

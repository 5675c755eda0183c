package diff

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// The events of one run, as lines and as summaries of an aggregate that lets failed ones
// pass, are the same: in counts, errors and sums, and in what the tests see.
func TestEventsAndTheirSummariesDoNotDiffer(t *testing.T) {
	var lines, summaries bytes.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On},
		jsonlines.New(&lines, nil),
		aggregate.New(jsonlines.New(&summaries, nil), &aggregate.Options{Sketch: true, Interval: time.Hour}))
	for i := range 1000 {
		ctx, outer := tel.Start(t.Context(), "outer")
		tel.Timing(ctx, "inner", time.Duration(1+i)*time.Microsecond)
		tel.Count(ctx, "items", 3)
		tel.Histogram(ctx, "size", float64(i*i+1))
		if i%10 == 0 {
			outer.Fail(os.ErrInvalid)
		}
		outer.End()
	}
	require.NoError(t, tel.Shutdown(t.Context()))
	require.Less(t, bytes.Count(summaries.Bytes(), []byte("\n")), 110)

	var files []string
	for name, data := range map[string][]byte{"lines": lines.Bytes(), "summaries": summaries.Bytes()} {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(file, data, 0o644))
		files = append(files, file)
	}
	code, stdout, stderr := command(t, nil, "--json", "--fail-on", everything, files[0], files[1])
	require.Zero(t, code, stderr)
	var c Comparison
	require.NoError(t, json.Unmarshal([]byte(stdout), &c))
	assert.EqualValues(t, 100, c.InSummary)
	assert.Equal(t, 17, c.Tests)
	require.Len(t, c.Scopes, 2)
	require.Len(t, c.Metrics, 2)
	for _, r := range append(c.Scopes, c.Metrics...) {
		assert.Equal(t, 1000.0, r.A.Count, r.Scope)
		assert.Equal(t, 1000.0, r.B.Count, r.Scope)
		assert.Equal(t, r.A.Errors, r.B.Errors, r.Scope)
		assert.InEpsilon(t, *r.A.Sum, *r.B.Sum, 1e-9, r.Scope)
		if r.Type != string(slogtel.TypeCounter) {
			assert.InEpsilon(t, r.A.P50, r.B.P50, 0.04, r.Scope)
			assert.InDelta(t, 0, *r.Values.Change, 0.02, r.Scope)
			assert.Equal(t, []Verdict{Same}, r.Verdicts, r.Scope)
		}
	}
	assert.Equal(t, 100.0, c.Scopes[0].A.Errors+c.Scopes[1].A.Errors)
}

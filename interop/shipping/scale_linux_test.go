package shipping

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is where the commands are.
const root = "../.."

// A fleetReport is what "slogtel report --json" says.
type fleetReport struct {
	Scopes []struct {
		Scope         string
		Calls, Errors int64
		Total         float64 `json:"total_s"`
		Mean          float64 `json:"mean_s"`
		Max           float64 `json:"max_s"`
		P50           float64 `json:"p50_s"`
		P95           float64 `json:"p95_s"`
		P99           float64 `json:"p99_s"`
	}
	Counters []struct {
		Scope string
		Sum   json.Number
	}
}

func reportOf(t *testing.T, slogtel string, stdin io.Reader, args ...string) (r fleetReport) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), slogtel, append([]string{"report", "--json"}, args...)...)
	cmd.Stdin = stdin
	out, err := cmd.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

// What docs/scale.md asks VictoriaLogs of a fleet that sums up at the edge is what slogtel reports of the same lines, and
// the quantiles of lines that come back from the store are those of the lines that went in.
func TestScale(t *testing.T) {
	server, dir := startVictoriaLogs(t), t.TempDir()
	slogtel := filepath.Join(dir, "slogtel")
	for _, args := range [][]string{
		{"build", "-o", slogtel, "./cmd/slogtel"},
		{"run", "./cmd/slogtel/internal/scale", "-processes", "60", "-minutes", "3", "-calls", "40", "-dir", dir},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "process-*.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 60)
	var lines bytes.Buffer
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		lines.Write(data)
	}
	count := bytes.Count(lines.Bytes(), []byte("\n"))
	fields := url.Values{"_time_field": {"time"}, "_msg_field": {"msg"}, "_stream_fields": {"service"}}
	resp, err := http.Post(server+"/insert/jsonline?"+fields.Encode(), "application/stream+json", bytes.NewReader(lines.Bytes()))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Less(t, resp.StatusCode, 300)
	arrived(t, server, `scope:*`, count)

	want := reportOf(t, slogtel, nil, files...)
	page, err := os.ReadFile(filepath.Join(root, "docs", "scale.md"))
	require.NoError(t, err)
	query := func(heading string) string {
		_, section, ok := strings.Cut(string(page), "\n### "+heading+"\n")
		require.True(t, ok, heading)
		_, after, ok := strings.Cut(section, "```logsql\n")
		require.True(t, ok, heading)
		query, _, _ := strings.Cut(after, "\n```")
		return query
	}

	rows := logsQL(t, server, query("The whole, by scope"))
	require.Len(t, rows, len(want.Scopes))
	calls, failed, mean := column(t, rows, "calls", 1), column(t, rows, "errors", 1), column(t, rows, "mean", 1)
	most, worst := column(t, rows, "max", 1), column(t, rows, "worst_p95", 1)
	for _, s := range want.Scopes {
		assert.EqualValues(t, s.Calls, calls[s.Scope], s.Scope)
		assert.EqualValues(t, s.Errors, failed[s.Scope], s.Scope)
		if s.Scope == "payment" {
			continue // takes less than a microsecond, which VictoriaLogs reads as a text
		}
		assert.InEpsilon(t, s.Mean, mean[s.Scope], 1e-6, s.Scope)
		assert.InEpsilon(t, s.Max, most[s.Scope], 1e-6, s.Scope)
		assert.LessOrEqual(t, s.P95, worst[s.Scope]*1.02, s.Scope)
	}
	sums := column(t, logsQL(t, server, query("Counters")), "sum", 1)
	require.Len(t, sums, len(want.Counters))
	for _, c := range want.Counters {
		sum, err := c.Sum.Float64()
		require.NoError(t, err)
		assert.InDelta(t, sum, sums[c.Scope], 1e-6, c.Scope)
	}
	ill := logsQL(t, server, query("Which processes are ill"))
	require.Len(t, ill, 10)
	last := 0.0
	for i, row := range ill {
		mean, err := strconv.ParseFloat(row["mean"], 64)
		require.NoError(t, err)
		assert.True(t, i == 0 || mean <= last, "the slowest first")
		last = mean
		host := reportOf(t, slogtel, bytes.NewReader(lines.Bytes()), "--where", "host="+row["host"], "--scope", "request")
		assert.InEpsilon(t, host.Scopes[0].Mean, mean, 1e-6, row["host"])
	}

	var back fleetReport
	for try := range 5 { // once on a busy machine there was nothing in the answer
		answer, err := http.PostForm(server+"/select/logsql/query", url.Values{"query": {query("Quantiles of the whole")}})
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, errors.Join(err, answer.Body.Close()))
		require.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
		if back = reportOf(t, slogtel, bytes.NewReader(body)); len(back.Scopes) == len(want.Scopes) {
			break
		}
		t.Logf("try %d: %d bytes: %.300s", try, len(body), body)
		time.Sleep(time.Second)
	}
	require.Len(t, back.Scopes, len(want.Scopes))
	for i, s := range want.Scopes {
		b := back.Scopes[i]
		assert.Equal(t, s.Scope, b.Scope)
		assert.Equal(t, s.Calls, b.Calls, s.Scope)
		assert.Equal(t, []float64{s.P50, s.P95, s.P99}, []float64{b.P50, b.P95, b.P99}, "the same sketches, of %s", s.Scope)
	}
}

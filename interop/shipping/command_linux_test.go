package shipping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slogtelCommand builds the command and returns a function that runs it, with an environment besides this one.
func slogtelCommand(t *testing.T) func(env []string, args ...string) (out, errs string, code int) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "slogtel")
	build := exec.Command("go", "build", "-o", bin, "./cmd/slogtel")
	build.Dir = repository
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	return func(env []string, args ...string) (string, string, int) {
		cmd := exec.Command(bin, args...)
		cmd.Env = append(os.Environ(), env...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run()
		return out.String(), errs.String(), cmd.ProcessState.ExitCode()
	}
}

// shop is telemetry and logs of some hours, a line every ten seconds, which are in the windows in which VictoriaLogs is asked.
func shop(lines int) []byte {
	var b bytes.Buffer
	start := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(lines) * 10 * time.Second)
	for i := range lines {
		at := start.Add(time.Duration(i) * 10 * time.Second).Format(time.RFC3339Nano)
		switch {
		case i%10 == 9:
			fmt.Fprintf(&b, `{"time":%q,"level":"INFO","msg":"order %d","trace_id":"%032x"}`+"\n", at, i, i-9)
		case i%10 == 0:
			fmt.Fprintf(&b, `{"time":%q,"level":"ERROR","msg":"telemetry.timing","scope":"shop","depth":0,"parent_scope":"","metric_type":"timing","call_count":%d,"duration_s":%v,"error":"status %d","trace_id":"%032x","span_id":"%016x"}`+"\n",
				at, i, 0.5+float64(i)/1000, i, i, i+1)
		default:
			fmt.Fprintf(&b, `{"time":%q,"level":"INFO","msg":"telemetry.timing","scope":"shop.pay","depth":1,"parent_scope":"shop","metric_type":"timing","call_count":%d,"duration_s":0.01,"trace_id":"%032x","span_id":"%016x","parent_span_id":"%016x"}`+"\n",
				at, i, i-i%10, i+1, i-i%10+1)
		}
	}
	return b.Bytes()
}

// The command answers the same from the store as from the file that was shipped there.
func TestCommandReadsVictoriaLogs(t *testing.T) {
	const lines = 4000 // eleven hours
	data := shop(lines)
	file := filepath.Join(t.TempDir(), "shop.jsonl")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	server := startVictoriaLogs(t)
	resp, err := http.Post(server+"/insert/jsonline?_time_field=time&_msg_field=msg&_stream_fields=scope", "application/stream+json", bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	arrived(t, server, "*", lines)

	run := slogtelCommand(t)
	query := server + "/select/logsql/query?query=*"
	both := func(args ...string) (of [2]map[string]any) {
		for i, in := range []string{file, query} {
			out, errs, code := run(nil, append(args, in)...)
			require.Zero(t, code, errs)
			require.NoError(t, json.Unmarshal([]byte(out), &of[i]))
			if counts, ok := of[i]["lines"].(map[string]any); ok {
				delete(counts, "bytes")
			}
			// Of spans whose ids meet in the table of open spans, which are forgotten depends on the
			// order, which is another one from a store.
			scopes, _ := of[i]["scopes"].([]any)
			for _, s := range scopes {
				delete(s.(map[string]any), "self_estimated")
			}
		}
		return of
	}
	since := time.Now().UTC().Truncate(time.Hour).Add(-6*time.Hour - 30*time.Minute).Format(time.RFC3339)
	for _, args := range [][]string{{"report", "--json"}, {"report", "--json", "--where", "error=~status [0-9]+1"}, {"slow", "--json", "--top", "7"}} {
		of := both(args...)
		assert.Equal(t, of[0], of[1], args)
	}
	of := both("report", "--json", "--since", since)
	assert.Equal(t, of[0]["scopes"], of[1]["scopes"], "the store is asked for no more than that")
	assert.NotEqual(t, of[0]["lines"], of[1]["lines"])

	failures := both("errors", "--json")
	for i := range failures {
		first := failures[i]["failures"].([]any)[0].(map[string]any)
		delete(first, "input")
		delete(first, "line")
	}
	assert.Equal(t, failures[0], failures[1])
	out, errs, code := run(nil, "trace", fmt.Sprintf("%032x", 100), query)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "9 spans, 1 failed, 0 metrics, 1 logs")
	assert.Contains(t, out, `"order 109"`)

	_, errs, code = run(nil, "report", server+"/select/logsql/query?query=((")
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, server+"/select/logsql/query: 400 Bad Request: ")
	out, errs, code = run([]string{"SLOGTEL_TOKEN=Basic x"}, "report", query)
	assert.Zero(t, code, "%s%s", out, errs)
}

package httptel

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// event is a line of a file.
type event struct {
	Message string `json:"msg"`
	Scope   string `json:"scope"`
	Trace   string `json:"trace_id"`
	Span    string `json:"span_id"`
	Parent  string `json:"parent_span_id"`
	Error   string `json:"error"`
	Route   string `json:"http.route"`
	Status  int    `json:"http.response.status_code"`

	program string
}

func read(t *testing.T, program, file string) (events []event) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		e := event{program: program}
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		events = append(events, e)
	}
	return events
}

// Three processes, three files: read together they are one trace a job, whose scopes
// have the right parents across the processes.
func TestOneTraceAcrossProcesses(t *testing.T) {
	dir := t.TempDir()
	file := func(program string) string { return filepath.Join(dir, program+".jsonl") }
	back, stopBack := startServer(t, file("back"), "")
	front, stopFront := startServer(t, file("front"), back)
	require.NoError(t, program(t, "client", file("client"), front).Run())
	stopFront()
	stopBack()

	spans := make(map[string]event) // by id
	var all []event
	for _, p := range []string{"client", "front", "back"} {
		events := read(t, p, file(p))
		require.NotEmpty(t, events)
		all = append(all, events...)
		for _, e := range events {
			if e.Message == "telemetry.timing" {
				assert.NotContains(t, spans, e.Span, "ids are unique")
				spans[e.Span] = e
			}
		}
	}
	chains := make(map[string]int)
	traces := make(map[string]int)
	for _, e := range all {
		traces[e.Trace]++
		if e.Message == "telemetry.metric" {
			assert.Equal(t, "rows", e.Scope[strings.LastIndexByte(e.Scope, '.')+1:])
			assert.Equal(t, e.Trace, spans[e.Span].Trace)
			continue
		}
		var chain []string
		for at, ok := e, true; ok; at, ok = spans[at.Parent] {
			assert.Equal(t, e.Trace, at.Trace)
			chain = append(chain, at.program+":"+at.Scope)
			if at.Parent == "" {
				assert.Equal(t, "job", at.Scope, "the only scope without a parent")
			}
		}
		assert.Equal(t, "client:job", chain[len(chain)-1])
		chains[strings.Join(chain, " < ")]++
	}
	assert.Len(t, traces, jobs)
	const (
		call    = "client:job.http.client.get < client:job"
		users   = "front:http.server.get_users_id < " + call
		through = "front:http.server.get_users_id.load.http.client.get < front:http.server.get_users_id.load < " + users
		behind  = "back:http.server.get_users_id < " + through
	)
	assert.Equal(t, map[string]int{
		"client:job": jobs,
		call:         3 * jobs,
		users:        2 * jobs,
		"front:http.server.get_users_id.load < " + users: 2 * jobs,
		through: 2 * jobs,
		behind:  2 * jobs,
		"back:http.server.get_users_id.load < " + behind:                           2 * jobs,
		"front:http.server.unmatched < " + call:                                    jobs,
		"client:job.http.client.post < client:job":                                 jobs,
		"front:http.server.post_orders < client:job.http.client.post < client:job": jobs,
	}, chains)
	for _, e := range spans {
		if strings.HasSuffix(e.Scope, "post_orders") || strings.HasSuffix(e.Scope, "client.post") {
			assert.Equal(t, "500 Internal Server Error", e.Error)
			assert.Equal(t, 500, e.Status)
		}
	}
}

package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

func runCommand(t testing.TB, stdin string, args ...string) (out string, err error) {
	var o, e bytes.Buffer
	err = input.Run(t.Context(), Command(), strings.NewReader(stdin), &o, &e, args...)
	return o.String(), err
}

// program writes three traces with logs in a schema, and returns the id of the second one.
func program(t testing.TB, schema jsonlines.Schema) (lines, id string) {
	var b bytes.Buffer
	out := jsonlines.New(&b, &jsonlines.Options{Schema: schema, Service: "shop"})
	h := testkit.HandleFunc(func(ctx context.Context, r slog.Record) error {
		if r.Time.Nanosecond()%1000 == 0 { // one in a thousand, of which a line that comes twice is not known
			r.Time = r.Time.Add(1)
		}
		return out.Handle(ctx, r)
	})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	log := slog.New(handlers.Scope()(h))
	log.Info("not of any trace")
	var ids []string
	for i := range 3 {
		ctx, job := tel.Start(context.Background(), "job", slog.Int("n", i), slog.String("who", "a b"))
		log.InfoContext(ctx, "starting", "files", 3)
		stepCtx, step := tel.Start(ctx, "step")
		log.WarnContext(stepCtx, `trying "again"`, "attempt", 2)
		tel.Count(stepCtx, "tokens", 12)
		step.Fail(errors.New("status 503"))
		step.End()
		job.End()
		ids = append(ids, scopeID(ctx))
	}
	return b.String(), ids[1]
}

func resultOf(t testing.TB, stdin string, args ...string) *Result {
	out, err := runCommand(t, stdin, append([]string{"--json"}, args...)...)
	require.NoError(t, err)
	var r Result
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return &r
}

// draw is what stands in the lines of a tree.
func draw(r *Result) (lines []string) {
	for _, i := range r.Items {
		lines = append(lines, strings.Repeat(" ", i.Level)+strings.TrimSpace(fmt.Sprintln(i.Kind, i.Scope, i.LogLevel, i.Message, i.Error, string(i.Value))))
	}
	return lines
}

// The same tree comes of a trace however its lines were wrapped.
func TestWrapped(t *testing.T) {
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		lines, id := program(t, schema)
		want := draw(resultOf(t, lines, id))
		require.Len(t, want, 5)
		for i, start := range []string{"span job", " log job INFO starting", " span job.step", "  log job.step WARN trying", "  metric job.step.tokens"} {
			assert.True(t, strings.HasPrefix(want[i], start), want[i])
		}
		assert.Contains(t, want[2], "status 503")
		quoted := func(s string) string {
			b, err := json.Marshal(s)
			require.NoError(t, err)
			return string(b)
		}
		each := func(f func(string) string) (out string) {
			for line := range strings.Lines(lines) {
				out += f(strings.TrimSpace(line)) + "\n"
			}
			return out
		}
		var all []string
		each(func(l string) string { all = append(all, l); return l })
		for name, wrapped := range map[string]string{
			"prefix":     each(func(l string) string { return "app-1  | " + l }),
			"object":     each(func(l string) string { return `{"_index":"x","_source":` + l + `}` }),
			"string":     each(func(l string) string { return `{"log":` + quoted(l) + `,"kubernetes":{"pod":"x"}}` }),
			"twice":      each(func(l string) string { return `{"message":` + quoted(`{"line":`+quoted(l)+`}`) + `}` }),
			"document":   `{"hits":{"hits":[{"_source":` + strings.Join(all, `},{"_source":`) + `}]}}`,
			"array":      "[" + strings.Join(all, ",\n") + "]",
			"loki":       `{"data":{"result":[{"stream":{},"values":[` + strings.Join(mapped(all, func(l string) string { return `["1",` + quoted(l) + `]` }), ",") + `]}]}}`,
			"sent again": lines + lines,
		} {
			assert.Equal(t, want, draw(resultOf(t, wrapped, id)), name)
			assert.Equal(t, want, draw(resultOf(t, wrapped, strings.ToUpper(id[:10]))), name)
		}
		assert.Equal(t, want, draw(resultOf(t, lines, "00-"+id+"-0000000000000001-01")))
	}
}

func mapped(all []string, f func(string) string) (out []string) {
	for _, s := range all {
		out = append(out, f(s))
	}
	return out
}

func TestText(t *testing.T) {
	lines, id := program(t, jsonlines.Flat)
	file := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines), 0o600))
	out, err := runCommand(t, "", id, file)
	require.NoError(t, err)
	for _, want := range []string{
		"trace " + id + ", began 20", "2 spans, 1 failed, 1 metrics, 2 logs", `+0s `, `  job service=shop n=1 who="a b"`,
		`INFO "starting" service=shop files=3`, `    step error: status 503`, `WARN "trying \"again\""`, "tokens +12", "lines read",
	} {
		assert.Contains(t, out, want)
	}
}

func TestWhichTrace(t *testing.T) {
	lines, id := program(t, jsonlines.Flat)
	const none = "no line has a trace id"
	for name, c := range map[string]struct {
		stdin, want string
		args        []string
	}{
		"no id":      {lines, "no trace id given", []string{"-"}},
		"they named": {lines, id, []string{"-"}},
		"unknown":    {lines, `there is no trace "ffffffffffffffff"`, []string{"ffffffffffffffff"}},
		"several":    {strings.ReplaceAll(lines, `"trace_id":"`, `"trace_id":"5`), `several traces begin with "5": give more of the id`, []string{"5"}},
		"without":    {`{"msg":"telemetry.timing","scope":"a","duration_s":1}`, none, []string{"ab"}},
		"nothing":    {"hello\n", "no telemetry", []string{"ab"}},
		"no file":    {"", "no such file", []string{"ab", "nosuch.jsonl"}},
	} {
		_, err := runCommand(t, c.stdin, c.args...)
		assert.ErrorContains(t, err, c.want, name)
		coded, ok := err.(cli.ExitCoder)
		require.True(t, ok, name)
		assert.Equal(t, 2, coded.ExitCode(), name)
	}
	// An id that others begin with is one all the same.
	r := resultOf(t, `{"msg":"telemetry.timing","scope":"a","duration_s":1,"trace_id":"ab"}
{"msg":"telemetry.timing","scope":"b","duration_s":1,"trace_id":"abc"}
{"msg":"telemetry.timing","scope":"c","duration_s":1,"trace_id":"abcd"}
`, "ab")
	assert.Equal(t, []string{"span a"}, draw(r))
}

// What an app's log is, and what is none though the id is in it.
func TestLogsIn(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	is := newCollector(id[:6]).isID
	for line, want := range map[string]string{
		`{"msg":"a","trace_id":"` + id + `","span_id":"1"}`:                          "a 1",
		`{"message":"a","trace":{"id":"` + id + `"},"span":{"id":"2"}}`:              "a 2",
		`{"message":"a","trace.id":"` + id + `"}`:                                    "a ",
		`{"message":"a","labels":{"trace_id":"` + id + `","span_id":"3"}}`:           "a ",
		`{"MESSAGE":"a","traceparent":"00-` + id + `-0000000000000001-01"}`:          "a ",
		`2026-11-28 06:00:00Z INFO a trace_id=` + id + ` span_id=00f067aa0ba902b7 x`: "2026-11-28 06:00:00Z INFO a trace_id=" + id + " span_id=00f067aa0ba902b7 x 00f067aa0ba902b7",
		`{"log":"plain ` + id + `","time":"x"}`:                                      "plain " + id + " ",
		`{"a":{"b":"` + id + `"}}`:                                                   `{"a":{"b":"` + id + `"}} `,
		`{"msg":"telemetry.timing","trace_id":"` + id + `"}`:                         "",
		`{"msg":"a","trace_id":"4bf92f"}`:                                            "a ",
		`{"msg":"a","n":"4bf92fab"}`:                                                 "", // begins like it, and is no trace id
		`{"msg":"a","trace_id":"0` + id + `"}`:                                       "",
		`[{"msg":"a","t":"` + id + `"},{"msg":"b"}]`:                                 "a ",
		`torn {"msg":"a","trace_id":"` + id:                                          `torn {"msg":"a","trace_id":"` + id + ` `,
	} {
		got := ""
		for _, l := range logsIn([]byte(line), false, is) {
			got += l.message + " " + l.span
		}
		if strings.Contains(line, "labels") {
			got = strings.TrimSuffix(got, "3")
		}
		assert.Equal(t, want, got, line)
	}
}

// Clocks that differ, spans that are not there, and those without ids are shown, and said.
func TestNotes(t *testing.T) {
	line := func(scope, parent, span, up, end string, took float64) string {
		return fmt.Sprintf(`{"time":"2026-11-28T06:00:%sZ","msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":%q,"duration_s":%v,"trace_id":"ab","span_id":%q,"parent_span_id":%q}`+"\n",
			end, scope, parent, took, span, up)
	}
	for name, c := range map[string]struct {
		lines string
		want  []string
	}{
		"clock":    {line("a", "", "1", "", "10", 5) + line("b", "", "2", "1", "03", 1), []string{"+0s ", "!   b", "-3s", "!: began before"}},
		"parallel": {line("a", "", "1", "", "10", 5) + line("a.b", "a", "2", "1", "09", 3) + line("a.c", "a", "3", "1", "08", 1), []string{"=   c", "    b", "=: ran at the same time"}},
		"missing":  {line("a.b", "a", "2", "1", "09", 3), []string{"? a 1 (not among the lines)", "?: not among the lines"}},
		"caller":   {line("b", "", "2", "1", "09", 3), []string{"b (called by 1, not among the lines)"}},
		"no ids":   {line("a", "", "", "", "10", 5) + line("a.b", "a", "", "", "09", 3), []string{"~   b", "no scope has a span id", "~: placed by scope and time"}},
		"control":  {strings.Replace(line("a", "", "1", "", "10", 5), `"msg"`, `"k":"\u001b[31m","msg"`, 1), []string{`k=\x1b[31m`}},
	} {
		out, err := runCommand(t, c.lines, "ab")
		require.NoError(t, err, name)
		for _, want := range c.want {
			assert.Contains(t, out, want, name)
		}
		assert.NotContains(t, out, "\x1b")
	}
}

// A trace of many spans shows those that matter, and says how many others there are.
func TestLargeTrace(t *testing.T) {
	const n = 5_000
	var b strings.Builder
	at := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	for i := range n {
		failed := ""
		if i == n/2 {
			failed = `,"error":"status 503"`
		}
		fmt.Fprintf(&b, `{"time":%q,"msg":"telemetry.timing","scope":"a.b","depth":1,"parent_scope":"a","duration_s":0.001,"trace_id":"ab","span_id":"x%d","parent_span_id":"1"%s}`+"\n",
			at.Add(time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano), i, failed)
	}
	b.WriteString(`{"time":"2026-11-28T06:01:00Z","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","duration_s":61,"trace_id":"ab","span_id":"1"}` + "\n")
	out, err := runCommand(t, b.String(), "--limit", "10", "ab")
	require.NoError(t, err)
	assert.Contains(t, out, "b error: status 503")
	assert.Contains(t, out, "… and 4991 b, which took 4.99s")
	assert.Contains(t, out, "4991 of 5001 lines are not shown")
	assert.Less(t, strings.Count(out, "\n"), 25)
	assert.Len(t, resultOf(t, b.String(), "ab").Items, n+1)
}

func scopeID(ctx context.Context) string {
	info, _ := scope.FromContext(ctx)
	return info.TraceID
}

// Why a trace is not there: not the app, but what was asked for.
func TestFilteredOut(t *testing.T) {
	all, id := program(t, jsonlines.Flat)
	lines := ""
	for line := range strings.Lines(all) {
		if strings.Contains(line, `"telemetry.`) {
			lines += line
		}
	}
	_, err := runCommand(t, lines, "--until", "2001-01-01", id)
	require.ErrorContains(t, err, "all of it was filtered out")
	assert.ErrorContains(t, err, "outside of --since and --until are events from ")
	assert.NotContains(t, err.Error(), "no line has a trace id")
	_, err = runCommand(t, "", id)
	assert.ErrorContains(t, err, "no telemetry")
}

// What is kept of a log is a copy: lines after it take the space of its own.
func TestLogsAreCopies(t *testing.T) {
	lines, id := program(t, jsonlines.Flat)
	var b strings.Builder
	b.WriteString(lines)
	for i := range 40 {
		fmt.Fprintf(&b, `{"time":"2026-01-31T12:00:%02dZ","level":"INFO","msg":"m","trace_id":%q,"key%02d":"v","group":{"inner%02d":1}}`+"\n", i, id, i, i)
		b.WriteString(strings.Repeat("x", 100_000) + "\n")
	}
	r := resultOf(t, b.String(), id)
	found := 0
	for _, i := range r.Items {
		if i.Kind == "log" && i.Message == "m" {
			n := fmt.Sprintf("%02d", found)
			assert.Equal(t, map[string]string{"key" + n: "v", "group.inner" + n: "1"}, i.Attrs)
			found++
		}
	}
	assert.Equal(t, 40, found)
}

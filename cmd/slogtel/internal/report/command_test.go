package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// run runs the command with a text as standard input.
func runCommand(t testing.TB, stdin string, args ...string) (out, errs string, err error) {
	var o, e bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, DisableSliceFlagSeparator: true,
		Reader: strings.NewReader(stdin), Writer: &o, ErrWriter: &e,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err = root.Run(t.Context(), append([]string{"slogtel", "report"}, args...))
	return o.String(), e.String(), err
}

func report(t testing.TB, stdin string, args ...string) *Report {
	out, _, err := runCommand(t, stdin, append([]string{"--json"}, args...)...)
	require.NoError(t, err)
	var r Report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return &r
}

// telemetryOf returns what a program says in a schema, and what a Memory kept of it.
func telemetryOf(schema jsonlines.Schema, program func(*slogtel.Telemetry)) (string, memory.Snapshot) {
	var out bytes.Buffer
	mem := memory.New(nil)
	h := slogmulti.Fanout(jsonlines.New(&out, &jsonlines.Options{Schema: schema}), mem)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	program(tel)
	return out.String(), mem.Snapshot()
}

var errTest = errors.New("status 503")

func someProgram(tel *slogtel.Telemetry) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		ctx, span := tel.Start(context.Background(), "pipeline", slog.String("model", []string{"m1", "m2", ""}[i%3]))
		for range r.IntN(4) {
			ctx, call := tel.Start(ctx, "call")
			tel.Timing(ctx, "wait", time.Duration(math.Exp(10+3*r.NormFloat64())))
			tel.Histogram(ctx, "bytes", math.Exp(5*r.NormFloat64())-1)
			if r.IntN(5) == 0 {
				call.Fail(errTest)
			}
			call.End()
		}
		tel.Count(ctx, "tokens", r.Int64N(1e6))
		tel.Gauge(ctx, "load", r.NormFloat64())
		tel.Metric(ctx, "state", []string{"up", "down"}[i%2])
		span.End()
	}
	tel.Timing(context.Background(), "pipeline.call", time.Second) // the same path with another parent
}

// line writes a timing.
func line(scope, parent string, seconds float64, more string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.timing","scope":%q,"depth":%d,"parent_scope":%q,"metric_type":"timing","call_count":1,"duration_s":%v%s}`+"\n",
		scope, strings.Count(scope, "."), parent, seconds, more)
}

func metric(scope, parent, typ string, value any, more string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.metric","scope":%q,"depth":1,"parent_scope":%q,"metric_type":%q,"value":%v%s}`+"\n",
		scope, parent, typ, value, more)
}

func golden() string {
	return line("pipeline", "", 10, "") +
		line("pipeline.read", "pipeline", 1, `,"model":"a"`) + line("pipeline.read", "pipeline", 2, `,"model":"b"`) +
		line("pipeline.call", "pipeline", 4, `,"error":"status 503\n\u001b[31m"`) +
		line("pipeline.call.wait", "pipeline.call", 3, "") + line("pipeline.call.wait", "pipeline.call", 3, "") + // at once
		line("job.step", "job", 0.5, "") + // job itself was not timed
		metric("pipeline.tokens", "pipeline", "counter", 1234567, `,"model":"a"`) + metric("pipeline.tokens", "pipeline", "counter", 1, "") +
		metric("pipeline.load", "pipeline", "gauge", 0.25, "") + metric("pipeline.load", "pipeline", "gauge", 0.75, "") +
		metric("pipeline.size", "pipeline", "histogram", 1, "") + metric("pipeline.size", "pipeline", "histogram", 1000, "") +
		`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.metric","scope":"pipeline.state","depth":1,"parent_scope":"pipeline","value":"up"}` + "\n" +
		`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"hello"}` + "\n{torn\n"
}

func TestGolden(t *testing.T) {
	for name, args := range map[string][]string{
		"text":     nil,
		"by":       {"--by", "model"},
		"top":      {"--top", "3", "--sort", "self"},
		"depth":    {"--depth", "1", "--sort", "name"},
		"json":     {"--json", "--by", "model"},
		"csv":      {"--csv"},
		"filtered": {"--scope", "pipeline.*", "--where", "model=a"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, err := runCommand(t, golden(), args...)
			require.NoError(t, err)
			if name == "csv" {
				out += errs
			}
			testkit.Golden(t, filepath.Join("../../testdata", "report_"+name+".golden"), out)
		})
	}
}

func TestSelfTime(t *testing.T) {
	r := report(t, golden())
	self := make(map[string]float64)
	for _, s := range r.Scopes {
		assert.Equal(t, s.Scope == "pipeline.call", s.Overlap, s.Scope)
		assert.Equal(t, s.Overlap || !s.Timed, s.Self == nil, s.Scope)
		if s.Self != nil {
			self[s.Scope] = *s.Self
		}
	}
	assert.InDelta(t, 3, self["pipeline"], 1e-9)
	assert.InDelta(t, 0, self["pipeline.call"], 1e-9)
	assert.InDelta(t, 6, self["pipeline.call.wait"], 1e-9)

	// One path with two parents: the depth tells.
	at := func(depth int, line string) string {
		return regexp.MustCompile(`"depth":\d+`).ReplaceAllString(line, fmt.Sprintf(`"depth":%d`, depth))
	}
	outer := at(0, line("a.b", "", 3, "")) + at(1, line("a.b", "a", 1.5, "")) + at(0, line("a", "", 1.5, ""))
	for inner, want := range map[string][3]float64{
		at(1, line("a.b.c", "a.b", 2, "")):                                      {1, 1.5, 0},
		at(2, line("a.b.c", "a.b", 1, "")):                                      {3, 0.5, 0},
		at(1, line("a.b.c", "a.b", 2, "")) + at(2, line("a.b.c", "a.b", 1, "")): {1, 0.5, 0}, // in proportion, as it happens
	} {
		got := make(map[string]float64)
		for _, s := range report(t, outer+inner).Scopes {
			got[s.ParentScope+">"+s.Scope] = *s.Self
		}
		assert.InDelta(t, want[0], got[">a.b"], 1e-9)
		assert.InDelta(t, want[1], got["a>a.b"], 1e-9)
		assert.InDelta(t, want[2], got[">a"], 1e-9)
	}

	// Where it does not, each has its part of what was inside.
	r = report(t, line("a.b", "", 3, "")+line("a.b", "a", 1, "")+line("a.b.c", "a.b", 2, ""))
	for _, s := range r.Scopes {
		if s.Scope == "a.b" {
			assert.InDelta(t, s.Total/2, *s.Self, 1e-9)
		}
	}
}

// A sampled event stands for others, and one that a summary has counted for none.
func TestWeights(t *testing.T) {
	var text strings.Builder
	for range 10 {
		text.WriteString(line("a", "", 0.5, `,"sample_rate":0.1`))
		text.WriteString(line("a", "", 7, `,"in_summary":true,"error":"kept"`))
		text.WriteString(metric("a.n", "a", "counter", 3, `,"sample_rate":0.5`))
	}
	r := report(t, text.String())
	s := r.Scopes[0]
	assert.EqualValues(t, 100, s.Calls)
	assert.InDelta(t, 50, s.Total, 1e-9)
	assert.InDelta(t, 0.5, s.Max, 1e-9)
	assert.Equal(t, "kept", s.LastError)
	assert.Equal(t, Counter{named{Scope: "a.n", ParentScope: "a", Count: 20}, "60"}, r.Counters[0])
	assert.EqualValues(t, 10, r.InSummary)
}

func summary(scope, typ, more string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.summary","scope":%q,"parent_scope":"","metric_type":%q,"interval_s":10%s}`+"\n", scope, typ, more)
}

func TestSummaries(t *testing.T) {
	text := line("a", "", 1, "") +
		summary("a", "timing", `,"count":100,"errors":2,"sum":50,"min":0.1,"max":4,"mean":0.5,"p50":0.4,"p90":1,"p95":2,"p99":3`) +
		summary("n", "counter", `,"count":5,"sum":17`) + metric("n", "", "counter", 3, "") +
		summary("g", "gauge", `,"count":5,"min":-1,"max":9,"last":4`) +
		summary("none", "timing", `,"count":0,"errors":0`)
	r := report(t, text)
	require.Len(t, r.Scopes, 1)
	s := r.Scopes[0]
	assert.EqualValues(t, 101, s.Calls)
	assert.EqualValues(t, 2, s.Errors)
	assert.InDelta(t, 51, s.Total, 1e-9)
	assert.InEpsilon(t, 0.1, s.Min, 0.011)
	assert.InEpsilon(t, 4, s.Max, 0.011)
	assert.InEpsilon(t, 0.4, s.P50, 0.011)
	assert.True(t, s.Approximate)
	assert.Equal(t, Counter{named{Scope: "n", Count: 6}, "20"}, r.Counters[0])
	assert.Equal(t, Gauge{named{Scope: "g", Count: 5}, 4, -1, 9}, r.Gauges[0])
}

// Numbers at the ends of their range are still numbers, which JSON can write.
func TestExtremes(t *testing.T) {
	var text strings.Builder
	for range 3 {
		for _, v := range []string{"1.7e308", "-1.7e308", "9223372036854775807", "1e-320"} {
			for _, typ := range []string{"counter", "gauge", "histogram"} {
				for _, more := range []string{"", `,"sample_rate":1e-6`} {
					text.WriteString(metric("m."+v, "m", typ, v, more))
				}
			}
			text.WriteString(line("s", "", 1, "") + summary("s", "timing", `,"count":9007199254740993,"sum":`+v+`,"min":`+v+`,"max":`+v+`,"p50":`+v))
		}
		text.WriteString(strings.Replace(line("t", "", 1, `,"sample_rate":1e-6`), `"duration_s":1`, `"duration_s":1e300`, 1))
	}
	r := report(t, text.String())
	assert.Zero(t, r.Lines.Bad)
	assert.Len(t, r.Counters, 4)
	_, _, err := runCommand(t, text.String())
	assert.NoError(t, err)
}

// With more scopes than there is room for, nothing is lost: the rest is in one line.
func TestOverflow(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		text.WriteString(line(fmt.Sprintf("s%d", i), "", 1, `,"id":"`+fmt.Sprint(i)+`"`))
	}
	r := report(t, text.String(), "--max-series", "10")
	var calls int64
	for _, s := range r.Scopes {
		calls += s.Calls
	}
	assert.EqualValues(t, 100, calls)
	assert.LessOrEqual(t, len(r.Scopes), 11)
	assert.EqualValues(t, 90, r.Overflow)

	var same strings.Builder
	for i := range 100 {
		same.WriteString(line("a", "", 1, `,"id":"`+fmt.Sprint(i)+`"`))
	}
	r = report(t, same.String(), "--by", "id")
	assert.Len(t, r.Scopes, 1+64+1)
	assert.Positive(t, r.Ungrouped)
	assert.Equal(t, overflowName, *r.Scopes[1].Group, "the largest comes first")
	out, _, err := runCommand(t, same.String(), "--group", "id", "--max-groups", "2")
	require.NoError(t, err)
	assert.Contains(t, out, "id=(other)")
	assert.Contains(t, out, "events are in groups named (other)")
	r = report(t, line("a", "", 1, `,"trace_id":"t1"`)+line("a", "", 2, `,"trace_id":"t2"`)+line("a", "", 3, `,"trace_id":"t1"`), "--by", "trace")
	require.Len(t, r.Scopes, 3)
	assert.Equal(t, "t1", *r.Scopes[1].Group)
	assert.EqualValues(t, 2, r.Scopes[1].Calls)
}

func TestCSV(t *testing.T) {
	out, errs, err := runCommand(t, golden(), "--csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 1+5+1+1+1+1)
	assert.Contains(t, errs, "16 lines read")
}

// Nothing of the input acts on a terminal.
func TestHostileText(t *testing.T) {
	evil := `\u001b[31m\u009b2J\u202e\u2028\u007f\r\n\u0000`
	text := strings.ReplaceAll(line("SCOPE", "PARENT", 1, `,"error":"SCOPE","k":"SCOPE"`)+
		metric("SCOPE", "PARENT", "counter", 1, `,"k":"SCOPE"`)+metric("SCOPE", "", "", `"SCOPE"`, "")+"SCOPE\n", "SCOPE", evil)
	text = strings.ReplaceAll(text, "PARENT", evil+"x") + "\x1b[31m raw \xff\n{\"\x1b[31m"
	for _, args := range [][]string{nil, {"--by", "k"}, {"--top", "5"}, {"-v"}, {"--json"}, {"--csv", "--by", "k"}} {
		out, errs, err := runCommand(t, text, args...)
		require.NoError(t, err)
		for _, r := range strings.ReplaceAll(out+errs, "\n", "") {
			assert.False(t, unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp), "%q in %q", r, out+errs)
		}
	}
}

// Levels are those of the tree, in a list too: a name of several parts is one of them.
func TestDepthOfList(t *testing.T) {
	text := line("a", "", 3, "") + line("a.b.c.d", "a", 2, "") + line("a.b.c.d.e", "a.b.c.d", 1, "")
	for _, args := range [][]string{{"--depth", "2"}, {"--depth", "2", "--top", "9"}} {
		r := report(t, text, args...)
		require.Len(t, r.Scopes, 2, args)
		assert.Equal(t, "a", r.Scopes[0].Scope)
		assert.Equal(t, "a.b.c.d", r.Scopes[1].Scope)
	}
	out, _, err := runCommand(t, line("a.b", "a", 3, ""), "--depth", "1", "--top", "9")
	require.NoError(t, err)
	assert.Contains(t, out, "see --depth")
	assert.NotContains(t, out, "no telemetry")
}

// On a narrow terminal columns go, which the report says.
func TestNarrow(t *testing.T) {
	var out strings.Builder
	report(t, golden()+line("pipeline."+strings.Repeat("long", 20), "", 1.23, "")).writeText(&out, 70)
	tables, notes, _ := strings.Cut(out.String(), "\nquantiles")
	for row := range strings.SplitSeq(tables, "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(row), 70, row)
	}
	assert.Contains(t, tables, "P99")
	assert.Contains(t, notes, "left out, for a terminal of 70 columns: DISTRIBUTION")
}

func TestUsageErrors(t *testing.T) {
	for _, args := range [][]string{
		{"--sort", "x"}, {"--top", "-1"}, {"--depth", "-1"}, {"--json", "--csv"}, {"--since", "x"}, {"--where", "x"}, {"no such file"}, {"--until", "32:00"},
	} {
		_, _, err := runCommand(t, "", args...)
		var coded cli.ExitCoder
		require.ErrorAs(t, err, &coded, "%v", args)
		assert.Equal(t, 2, coded.ExitCode())
	}
	out, _, err := runCommand(t, "")
	require.NoError(t, err)
	assert.Equal(t, "no telemetry\n\n0 lines read: 0 used, 0 filtered out, 0 skipped (ordinary logs), 0 bad\n", out)
}

// What is read so far is shown, and the error says that it is not all.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, Writer: &out,
		Reader:         &interrupted{first: strings.NewReader(strings.Repeat(line("a", "", 1, ""), 3)), cancel: cancel},
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err := root.Run(ctx, []string{"slogtel", "report"})
	var coded cli.ExitCoder
	require.ErrorAs(t, err, &coded)
	assert.Equal(t, 130, coded.ExitCode())
	assert.Regexp(t, `lines read: \d used`, out.String())
}

// interrupted is a pipe that is silent after what it had.
type interrupted struct {
	first  *strings.Reader
	cancel func()
}

func (i *interrupted) Read(p []byte) (int, error) {
	if i.first.Len() > 0 {
		return i.first.Read(p)
	}
	time.AfterFunc(50*time.Millisecond, i.cancel)
	select {}
}

package diff

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// command runs slogtel diff and returns the exit code.
func command(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	code, stderr = commandTo(t, &out, stdin, args...)
	return code, out.String(), stderr
}

func commandTo(t *testing.T, out io.Writer, stdin io.Reader, args ...string) (code int, stderr string) {
	t.Helper()
	var errs bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, Reader: stdin, Writer: out, ErrWriter: &errs,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err := root.Run(t.Context(), append([]string{"slogtel", "diff"}, args...))
	if err != nil {
		code = 1
		errs.WriteString(err.Error())
	}
	var exit cli.ExitCoder
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	return code, errs.String()
}

// lines are of a run.
type lines struct{ strings.Builder }

func (l *lines) timing(scope string, d time.Duration, failure string) {
	if failure != "" {
		failure = `,"error":` + quote(failure)
	}
	fmt.Fprintf(l, `{"time":"2026-01-31T12:00:00.000000001Z","level":"INFO","msg":"telemetry.timing","scope":%s,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":%.9f%s}`+"\n", quote(scope), d.Seconds(), failure)
}

func (l *lines) metric(scope, typ string, v float64) {
	fmt.Fprintf(l, `{"time":"2026-01-31T12:00:00.000000001Z","level":"INFO","msg":"telemetry.metric","scope":%s,"depth":0,"parent_scope":"","metric_type":%s,"value":%g}`+"\n", quote(scope), quote(typ), v)
}

func quote(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

func file(t *testing.T, l *lines) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(l.String()), 0o644))
	return name
}

// run writes a run: its scopes get factor times slower, and fail at the rate given.
func aRun(seed uint64, factor, failing float64) *lines {
	l := new(lines)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		d := time.Duration(1e6 * (0.8 + 0.4*r.Float64()))
		l.timing("steady", d, "")
		l.timing("slow", time.Duration(float64(d)*factor), "")
		failure := ""
		if r.Float64() < failing {
			failure = "boom"
		}
		l.timing("flaky", d, failure)
		l.metric("sizes", "histogram", 100*factor*(1+r.Float64()))
		l.metric("items", "counter", 1)
	}
	l.timing("rare", time.Second, "")
	l.metric("queue", "gauge", 7*factor)
	return l
}

// everything that a gate can look at.
const everything = "slower=0%,p95=0%,p99=0%,errors=0%,calls=0%,sums=0%,gone,new"

func TestDiffOfTwoRuns(t *testing.T) {
	a, b := aRun(1, 1, 0.02), aRun(2, 1.25, 0.2)
	a.timing("old", time.Second, "")
	b.timing("added", 2*time.Second, "")
	code, stdout, stderr := command(t, nil, "--fail-on", "slower=10%,errors=1%", file(t, a), file(t, b))
	assert.Equal(t, 1, code)
	for row, pattern := range map[string]string{
		"slow":   `(?m)^slow +slower +\+2\d% +\+2\d% … \+2\d% .* 400 +0 +<0\.0001$`,
		"flaky":  `(?m)^flaky +fails more .* 400 .* <0\.0001$`,
		"steady": `(?m)^steady +same +[+-][0-9.]+% .* 400 +0 +\d`,
		"rare":   `(?m)^rare +too few +- +- +1s +1s +1 +0 +-$`,
		"old":    `(?m)^old +gone .* 1s → - .* 1 → - `,
		"added":  `(?m)^added +new .* - → 2s .* - → 1 `,
		"sizes":  `(?m)^sizes +histogram +higher +\+2\d% .* 400 +<0\.0001$`,
		"items":  `(?m)^items +counter +same +0\.0% +400 +400 +1\.0000$`,
		"queue":  `(?m)^queue +gauge +- +\+25% +7 → 8\.75 +1 +-$`,
		"tests":  `(?m)^22 tests, P with Holm's correction, alpha 0\.05`,
		"B":      `(?m)^B, .*: 2003 lines read: 2003 used, 0 filtered out, 0 skipped \(ordinary logs\), 0 bad\n\z`,
	} {
		assert.Regexp(t, pattern, stdout, row)
	}
	assert.Contains(t, stderr, "--fail-on: regressions: 2\n")
	assert.Regexp(t, `  flaky: error rate [\d.]+% to [12][\d.]+% `, stderr)
	assert.Regexp(t, `  slow: a typical call [\d.]+[mµ]s to [\d.]+ms \(\+2\d%\), p `, stderr)

	code, _, stderr = command(t, nil, "--fail-on", "slower=2000%,errors=99%", file(t, a), file(t, b))
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	code, _, _ = command(t, nil, file(t, a), file(t, b))
	assert.Zero(t, code, "no gate without --fail-on")
	code, stdout, _ = command(t, nil, "--fail-on", "slower=1%,errors=0.1%", file(t, b), file(t, a))
	assert.Zero(t, code, "what got better is no regression")
	assert.Regexp(t, `(?m)^slow +faster +-[12]\d%`, stdout)
	assert.Regexp(t, `(?m)^flaky +fails less`, stdout)
}

func TestDiffWithItself(t *testing.T) {
	a := file(t, aRun(1, 1, 0.1))
	code, stdout, _ := command(t, nil, "--fail-on", everything, a, a)
	assert.Zero(t, code)
	assert.NotRegexp(t, "(?m)^(slow|steady|flaky|rare) +(slower|faster|fails|new|gone)", stdout)
}

func TestDiffOfRunsThatDoNotDiffer(t *testing.T) {
	for seed := range uint64(trials(20)) {
		code, _, stderr := command(t, nil, "--fail-on", everything, file(t, aRun(100+seed, 1, 0.1)), file(t, aRun(200+seed, 1, 0.1)))
		assert.Zero(t, code, "seed %d: %s", seed, stderr)
	}
}

func TestDiffJSON(t *testing.T) {
	a, b := file(t, aRun(1, 1, 0.02)), file(t, aRun(2, 1.25, 0.2))
	code, stdout, stderr := command(t, nil, "--json", "--fail-on", "slower=10%,errors=1%", "--correction", "bh", a, b)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "A, ")
	var d struct {
		A           map[string]any
		FailOn      map[string]float64 `json:"fail_on"`
		Regressions []Regression
		Note        string
		Tests       int
		Correction  string
		Scopes      []Row
		Metrics     []Row
	}
	in := json.NewDecoder(strings.NewReader(stdout))
	require.NoError(t, in.Decode(&d))
	assert.EqualValues(t, 2002, d.A["used"])
	assert.Equal(t, map[string]float64{"slower": 0.1, "errors": 0.01}, d.FailOn)
	assert.Contains(t, d.Note, "one run a side")
	assert.Equal(t, bhName, d.Correction)
	require.Len(t, d.Regressions, 2)
	assert.ElementsMatch(t, []string{"slow", "flaky"}, []string{d.Regressions[0].Scope, d.Regressions[1].Scope})
	assert.Equal(t, 22, d.Tests)
	for _, r := range d.Scopes {
		if r.Scope == "slow" {
			assert.Equal(t, []Verdict{Slower}, r.Verdicts)
			assert.InDelta(t, 0.25, *r.Values.Change, 0.03)
			assert.Less(t, *r.Values.Low, *r.Values.Change)
			assert.Greater(t, *r.Values.High, *r.Values.Change)
			assert.InEpsilon(t, 400*(*r.B.Mean-*r.A.Mean), r.Impact, 1e-9)
			assert.InEpsilon(t, 0.001, r.A.P50, 0.05)
		}
	}
}

func TestDiffCSV(t *testing.T) {
	a, b := file(t, aRun(1, 1, 0.02)), file(t, aRun(2, 1.25, 0.2))
	code, stdout, stderr := command(t, nil, "--csv", a, b)
	require.Zero(t, code, stderr)
	records, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, columns, records[0])
	assert.Len(t, records, 1+4+3)
}

func TestDiffUsage(t *testing.T) {
	a := file(t, aRun(1, 1, 0))
	for name, args := range map[string][]string{
		"one input":       {a},
		"three inputs":    {a, a, a},
		"two stdins":      {"-", "-"},
		"no such file":    {a, "/no/such/file"},
		"no match":        {a, t.TempDir() + "/*.jsonl"},
		"alpha":           {"--alpha", "1", a, a},
		"alpha NaN":       {"--alpha", "NaN", a, a},
		"min-calls":       {"--min-calls", "1", a, a},
		"correction":      {"--correction", "bonferroni", a, a},
		"top":             {"--top", "-1", a, a},
		"json and csv":    {"--json", "--csv", a, a},
		"no percentage":   {"--fail-on", "slower=10", a, a},
		"less than 0":     {"--fail-on", "p95=-3%", a, a},
		"NaN":             {"--fail-on", "errors=NaN%", a, a},
		"no condition":    {"--fail-on", "", a, a},
		"not a condition": {"--fail-on", "slower=10%,later", a, a},
		"no limit":        {"--fail-on", "slower", a, a},
		"a limit":         {"--fail-on", "gone=3%", a, a},
		"nothing after":   {a, between},
		"nothing before":  {between, a},
		"where":           {"--where", "x", a, a},
		"an empty B":      {a, ""},
		"A is no pattern": {"[", a},
	} {
		code, stdout, stderr := command(t, nil, args...)
		assert.Equal(t, 2, code, "%s: %s", name, stderr)
		assert.Empty(t, stdout, name)
		assert.NotEmpty(t, stderr, name)
	}
}

func TestDiffStandardInput(t *testing.T) {
	code, stdout, stderr := command(t, strings.NewReader(aRun(2, 2, 0).String()), file(t, aRun(1, 1, 0)), "-")
	require.Zero(t, code, stderr)
	assert.Regexp(t, `(?m)^slow +slower +\+(9|10)\d%`, stdout)
	assert.Contains(t, stdout, "B, -: 2002 lines read")
}

func TestDiffOfNothing(t *testing.T) {
	empty := file(t, new(lines))
	code, stdout, stderr := command(t, nil, empty, empty)
	assert.Zero(t, code, stderr)
	assert.Equal(t, 2, strings.Count(stdout, "0 lines read"))
	code, stdout, _ = command(t, nil, "--json", empty, empty)
	assert.Zero(t, code)
	assert.True(t, json.Valid([]byte(stdout)))
}

func TestDiffNeverWritesControlBytes(t *testing.T) {
	hostile := new(lines)
	for range 20 {
		hostile.timing("\x1b]0;title\x07\u202e\u009b31m\x7f\U0001F600", time.Second, "\x1b[2J")
		hostile.metric("m\x1b[31m\n\r", "ty\x1bpe", 3)
	}
	other := new(lines)
	for range 20 {
		other.timing("\x1b]0;title\x07\u202e\u009b31m\x7f\U0001F600", 2*time.Second, "")
	}
	a, b := file(t, other), file(t, hostile)
	for _, args := range [][]string{{}, {"--json"}, {"--csv"}, {"--fail-on", everything}} {
		_, stdout, stderr := command(t, nil, append(args, a, b)...)
		for _, out := range []string{stdout, stderr} {
			assert.NotRegexp(t, `[\x00-\x09\x0b-\x1f\x7f\x{80}-\x{9f}\x{202e}]`, out, args)
		}
		assert.Contains(t, stdout, "title")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestDiffReportsWhatItCannotWrite(t *testing.T) {
	a := file(t, aRun(1, 1, 0))
	for _, args := range [][]string{{a, a}, {"--json", a, a}, {"--csv", a, a}} {
		code, stderr := commandTo(t, brokenWriter{}, nil, args...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "closed pipe")
	}
}

func summary(typ slogtel.MetricType, scope string, n, failed int64, sum float64, s *sketch.Sketch) *events.Event {
	return &events.Event{Kind: events.Summary, Type: typ, Scope: scope, SampleRate: 1,
		Totals: &events.Totals{Count: n, Errors: failed, Sum: sum, Sketch: s}}
}

func TestSummaries(t *testing.T) {
	a, b := newRun(10), newRun(10)
	for n, s := range []*run{a, b} {
		var durations sketch.Sketch
		for i := range 500 {
			durations.Add(float64(100+i) * 1e5 * float64(n+1)) // nanoseconds
		}
		half := durations.Clone()
		s.Event(summary(slogtel.TypeTiming, "x", 500, int64(n*50), durations.Sum()/1e9, &durations))
		s.Event(summary(slogtel.TypeTiming, "x", 500, 0, durations.Sum()/1e9, half))
		s.Event(summary(slogtel.TypeTiming, "bare", 100, int64(n*40), 5, nil))
		s.Event(summary(slogtel.TypeCounter, "c", 100, 0, 700, nil))
		s.Event(&events.Event{Kind: events.Timing, Scope: "x", SampleRate: 1, Duration: time.Hour, Error: "boom", InSummary: true})
	}
	g, err := parseGate("slower=10%,errors=1%")
	require.NoError(t, err)
	c := compare(sideOf(a), sideOf(b), settings{alpha: 0.05, minCalls: 10, correction: holmName, gate: g})
	rows := map[string]Row{}
	for _, r := range append(c.Scopes, c.Metrics...) {
		rows[r.Scope] = r
	}
	assert.Equal(t, []Verdict{FailsMore, Slower}, rows["x"].Verdicts)
	assert.InDelta(t, 1, *rows["x"].Values.Change, 0.02)
	assert.InDelta(t, 0.05, rows["x"].ErrorRates.B, 1e-12)
	assert.Nil(t, rows["bare"].Values, "no distribution, no test")
	assert.Equal(t, []Verdict{FailsMore}, rows["bare"].Verdicts)
	assert.Equal(t, 700.0, *rows["c"].A.Sum)
	assert.Equal(t, 1000.0, rows["x"].A.Count, "what a summary counts is not counted again")
	assert.InEpsilon(t, 0.035, rows["x"].A.P50, 0.03)
	assert.EqualValues(t, 2, c.InSummary)
	assert.Len(t, c.Regressions, 2)
}

func sideOf(runs ...*run) *Side {
	s := newSide()
	for _, r := range runs {
		s.add(r)
	}
	return s
}

func TestSeriesAreLimited(t *testing.T) {
	a, b := newRun(3), newRun(3)
	for i := range 5 {
		for _, r := range []*run{a, b} {
			r.Event(&events.Event{Kind: events.Timing, Scope: fmt.Sprint(i), SampleRate: 1, Duration: 1})
		}
	}
	assert.Len(t, a.series, 3)
	both, one := sideOf(a, b), newRun(3)
	assert.EqualValues(t, 4, both.overflow)
	assert.EqualValues(t, 2, both.series[key{"1", slogtel.TypeTiming}].Count.Value())
	one.Event(&events.Event{Kind: events.Timing, Scope: "other", SampleRate: 1, Duration: 1})
	both.add(one)
	assert.Len(t, both.series, 3, "a limit of a side, too")
	assert.EqualValues(t, 5, both.overflow)
	var out strings.Builder
	require.NoError(t, compare(both, sideOf(b), settings{alpha: 0.05, minCalls: 2, correction: holmName}).writeTables(&out, 2, 0))
	assert.Contains(t, out.String(), "7 events are of more than")
	assert.Contains(t, out.String(), "and 1 more scopes")
}

// Any figures at all: no panic, and JSON.
func FuzzCompare(f *testing.F) {
	f.Add(int64(1000), 1.0, int64(5), int64(2), 0.5, uint8(40))
	f.Add(int64(math.MaxInt64), 1e-308, int64(math.MaxInt64), int64(math.MaxInt64), math.MaxFloat64, uint8(90))
	f.Add(int64(-1), -1.0, int64(-5), int64(9), 1e308, uint8(3))
	f.Fuzz(func(t *testing.T, d int64, rate float64, count, failed int64, v float64, n uint8) {
		a, b := newRun(10), newRun(10)
		for i := range int(n) {
			s := a // of a and b
			if i%3 == 0 {
				s = b
			}
			e := &events.Event{Kind: events.Timing, Scope: "x", SampleRate: rate, Duration: time.Duration(d ^ int64(i)<<(i%60))}
			if i%7 == 0 {
				e.Error = "boom"
			}
			s.Event(e)
			s.Event(&events.Event{Kind: events.Metric, Type: slogtel.TypeHistogram, Scope: "h", SampleRate: rate, Value: v * float64(i), Numeric: true})
			s.Event(summary(slogtel.TypeTiming, "x", count, failed, v, nil))
			s.Event(summary(slogtel.TypeGauge, "g", count, failed, v, nil))
		}
		g, err := parseGate(everything)
		require.NoError(t, err)
		c := compare(sideOf(a), sideOf(b), settings{alpha: 0.05, minCalls: 2, correction: holmName, gate: g})
		require.NoError(t, text.WriteJSON(io.Discard, document{Comparison: c, FailOn: g}))
		require.NoError(t, c.writeCSV(io.Discard))
		require.NoError(t, c.writeTables(io.Discard, 0, 0))
		for _, r := range c.Scopes {
			for _, test := range r.tests() {
				assert.True(t, test.P >= 0 && test.P <= 1 && test.Adjusted >= test.P, "%+v", test)
			}
		}
	})
}

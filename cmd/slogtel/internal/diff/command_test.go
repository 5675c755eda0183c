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

func TestDiffOfTwoRuns(t *testing.T) {
	a, b := aRun(1, 1, 0.02), aRun(2, 1.25, 0.2)
	a.timing("old", time.Second, "")
	b.timing("added", 2*time.Second, "")
	code, stdout, stderr := command(t, nil, "--fail-over", "10%", file(t, a), file(t, b))
	assert.Equal(t, 1, code)
	for row, pattern := range map[string]string{
		"slow":   `(?m)^slow +slower +\+2\d% +\+2\d% … \+2\d% .* 400 +0 +<0\.0001$`,
		"flaky":  `(?m)^flaky +fails more .* 400 .* <0\.0001$`,
		"steady": `(?m)^steady +same +[+-][0-9.]+% .* 400 +0 +\d`,
		"rare":   `(?m)^rare +too few +- +- +1s +1s +1 +0 +-$`,
		"old":    `(?m)^old +gone .* 1s → - .* 1 → - `,
		"added":  `(?m)^added +new .* - → 2s .* - → 1 `,
		"sizes":  `(?m)^sizes +histogram +higher +\+2\d% .* 400 +<0\.0001$`,
		"items":  `(?m)^items +counter +- +0\.0% +400 +400 +-$`,
		"queue":  `(?m)^queue +gauge +- +\+25% +7 → 8\.75 +1 +-$`,
		"tests":  `(?m)^5 tests, P with Holm's correction, alpha 0\.05`,
		"B":      `(?m)^B, .*: 2003 lines read: 2003 used, 0 filtered out, 0 skipped \(ordinary logs\), 0 bad\n\z`,
	} {
		assert.Regexp(t, pattern, stdout, row)
	}
	assert.Regexp(t, `(?s)regressions by more than 10%: 2\n.*  flaky: fails more, error rate [\d.]+% to 2.*  slow: slower, durations \+2\d%|(?s)  slow: slower.*  flaky: fails more`, stderr)

	code, _, stderr = command(t, nil, "--fail-over", "2000%", file(t, a), file(t, b))
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	code, _, _ = command(t, nil, file(t, a), file(t, b))
	assert.Zero(t, code, "no gate without --fail-over")
	code, stdout, _ = command(t, nil, "--fail-over", "1%", file(t, b), file(t, a))
	assert.Zero(t, code, "what got better is no regression")
	assert.Regexp(t, `(?m)^slow +faster +-[12]\d%`, stdout)
	assert.Regexp(t, `(?m)^flaky +fails less`, stdout)
}

func TestDiffWithItself(t *testing.T) {
	a := file(t, aRun(1, 1, 0.1))
	code, stdout, _ := command(t, nil, "--fail-over", "0%", a, a)
	assert.Zero(t, code)
	assert.NotRegexp(t, "(?m)^(slow|steady|flaky|rare) +(slower|faster|fails|new|gone)", stdout)
}

func TestDiffOfRunsThatDoNotDiffer(t *testing.T) {
	for seed := range uint64(trials(20)) {
		code, _, stderr := command(t, nil, "--fail-over", "0%", file(t, aRun(100+seed, 1, 0.1)), file(t, aRun(200+seed, 1, 0.1)))
		assert.Zero(t, code, "seed %d: %s", seed, stderr)
	}
}

func TestDiffJSON(t *testing.T) {
	a, b := file(t, aRun(1, 1, 0.02)), file(t, aRun(2, 1.25, 0.2))
	code, stdout, stderr := command(t, nil, "--json", "--fail-over", "10%", "--correction", "bh", a, b)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "A, ")
	var d struct {
		A           map[string]any
		FailOver    float64 `json:"fail_over"`
		Regressions []string
		Tests       int
		Correction  string
		Scopes      []Row
		Metrics     []Row
	}
	in := json.NewDecoder(strings.NewReader(stdout))
	require.NoError(t, in.Decode(&d))
	assert.EqualValues(t, 2002, d.A["used"])
	assert.Equal(t, 0.1, d.FailOver)
	assert.Equal(t, bhName, d.Correction)
	assert.ElementsMatch(t, []string{"slow", "flaky"}, d.Regressions)
	assert.Equal(t, 5, d.Tests)
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
		"no percentage":   {"--fail-over", "10", a, a},
		"less than 0":     {"--fail-over", "-3%", a, a},
		"NaN":             {"--fail-over", "NaN%", a, a},
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
	for _, args := range [][]string{{}, {"--json"}, {"--csv"}, {"--fail-over", "0%"}} {
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
	a, b := newSide(10), newSide(10)
	for n, s := range []*side{a, b} {
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
		s.finish()
	}
	c := compare(a, b, settings{alpha: 0.05, minCalls: 10, correction: holmName, failOver: 0.1})
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

func TestSeriesAreLimited(t *testing.T) {
	a, b := newSide(3), newSide(3)
	for i := range 5 {
		for _, s := range []*side{a, b} {
			s.Event(&events.Event{Kind: events.Timing, Scope: fmt.Sprint(i), SampleRate: 1, Duration: 1})
		}
	}
	a.merge(b)
	assert.Len(t, a.series, 3)
	assert.EqualValues(t, 4, a.overflow)
	assert.EqualValues(t, 2, a.series[key{"1", slogtel.TypeTiming}].count.Value())
	var out strings.Builder
	require.NoError(t, compare(a, b, settings{alpha: 0.05, minCalls: 2, correction: holmName, failOver: -1}).writeTables(&out, 2, 0))
	assert.Contains(t, out.String(), "6 events are of more than")
	assert.Contains(t, out.String(), "and 1 more scopes")
}

func TestPercent(t *testing.T) {
	for s, want := range map[string]float64{"10%": 0.1, " 2.5 % ": 0.025, "0%": 0, "1e2%": 1, "200%": 2} {
		v, err := parsePercent(s)
		assert.NoError(t, err, s)
		assert.InDelta(t, want, v, 1e-12, s)
	}
	for _, s := range []string{"", "%", "10", "ten%", "-1%", "NaN%", "Inf%", "10%%", "0x%"} {
		_, err := parsePercent(s)
		assert.Error(t, err, s)
	}
	for v, want := range map[float64]string{0.123: "+12%", -0.034: "-3.4%", 24: "×25", 0: "0.0%", -1: "-100%", 1: "+100%", -0.0001: "0.0%"} {
		assert.Equal(t, want, percent(v))
	}
}

func FuzzParsePercent(f *testing.F) {
	for _, s := range []string{"10%", "0%", " 1e3 % ", "nan%", "-0%", "0x1p3%", "1_0%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parsePercent(s)
		if err != nil {
			assert.Zero(t, v)
			return
		}
		assert.True(t, v >= 0 && v <= 1e4, "%q is %v", s, v)
		assert.Contains(t, s, "%")
	})
}

// Any figures at all: no panic, and JSON.
func FuzzCompare(f *testing.F) {
	f.Add(int64(1000), 1.0, int64(5), int64(2), 0.5, uint8(40))
	f.Add(int64(math.MaxInt64), 1e-308, int64(math.MaxInt64), int64(math.MaxInt64), math.MaxFloat64, uint8(90))
	f.Add(int64(-1), -1.0, int64(-5), int64(9), 1e308, uint8(3))
	f.Fuzz(func(t *testing.T, d int64, rate float64, count, failed int64, v float64, n uint8) {
		a, b := newSide(10), newSide(10)
		for i := range int(n) {
			s := a
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
		a.finish()
		b.finish()
		c := compare(a, b, settings{alpha: 0.05, minCalls: 2, correction: holmName, failOver: 0})
		require.NoError(t, writeJSON(io.Discard, document{Comparison: c}))
		require.NoError(t, c.writeCSV(io.Discard))
		require.NoError(t, c.writeTables(io.Discard, 0, 0))
		for _, r := range c.Scopes {
			if r.Values != nil {
				assert.True(t, r.Values.P >= 0 && r.Values.P <= 1, "%+v", r.Values)
			}
			if r.ErrorRates != nil {
				assert.True(t, r.ErrorRates.P >= 0 && r.ErrorRates.P <= 1, "%+v", r.ErrorRates)
			}
		}
	})
}

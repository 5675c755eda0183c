package report

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// Of events sampled at a rate whose inverse is not whole, the mean and the quantiles are
// theirs, the count and the total those times 1/rate, in whatever order and in how many files.
func TestSampledInAnyOrder(t *testing.T) {
	for _, rate := range []float64{0.37, 0.6666, 0.99, 0.011} {
		var lines []string
		more := fmt.Sprintf(`,"sample_rate":%v`, rate)
		for i := range 200 {
			v := []float64{1, 10}[i%2]
			lines = append(lines, line("a", "", v, more), metric("h", "", "histogram", v, more), metric("c", "", "counter", 7, more))
		}
		first, _, err := runCommand(t, strings.Join(lines, ""), "--json")
		require.NoError(t, err)
		for range 5 {
			rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			again, _, err := runCommand(t, strings.Join(lines, ""), "--json")
			require.NoError(t, err)
			require.Equal(t, first, again)
		}
		r := report(t, strings.Join(lines, ""))
		a, h := r.Scopes[0], r.Histograms[0]
		assert.InDelta(t, 200/rate, float64(a.Calls), 0.5)
		assert.InEpsilon(t, 1100/rate, a.Total, 1e-9)
		assert.InEpsilon(t, 5.5, a.Mean, 1e-12)
		assert.InEpsilon(t, 1, a.P50, 0.0101)
		assert.InEpsilon(t, 10, a.P95, 0.0101)
		assert.InEpsilon(t, 5.5, h.Mean, 1e-12)
		assert.InEpsilon(t, 1100/rate, h.Sum, 1e-12)
		sum, err := r.Counters[0].Sum.Float64()
		require.NoError(t, err)
		assert.InEpsilon(t, 1400/rate, sum, 1e-12)
	}
}

// What sampling and aggregation make of a run says the same as the sampled run itself.
func TestSampledThroughAggregate(t *testing.T) {
	var sampled, summed strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	sampler := sample.New(&sample.Options{Rate: 0.37, Metrics: true, Random: random.Float64})
	agg := aggregate.New(jsonlines.New(&summed, nil), nil) // without sketches
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sampler.Middleware(slogmulti.Fanout(jsonlines.New(&sampled, nil), agg)))
	ctx := context.Background()
	for i := range 300 {
		tel.Timing(ctx, "a", time.Duration(random.IntN(1e9)))
		tel.Gauge(ctx, "g", random.Float64())
		tel.Histogram(ctx, "h", random.Float64())
		if i%3 == 0 {
			require.NoError(t, agg.Flush(ctx)) // some intervals have one event
		}
	}
	require.NoError(t, tel.Shutdown(ctx))
	require.NoError(t, agg.Shutdown(ctx))
	want, got := report(t, sampled.String()), report(t, summed.String())
	assert.Equal(t, want.Scopes[0].Calls, got.Scopes[0].Calls)
	assert.InEpsilon(t, want.Scopes[0].Total, got.Scopes[0].Total, 1e-9)
	assert.InEpsilon(t, want.Scopes[0].Mean, got.Scopes[0].Mean, 1e-9)
	assert.Equal(t, want.Histograms[0].Count, got.Histograms[0].Count)
	assert.InEpsilon(t, want.Histograms[0].Mean, got.Histograms[0].Mean, 1e-9)
	assert.Equal(t, want.Gauges[0].Count, got.Gauges[0].Count)
}

// A number that cannot be is a bad line, in either schema, and not what it says.
func TestNumbersThatCannotBe(t *testing.T) {
	good := line("a", "", 1, "")
	for _, rate := range []string{"0", "-1", "1e-12", "2", "1.5", `"0.5"`, `"x"`, "true", "{}", "[1]", "1e999", "-0"} {
		out, _, err := runCommand(t, good+line("a", "", 1, `,"sample_rate":`+rate)+metric("c", "", "counter", 1, `,"sample_rate":`+rate))
		require.NoError(t, err)
		assert.Contains(t, out, "3 lines read: 1 used, 0 filtered out, 0 skipped (ordinary logs), 2 bad", rate)
		_, errs, _ := runCommand(t, line("a", "", 1, `,"sample_rate":`+rate), "--verbose")
		assert.Contains(t, errs, "-:1: sample_rate: expected a number from 1e-06 to 1", rate)
	}
	ecs, _ := telemetryOf(jsonlines.ECS, func(tel *slogtel.Telemetry) { tel.Timing(context.Background(), "a", time.Second) })
	assert.Equal(t, int64(1), report(t, ecs).Lines.Used)
	assert.Equal(t, int64(1), report(t, ecs+strings.Replace(ecs, `"call_count":1`, `"call_count":1,"sample_rate":1e-12`, 1)).Lines.Bad)
	assert.Equal(t, int64(1), report(t, line("a", "", 1, `,"sample_rate":null`)).Lines.Used)
	for name, bad := range map[string]string{
		"a negative duration": line("a", "", -5, ""),
		"an empty scope":      line("", "", 1, ""),
		"an unknown type":     metric("a", "", "sum", 3, ""),
		"no sum":              summary("a", "timing", `,"count":3`),
		"no sum of a counter": summary("a", "counter", `,"count":3,"last":3`),
	} {
		r := report(t, good+bad)
		assert.Equal(t, int64(1), r.Lines.Bad, name)
		assert.Equal(t, int64(1), r.Lines.Used, name)
	}
}

// Whole numbers have all their digits, in sums and as values, and in the ECS schema.
func TestAllDigits(t *testing.T) {
	const big, half = int64(9007199254740993), int64(9223372036854775807) // 2⁵³+1, 2⁶³-1
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		text, _ := telemetryOf(schema, func(tel *slogtel.Telemetry) {
			ctx := context.Background()
			tel.Count(ctx, "n", big)
			tel.Count(ctx, "n", 2)
			if schema == jsonlines.Flat { // of ECS, a value is a double
				tel.Metric(ctx, "p", big)
				tel.Metric(ctx, "u", uint64(1<<64-1))
			}
		})
		r := report(t, text)
		assert.Equal(t, "9007199254740995", r.Counters[0].Sum.String())
		if schema == jsonlines.Flat {
			assert.Equal(t, "9007199254740993", r.Metrics[0].Last)
			assert.Equal(t, "18446744073709551615", r.Metrics[1].Last)
		}
		for _, flag := range []string{"--json", "--csv", "--sort=total"} {
			out, _, err := runCommand(t, text, flag)
			require.NoError(t, err)
			assert.Contains(t, out, "9007199254740995")
		}
	}
	most := metric("n", "", "counter", half, "")
	assert.Equal(t, "9223372036854775807", report(t, most).Counters[0].Sum.String())
	sum, err := report(t, most+most+metric("n", "", "counter", 10, `,"sample_rate":0.1`)).Counters[0].Sum.Float64()
	require.NoError(t, err)
	assert.InEpsilon(t, 0x1p64, sum, 1e-15, "beyond that it is the nearest float")
}

// With span ids, the scopes inside a call that ran at once are taken off once; lines of two
// exports that overlap count once, in whatever order.
func TestSpans(t *testing.T) {
	at := func(end int, text string) string {
		return strings.Replace(text, "03:04:05Z", fmt.Sprintf("03:04:%02d.000000001Z", end), 1)
	}
	ids := func(span, parent int) string {
		more := fmt.Sprintf(`,"trace_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","span_id":"%016x"`, span)
		if parent > 0 {
			more += fmt.Sprintf(`,"parent_span_id":"%016x"`, parent)
		}
		return more
	}
	lines := []string{at(10, line("p", "", 10, ids(1, 0)))}
	for i := range 8 {
		lines = append(lines, at(21, line("p.c", "p", 1, ids(10+i, 2))))
	}
	lines = append(lines, at(21, line("p", "", 1, ids(2, 0))))
	text := strings.Join(lines, "")
	dir := t.TempDir()
	early, late := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "b.jsonl")
	require.NoError(t, os.WriteFile(early, []byte(strings.Join(lines[:7], "")), 0o600))
	require.NoError(t, os.WriteFile(late, []byte(strings.Join(lines[3:], "")), 0o600))
	for name, r := range map[string]*Report{
		"as they are":  report(t, text),
		"twice":        report(t, text+text),
		"two exports":  report(t, "", early, late),
		"later before": report(t, "", late, early),
	} {
		require.Len(t, r.Scopes, 2, name)
		p := r.Scopes[0]
		assert.Equal(t, int64(2), p.Calls, name)
		assert.InDelta(t, 11, p.Total, 1e-9, name)
		require.NotNil(t, p.Self, name)
		assert.InDelta(t, 10, *p.Self, 1e-9, name)
		assert.False(t, p.Estimated || p.Overlap, name)
		assert.Equal(t, int64(8), r.Scopes[1].Calls, name)
		assert.Equal(t, r.Lines.Read, r.Lines.Used+r.Lines.Twice, name)
	}
	out, _, err := runCommand(t, text+text)
	require.NoError(t, err)
	assert.Contains(t, out, "20 lines read: 10 used, 0 filtered out, 0 skipped (ordinary logs), 0 bad, 10 read before (the same spans)\n")

	// Without ids there is a mark, in all forms.
	var bare strings.Builder
	for _, l := range lines {
		before, _, _ := strings.Cut(l, `,"trace_id"`)
		bare.WriteString(before + "}\n")
	}
	p := report(t, bare.String()).Scopes[0]
	assert.True(t, p.Estimated)
	assert.InDelta(t, 3, *p.Self, 1e-9)
	out, _, _ = runCommand(t, bare.String())
	assert.Contains(t, out, " ~3s ")
	out, _, _ = runCommand(t, bare.String(), "--csv")
	assert.Regexp(t, `timing,p,.*,true,,\n`, out)
	out, _, _ = runCommand(t, at(5, line("a.b", "a", 2, ""))+at(5, line("a.b", "a", 2, ""))+at(5, line("a", "", 3, "")), "--json")
	assert.Contains(t, out, `"self_s": null`)
}

// Timings of a program that has more scopes than it counts calls of are counted, and said.
func TestCallsThatWereNotCounted(t *testing.T) {
	text := line("a", "", 1, "") + strings.Replace(line("b", "", 1, ""), `"call_count":1`, `"call_count":0`, 1)
	assert.Equal(t, int64(1), report(t, text).NotCounted)
	out, _, err := runCommand(t, text)
	require.NoError(t, err)
	assert.Contains(t, out, "\n1 timings have call_count 0: ")
	assert.Zero(t, report(t, line("a", "", 1, "")).NotCounted)
}

// Canceled is no error; counters have fractions; units stand beside their metrics: in either schema.
func TestCanceledAndUnits(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			text, _ := telemetryOf(schema, func(tel *slogtel.Telemetry) {
				ctx := context.Background()
				_, s := tel.Start(ctx, "a")
				s.Fail(context.Canceled)
				s.End()
				cost := tel.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD"})
				cost.AddFloat(ctx, 0.25)
				tel.CountFloat(ctx, "cost", 0.5)
			})
			r := report(t, text)
			assert.Equal(t, []int64{1, 0, 1}, []int64{r.Scopes[0].Calls, r.Scopes[0].Errors, r.Scopes[0].Canceled})
			sums := 0.0
			for _, c := range r.Counters {
				v, err := c.Sum.Float64()
				require.NoError(t, err)
				sums += v
			}
			assert.Equal(t, 0.75, sums)
			assert.Equal(t, "USD", r.Counters[0].Unit)
			out, _, err := runCommand(t, text)
			require.NoError(t, err)
			assert.Contains(t, out, "CANCELED")
			assert.Contains(t, out, "USD")
			out, _, err = runCommand(t, text, "--where", "canceled=true", "--csv")
			require.NoError(t, err)
			assert.Regexp(t, `timing,a,.*,1,\n`, out)
		})
	}
}

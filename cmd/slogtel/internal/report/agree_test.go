package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// The figures are those of the memory reporter in the same run.
func TestAgreesWithMemory(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			text, snapshot := telemetryOf(schema, someProgram)
			agree(t, &snapshot, report(t, text))
		})
	}
}

func agree(t *testing.T, want *memory.Snapshot, got *Report) {
	t.Helper()
	type place struct{ scope, parent string }
	near := func(want, got float64, what any) {
		t.Helper()
		assert.InDelta(t, want, got, 1e-9*math.Abs(want), "%v", what)
	}
	assert.Equal(t, want.QuantileError, got.QuantileError)

	scopes := make(map[place]Scope)
	for _, s := range got.Scopes {
		if s.Timed {
			scopes[place{s.Scope, s.ParentScope}] = s
		}
	}
	assert.Len(t, scopes, len(want.Scopes))
	for _, w := range want.Scopes {
		g := scopes[place{w.Scope, w.ParentScope}]
		assert.Equal(t, w.Calls, g.Calls, w.Scope)
		assert.Equal(t, w.Errors, g.Errors, w.Scope)
		assert.Equal(t, w.LastError, g.LastError, w.Scope)
		for _, pair := range [][2]float64{{w.TotalSeconds, g.Total}, {w.MeanSeconds, g.Mean}, {w.MinSeconds, g.Min},
			{w.P50Seconds, g.P50}, {w.P95Seconds, g.P95}, {w.P99Seconds, g.P99}, {w.MaxSeconds, g.Max}} {
			near(pair[0], pair[1], w.Scope)
		}
	}
	require.Len(t, got.Counters, len(want.Counters))
	for i, w := range want.Counters {
		g := got.Counters[i]
		assert.Equal(t, place{w.Scope, w.ParentScope}, place{g.Scope, g.ParentScope})
		assert.Equal(t, w.Count, g.Count)
		assert.Equal(t, fmt.Sprint(w.Sum), g.Sum.String())
	}
	require.Len(t, got.Gauges, len(want.Gauges))
	for i, w := range want.Gauges {
		g := got.Gauges[i]
		assert.Equal(t, w.Count, g.Count)
		assert.Equal(t, [3]float64{w.Last, w.Min, w.Max}, [3]float64{g.Last, g.Min, g.Max}, w.Scope)
	}
	require.Len(t, got.Histograms, len(want.Histograms))
	for i, w := range want.Histograms {
		g := got.Histograms[i]
		assert.Equal(t, w.Count, g.Count)
		for _, pair := range [][2]float64{{w.Sum, g.Sum}, {w.Mean, g.Mean}, {w.Min, g.Min},
			{w.P50, g.P50}, {w.P95, g.P95}, {w.P99, g.P99}, {w.Max, g.Max}} {
			near(pair[0], pair[1], w.Scope)
		}
	}
	require.Len(t, got.Metrics, len(want.Metrics))
	for i, w := range want.Metrics {
		assert.Equal(t, w.Count, got.Metrics[i].Count)
	}
}

// The figures are those of the memory reporter inside the batch example.
func TestAgreesWithBatchExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	lines, result := filepath.Join(dir, "t.jsonl"), filepath.Join(dir, "r.json")
	out, err := exec.Command("go", "run", "../../../../examples/batch", "-q", "-telemetry", lines, "-out", result, "-local-limit", "3", "../../../../scope").CombinedOutput()
	require.NoError(t, err, "%s", out)
	data, err := os.ReadFile(result)
	require.NoError(t, err)
	var envelope struct {
		Metrics struct{ Memory *memory.Snapshot }
	}
	require.NoError(t, json.Unmarshal(data, &envelope))
	require.NotNil(t, envelope.Metrics.Memory)
	got := report(t, "", lines)
	assert.Zero(t, got.Lines.Bad+got.Lines.Skipped)
	agree(t, envelope.Metrics.Memory, got)
}

// The jq program adds up the same.
func TestAgreesWithJQ(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("there is no jq")
	}
	text, _ := telemetryOf(jsonlines.Flat, func(tel *slogtel.Telemetry) {
		for range 300 {
			ctx, span := tel.Start(context.Background(), "a")
			tel.Timing(ctx, "b", time.Duration(rand.IntN(1e9)))
			tel.Count(ctx, "n", int64(rand.IntN(100)))
			tel.Gauge(ctx, "g", rand.Float64())
			tel.Histogram(ctx, "h", rand.Float64())
			span.Fail(errTest)
			span.End()
		}
	})
	cmd := exec.Command("jq", "-nc", "-f", "../../testdata/report.jq")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	require.NoError(t, err)
	type numbers map[string]float64
	var jq struct {
		Scopes, Counters, Gauges, Histograms map[string]numbers
	}
	require.NoError(t, json.Unmarshal(out, &jq))
	same := func(want, got numbers) {
		t.Helper()
		require.Len(t, got, len(want))
		for k, v := range want {
			assert.InEpsilon(t, v+1, got[k]+1, 1e-12, k)
		}
	}
	r := report(t, text)
	require.Len(t, jq.Scopes, len(r.Scopes))
	for _, s := range r.Scopes {
		same(jq.Scopes[s.Scope], numbers{"calls": float64(s.Calls), "errors": float64(s.Errors), "total_s": s.Total, "min_s": s.Min, "max_s": s.Max})
	}
	sum, err := r.Counters[0].Sum.Float64()
	require.NoError(t, err)
	same(jq.Counters["a.n"], numbers{"count": float64(r.Counters[0].Count), "sum": sum})
	g, h := r.Gauges[0], r.Histograms[0]
	same(jq.Gauges["a.g"], numbers{"count": float64(g.Count), "last": g.Last, "min": g.Min, "max": g.Max})
	same(jq.Histograms["a.h"], numbers{"count": float64(h.Count), "sum": h.Sum, "min": h.Min, "max": h.Max})
}

// What an aggregating reporter made of the same run says the same, in both schemas: its
// summaries have sketches, and the events that it passes on do not count twice.
func TestAgreesThroughAggregate(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			mem := memory.New(nil)
			agg := aggregate.New(jsonlines.New(&out, &jsonlines.Options{Schema: schema}), &aggregate.Options{Sketch: true})
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogmulti.Fanout(mem, agg))
			someProgram(tel)
			require.NoError(t, agg.Shutdown(context.Background()))
			require.NoError(t, tel.Shutdown(context.Background()))
			snapshot := mem.Snapshot()
			got := report(t, out.String())
			assert.NotZero(t, got.InSummary, "failed calls are passed on")
			assert.Zero(t, got.Lines.Bad)
			agree(t, &snapshot, got)
		})
	}
}

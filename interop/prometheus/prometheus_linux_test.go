package prometheus

import (
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	reporter "github.com/slogtel/telemetry/reporters/prometheus"
)

// fine are buckets of which each is 2 % wider than the one before.
func fine(from, to float64) (bounds []float64) {
	for b := from; b < to; b *= 1.02 {
		bounds = append(bounds, b)
	}
	return bounds
}

func events() int {
	if testing.Short() {
		return 10_000
	}
	return 1_000_000
}

// TestPromQL: a million events from 8 goroutines, while the server scrapes. What it
// answers is what the Memory saw.
func TestPromQL(t *testing.T) {
	a := newApp(t, &reporter.Options{
		Namespace: "app", LabelKeys: []string{"model"},
		TimingBuckets: fine(.0001, 20), HistogramBuckets: fine(.5, 1100), NativeFactor: 1,
	})
	a.Count(t.Context(), "pipeline.tokens", 0, slog.String("model", "m0")) // something to scrape
	d := start(t, a.address(), "--enable-feature=exemplar-storage")

	first := events() / 10
	a.work(t.Context(), first/5)
	require.Eventually(t, func() bool {
		return d.number("sum(app_pipeline_step_seconds_count) or vector(0)") == float64(steps(a))
	}, ready, 100*time.Millisecond)
	settled := d.lastScrape()
	before := a.memory.Snapshot()
	began := time.Now()
	a.work(t.Context(), (events()-first)/5)
	t.Logf("%d events in %v", events()-first, time.Since(began).Round(time.Millisecond))
	a.finish(t, d)
	seen := a.memory.Snapshot()

	t.Run("sums", func(t *testing.T) {
		d.t = t
		assertEqual(t, d, seen)
		var tokens float64
		for i := range models {
			tokens += d.number(fmt.Sprintf("app_pipeline_tokens_total{model='m%d'}", i))
			assert.EqualValues(t, i, d.number(fmt.Sprintf("app_pipeline_model_number{model='m%d'}", i)))
		}
		assert.EqualValues(t, tokenSum(seen), tokens)
	})
	t.Run("quantiles", func(t *testing.T) {
		d.t = t
		step := scopeStats(seen, "pipeline.step")
		for q, want := range map[float64]float64{.5: step.P50Seconds, .95: step.P95Seconds, .99: step.P99Seconds} {
			got := d.number(fmt.Sprintf("histogram_quantile(%v, sum by (le) (app_pipeline_step_seconds_bucket))", q))
			assert.InEpsilon(t, want, got, .02+seen.QuantileError+.005, "%v", q)
		}
		size := seen.Histograms[0]
		for q, want := range map[float64]float64{.5: size.P50, .95: size.P95, .99: size.P99} {
			got := d.number(fmt.Sprintf("histogram_quantile(%v, sum by (le) (app_pipeline_size_bucket))", q))
			assert.InEpsilon(t, want, got, .02+seen.QuantileError+.005, "%v", q)
		}
	})
	t.Run("rates", func(t *testing.T) {
		d.t = t
		was, is := scopeStats(before, "pipeline.step"), scopeStats(seen, "pipeline.step")
		calls, seconds, tokens := is.Calls-was.Calls, is.TotalSeconds-was.TotalSeconds, tokenSum(seen)-tokenSum(before)
		// From scrape to scrape nothing is extrapolated: increases are exact.
		end := d.lastScrape()
		window := fmt.Sprintf("[%dms]", (end - settled).Milliseconds())
		at := func(query string) float64 { return d.numberAt(strings.ReplaceAll(query, "[w]", window), end) }
		assert.InEpsilon(t, calls, at("sum(increase(app_pipeline_step_seconds_count[w]))"), 1e-9)
		assert.InEpsilon(t, tokens, at("sum(increase(app_pipeline_tokens_total[w]))"), 1e-9)
		assert.InEpsilon(t, float64(tokens)/(end-settled).Seconds(), at("sum(rate(app_pipeline_tokens_total[w]))"), 1e-9)
		assert.InEpsilon(t, seconds/float64(calls), at("sum(rate(app_pipeline_step_seconds_sum[w])) / sum(rate(app_pipeline_step_seconds_count[w]))"), 1e-9)
		was, is = scopeStats(before, "pipeline"), scopeStats(seen, "pipeline")
		assert.InEpsilon(t, float64(is.Errors-was.Errors)/float64(is.Calls-was.Calls),
			at("sum(rate(app_pipeline_seconds_errors_total[w])) / sum(rate(app_pipeline_seconds_count[w]))"), 1e-9)
	})
	t.Run("exemplars", func(t *testing.T) {
		d.t = t
		var found []struct {
			Exemplars []struct{ Labels map[string]string }
		}
		require.NoError(t, d.api("query_exemplars", url.Values{
			"query": {"app_pipeline_step_seconds_bucket"}, "start": {"0"}, "end": {fmt.Sprint(time.Now().Unix() + 60)},
		}, &found))
		require.NotEmpty(t, found)
		assert.Len(t, found[0].Exemplars[0].Labels["trace_id"], 32)
		assert.Len(t, found[0].Exemplars[0].Labels["span_id"], 16)
	})
	st := a.handler.Stats()
	assert.Zero(t, st.Skipped+st.Clashed+st.Negative+st.Overflowed+st.Truncated)
	assert.Equal(t, "up", d.health())
}

// TestNativeHistograms scrapes the protobuf format.
func TestNativeHistograms(t *testing.T) {
	a := newApp(t, &reporter.Options{Namespace: "app", LabelKeys: []string{"model"}})
	d := start(t, a.address(), "--enable-feature=native-histograms")
	a.work(t.Context(), 20_000)
	a.finish(t, d)
	seen := a.memory.Snapshot()
	step := scopeStats(seen, "pipeline.step")
	assert.EqualValues(t, step.Calls, d.number("sum(histogram_count(app_pipeline_step_seconds))"))
	assert.InEpsilon(t, step.TotalSeconds, d.number("sum(histogram_sum(app_pipeline_step_seconds))"), 1e-9)
	for q, want := range map[float64]float64{.5: step.P50Seconds, .95: step.P95Seconds, .99: step.P99Seconds} {
		got := d.number(fmt.Sprintf("histogram_quantile(%v, sum(app_pipeline_step_seconds))", q))
		assert.InEpsilon(t, want, got, .1+seen.QuantileError, "%v", q) // a bucket is 9 % wide
	}
}

// TestHostile: no name and no value makes the server refuse a scrape.
func TestHostile(t *testing.T) {
	a := newApp(t, &reporter.Options{Namespace: "app", LabelKeys: []string{"model", "le", "__name__"}, OnError: func(error) {}})
	values := []string{"", "a\xffb", "a\nb", `"`, `\`, `\n`, "}", "{", "# EOF", "a\x00b", "ü\u2028", strings.Repeat("x", 500), "app_evil 1\n"}
	for i, v := range values {
		a.Timing(t.Context(), "t", time.Second, slog.String("model", v), slog.String("le", v), slog.String("__name__", v))
		a.Gauge(t.Context(), fmt.Sprintf("%s%d", v, i), math.MaxFloat64)
		a.Count(t.Context(), "n"+v, math.MaxInt64, slog.String("model", v))
		a.Count(t.Context(), "n"+v, -1)
	}
	for _, features := range []string{"exemplar-storage", "native-histograms"} {
		t.Run(features, func(t *testing.T) {
			d := start(t, a.address(), "--enable-feature="+features)
			a.finish(t, d)
			assert.Equal(t, "up", d.health())
			assert.EqualValues(t, 13, d.number(`app_slogtel_dropped_events_total{reason="negative"}`))
			got := make(map[string]bool)
			for _, s := range d.vector("app_t_seconds_errors_total") {
				got[s.Metric["model"]] = true
				assert.Equal(t, s.Metric["model"], s.Metric["exported_le"])
			}
			for _, v := range values {
				v = strings.ToValidUTF8(v, "\uFFFD")
				assert.True(t, got[v[:min(len(v), 200)]], "%q", v)
			}
		})
	}
}

// TestPromtool: the scrape of a well-named app passes Prometheus' own check.
func TestPromtool(t *testing.T) {
	_, tool := find(t)
	a := newApp(t, &reporter.Options{Namespace: "app", LabelKeys: []string{"model", "http.status"}})
	a.work(t.Context(), 100)
	a.Metric(t.Context(), "age", time.Hour)
	a.Metric(t.Context(), "pool.count", 3)
	cmd := exec.CommandContext(t.Context(), tool, "check", "metrics")
	cmd.Stdin = strings.NewReader(a.text(t))
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err)
	assert.Empty(t, string(out))
}

func scopeStats(s memory.Snapshot, path string) (found memory.ScopeStats) {
	for _, scope := range s.Scopes {
		if scope.Scope == path {
			return scope
		}
	}
	return found
}

func tokenSum(s memory.Snapshot) (sum int64) {
	for _, c := range s.Counters {
		sum += c.Sum
	}
	return sum
}

func steps(a *app) int64 { return scopeStats(a.memory.Snapshot(), "pipeline.step").Calls }

// assertEqual compares all sums and counts.
func assertEqual(t *testing.T, d *daemon, seen memory.Snapshot) {
	t.Helper()
	require.Zero(t, seen.Forgotten)
	name := func(path string) string { return "app_" + strings.ReplaceAll(path, ".", "_") }
	require.Len(t, seen.Scopes, 2)
	for _, s := range seen.Scopes {
		timing := name(s.Scope) + "_seconds"
		assert.EqualValues(t, s.Calls, d.number("sum("+timing+"_count)"), timing)
		assert.EqualValues(t, s.Calls, d.number("sum("+timing+"_bucket{le='+Inf'})"), timing)
		assert.EqualValues(t, s.Errors, d.number("sum("+timing+"_errors_total)"), timing)
		assert.InEpsilon(t, s.TotalSeconds, d.number("sum("+timing+"_sum)"), 1e-9, timing)
	}
	for _, h := range seen.Histograms {
		assert.EqualValues(t, h.Count, d.number("sum("+name(h.Scope)+"_count)"))
		assert.Equal(t, h.Sum, d.number("sum("+name(h.Scope)+"_sum)"))
	}
}

package main

import (
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRepository is the run that the demo shows, over the files of this repository.
func TestRepository(t *testing.T) {
	t.Chdir("../..")
	// In the longest of the waits all others are done, so that no request is refused ten times.
	r := runWith(t, t.Context(), "-local-limit", "3", "-retries", "10", "-backoff", "100ms")
	require.Equal(t, exitOK, r.code, "%v\n%s", r.env.Failures, r.stderr)
	assert.Equal(t, statusOK, r.env.Status)
	assert.Greater(t, r.env.Input.Files, 50)
	assert.Greater(t, len(r.env.Parts), 3)
	require.Len(t, r.env.Answers, 1)
	assert.NotEmpty(t, r.env.Answers[0].Text)
	assert.Contains(t, r.stdout, "      api.request ")
	lines := strings.Count(r.stdout+r.stderr, "\n") - strings.Count(r.stderr, "trying again")
	assert.Less(t, lines, 60, "it is read on one screen")
	agree(t, r)
}

// TestMemoryAgrees compares the envelope with the memory reporter of the same run.
func TestMemoryAgrees(t *testing.T) {
	o, err := parseOptions([]string{"-telemetry", filepath.Join(t.TempDir(), "t.jsonl"), ".."}, environment(""))
	require.NoError(t, err)
	s, err := startLocalServer(0, 0)
	require.NoError(t, err)
	defer s.close()
	o.endpoint = s.url
	obs, err := observe(o, newScreen(io.Discard))
	require.NoError(t, err)
	p := newPipeline(o, obs, newScreen(io.Discard))
	defer p.provider.close()
	env := p.run(t.Context())
	obs.addTo(env, o)
	require.NoError(t, obs.close())

	snap := obs.memory.Snapshot()
	assert.Zero(t, snap.Forgotten)
	calls, counters := make(map[string]int64), make(map[string]int64)
	for _, scope := range snap.Scopes {
		assert.Equal(t, scope.TotalSeconds, env.Metrics.Durations[scope.Scope])
		assert.LessOrEqual(t, scope.MaxSeconds, scope.TotalSeconds*1.001)
		calls[scope.Scope] = scope.Calls
	}
	for _, c := range snap.Counters {
		counters[shortened(c.Scope)] += c.Sum
	}
	assert.EqualValues(t, 1, calls["pipeline"])
	assert.EqualValues(t, env.Input.Files+env.Input.Blank, calls["pipeline.read.file"])
	assert.EqualValues(t, env.Input.Batches, calls["pipeline.call.batch"])
	u := env.Usage
	assert.Equal(t, u.Requests, calls["pipeline.call.batch.api.request"]+calls["pipeline.aggregate.batch.api.request"])
	assert.Equal(t, usage{
		counters["api.requests"], counters["api.retries"],
		counters["api.tokens.prompt"], counters["api.tokens.cached"],
		counters["api.tokens.output"], counters["api.tokens.thoughts"], counters["api.tokens.total"],
	}, u)
	for _, h := range snap.Histograms {
		if shortened(h.Scope) == "api.tokens_per_request" {
			counters["in histograms"] += int64(h.Sum)
		}
	}
	assert.Equal(t, u.TotalTokens, counters["in histograms"])
	for _, g := range snap.Gauges {
		assert.Zero(t, g.Last, "%s at the end", g.Scope)
	}
}

// shortened is a metric of the provider without the stage that asked.
func shortened(scope string) string {
	return strings.NewReplacer("pipeline.call.batch.", "", "pipeline.aggregate.batch.", "", "pipeline.compare.batch.", "").Replace(scope)
}

// agree checks that the envelope says the same as telemetry.jsonl.
func agree(t *testing.T, r ran) {
	t.Helper()
	counters, durations := make(map[string]float64), make(map[string]float64)
	for _, e := range testkit.JSONFile(t, r.telemetry) {
		switch name := e["scope"].(string); e["metric_type"] {
		case "timing":
			durations[name] += e["duration_s"].(float64)
		case "counter":
			counters[shortened(name)] += e["value"].(float64)
		}
	}
	u := r.env.Usage
	assert.EqualValues(t, u.Requests, counters["api.requests"])
	assert.EqualValues(t, u.Retries, counters["api.retries"])
	assert.EqualValues(t, u.PromptTokens, counters["api.tokens.prompt"])
	assert.EqualValues(t, u.CachedTokens, counters["api.tokens.cached"])
	assert.EqualValues(t, u.OutputTokens, counters["api.tokens.output"])
	assert.EqualValues(t, u.ThoughtTokens, counters["api.tokens.thoughts"])
	assert.EqualValues(t, u.TotalTokens, counters["api.tokens.total"])
	if c := r.env.Metrics.Cache; c != nil {
		assert.EqualValues(t, c.Hits, counters["cache.hits"])
		assert.EqualValues(t, c.Misses, counters["cache.misses"])
		assert.EqualValues(t, c.Retries, counters["cache.retries"])
	}
	if f := r.env.Metrics.Fallback; f != nil {
		assert.EqualValues(t, f.Calls, counters["fallbacks"])
	}
	assert.EqualValues(t, r.env.Input.Files, counters["pipeline.read.files"])
	assert.EqualValues(t, r.env.Input.Batches, counters["pipeline.plan.batches"])
	assert.EqualValues(t, r.env.Input.EstimatedTokens, counters["pipeline.plan.estimated_tokens"])

	require.Len(t, r.env.Metrics.Durations, len(durations))
	for scope, want := range durations {
		assert.InDelta(t, want, r.env.Metrics.Durations[scope], 1e-6*math.Max(1, want), scope)
	}
}

package main

import (
	"strings"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/stretchr/testify/assert"
)

// The metrics of calls, prompts and the run add up, and say what the events say.
func TestMetricsAddUp(t *testing.T) {
	r := prompted(t, longProse, "-batch-tokens", "3000")
	m := r.env.Metrics
	var sum totals
	tokens, seconds := int64(0), 0.0
	for _, c := range m.Calls {
		sum.add(c)
		tokens += c.TotalTokens
		seconds += c.Seconds
		assert.InDelta(t, c.Seconds, c.APISeconds+c.NonAPISeconds, 1e-6)
		assert.Positive(t, c.Batch)
		assert.Positive(t, c.APISeconds)
	}
	assert.Equal(t, sum, m.Totals)
	assert.Equal(t, r.env.Usage.TotalTokens, tokens)
	for _, p := range m.Prompts {
		tokens -= p.TotalTokens
		seconds -= p.Seconds
		assert.Equal(t, 2, p.Answered)
		assert.Equal(t, 3, p.Calls)
	}
	assert.Zero(t, tokens)
	assert.InDelta(t, 0, seconds, 1e-6)
	v := m.TokenValidation
	assert.Equal(t, r.env.Usage.PromptTokens, v.Actual)
	assert.EqualValues(t, m.Totals.EstimatedTokens, v.Expected, "every call was answered")
	assert.True(t, v.InRange)
	assert.Equal(t, 4, m.Concurrency.Limit)
	assert.Positive(t, m.Concurrency.Used)

	requests := 0
	for _, e := range testkit.JSONFile(t, r.telemetry) {
		if !strings.HasSuffix(e["scope"].(string), "api.request") || e["metric_type"] != "timing" {
			continue
		}
		requests++
		for _, key := range []string{"batch", "prompts", "estimated_tokens", "actual_tokens", "api_s", "non_api_s"} {
			assert.Contains(t, e, key)
		}
		// These are rounded to microseconds. Whatever stops the program after they are known is in the duration alone.
		assert.LessOrEqual(t, e["api_s"].(float64)+e["non_api_s"].(float64), e["duration_s"].(float64)+2e-6)
	}
	assert.EqualValues(t, r.env.Usage.Requests, requests)
}

func TestConcurrencyUsed(t *testing.T) {
	r := prompted(t, prose, "-batch-tokens", "64", "-concurrency", "1")
	assert.Equal(t, concurrency{1, 1}, r.env.Metrics.Concurrency)
}

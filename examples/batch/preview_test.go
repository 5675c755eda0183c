package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRawPreview(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose})
	r := runWith(t, t.Context(), "-batch-tokens", "64", dir)
	assert.Nil(t, r.env.Metrics.RawPreview, "off unless asked for")

	check := func(r ran) {
		require.NotNil(t, r.env.Metrics.RawPreview)
		assert.Equal(t, localModel, r.env.Metrics.RawPreview.Model)
		require.Len(t, r.env.Metrics.RawPreview.Batch, 2)
		assert.Len(t, r.env.Metrics.RawPreview.Aggregate, 1, "the answer to the answers stands apart")
		line, err := os.ReadFile(r.telemetry)
		require.NoError(t, err)
		assert.Equal(t, 3, strings.Count(string(line), `"raw_preview":{`))
	}
	check(runWith(t, t.Context(), "-batch-tokens", "64", "-raw-preview", dir))
	t.Setenv("SLOGTEL_TELEMETRY_RAW_PREVIEW", "1")
	check(runWith(t, t.Context(), "-batch-tokens", "64", dir))
}

// Answers come in any order; their previews are in that of the batches, and those that
// were not understood are there as well, with what they cost.
func TestEveryAnswerIsShownAndCounted(t *testing.T) {
	dir := files(t, map[string]string{"a.md": "Sourceone " + prose, "b.md": "Sourcetwo " + prose, "c.md": "Sourcethree " + prose, "d.md": "Sourcefour " + prose})
	metadata := usageMetadata{PromptTokenCount: 10, CachedTokenCount: 4, ThoughtsTokenCount: 5, TotalTokenCount: 15}
	last := make(chan struct{})
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch text := string(body); {
		case strings.Contains(text, "Sourceone "):
			select {
			case <-last:
			case <-r.Context().Done():
			}
			good(w)
		case strings.Contains(text, "Sourcetwo "): // blocked
			respond(w, 200, generateResponse{PromptFeedback: &promptFeedback{"SAFETY"}, UsageMetadata: metadata})
		case strings.Contains(text, "Sourcethree "): // all of it thoughts
			respond(w, 200, generateResponse{Candidates: []candidate{{FinishReason: finishMaxTokens}}, UsageMetadata: metadata})
		case strings.Contains(text, "Sourcefour "): // cut off
			defer close(last)
			_, _ = io.WriteString(w, `{"candidates":[{"content":{"parts":[{"text":"half an ans`)
		}
	})
	r := runWith(t, t.Context(), "-endpoint", url, "-batch-tokens", "64", "-raw-preview", "-telemetry", "off", dir)
	assert.Equal(t, statusPartial, r.env.Status)
	require.NotNil(t, r.env.Metrics.RawPreview)
	all := r.env.Metrics.RawPreview.Batch
	require.Len(t, all, 4)
	for i, p := range all {
		assert.Equal(t, i+1, p.Batch)
	}
	assert.Equal(t, finishStop, all[0].FinishReason)
	assert.Contains(t, all[1].Safety, "SAFETY")
	assert.Equal(t, finishMaxTokens, all[2].FinishReason)
	assert.Equal(t, "half an ans", all[3].Candidate0Text)
	assert.Equal(t, usage{4, 0, 30, 8, 3, 10, 43}, r.env.Usage, "what was answered without a text was paid for")
}

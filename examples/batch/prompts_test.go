package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// longProse is more than the least that a cache takes.
var longProse = strings.Repeat(prose, 40)

// prompted runs the program over two batches with three prompts.
func prompted(t *testing.T, text string, args ...string) ran {
	t.Helper()
	t.Chdir(files(t, map[string]string{"a.md": text, "b.md": text}))
	args = append(args, "-prompt", "Who is lazy?", "-prompt", "Who is quick?", "-prompt", "Who sleeps?", "a.md", "b.md")
	return runWith(t, t.Context(), args...)
}

func texts(r ran) (all []string) {
	for _, a := range r.env.Answers {
		all = append(all, a.Question+" "+a.Text)
	}
	return all
}

// Each way to ask gives one answer a prompt, in order, and the same ones.
func TestSeveralPrompts(t *testing.T) {
	limit := []string{"-batch-tokens", "3000"}
	vectorized := prompted(t, longProse, limit...)
	require.Equal(t, exitOK, vectorized.code, vectorized.stderr)
	require.Len(t, vectorized.env.Answers, 3)
	assert.Equal(t, 2, vectorized.env.Input.Batches)
	assert.Contains(t, texts(vectorized)[0], "Who is lazy? ")
	assert.Contains(t, texts(vectorized)[2], "Who sleeps? ")
	require.Len(t, vectorized.env.Parts, 6)
	assert.Equal(t, []int{1, 1, 2, 2, 3, 3}, []int{vectorized.env.Parts[0].Prompt, vectorized.env.Parts[1].Prompt,
		vectorized.env.Parts[2].Prompt, vectorized.env.Parts[3].Prompt, vectorized.env.Parts[4].Prompt, vectorized.env.Parts[5].Prompt})
	assert.EqualValues(t, 2+3, vectorized.env.Usage.Requests, "a call a batch, and one a prompt to join the answers")
	assert.Nil(t, vectorized.env.Metrics.Cache)
	assert.Contains(t, vectorized.stdout, "1. Who is lazy?")
	agree(t, vectorized)

	cached := prompted(t, longProse, append(limit, "-one-by-one")...)
	require.Equal(t, exitOK, cached.code, cached.stderr)
	assert.Equal(t, texts(vectorized), texts(cached))
	assert.EqualValues(t, 6+3, cached.env.Usage.Requests)
	require.NotNil(t, cached.env.Metrics.Cache)
	c := *cached.env.Metrics.Cache
	assert.Positive(t, c.CreatedTokens)
	assert.Equal(t, cacheStats{6, 0, 0, 2, 0, 2, c.CreatedTokens, 3 * c.CreatedTokens, c.Seconds}, c)
	assert.Equal(t, c.CachedTokens, cached.env.Usage.CachedTokens)
	assert.Contains(t, cached.stdout, "cache: hits 6, misses 0; created 2, refused 0, deleted 2")
	agree(t, cached)

	plain := prompted(t, longProse, append(limit, "-one-by-one", "-cache=false")...)
	assert.Equal(t, texts(vectorized), texts(plain))
	assert.Nil(t, plain.env.Metrics.Cache)
	assert.Zero(t, plain.env.Usage.CachedTokens)
	assert.Zero(t, plain.env.Metrics.Savings.Tokens)
	assert.Equal(t, plain.env.Usage.PromptTokens, cached.env.Usage.PromptTokens, "those of the cache are part of the prompt")
}

// What is saved is estimated without -compare, and measured with it.
func TestSavings(t *testing.T) {
	for name, args := range map[string][]string{
		"vectorized": {"-batch-tokens", "3000"},
		"cached":     {"-batch-tokens", "3000", "-one-by-one"},
	} {
		t.Run(name, func(t *testing.T) {
			estimated := prompted(t, longProse, args...)
			measured := prompted(t, longProse, append(args, "-compare")...)
			agree(t, measured)
			e, m := estimated.env.Metrics.Savings, measured.env.Metrics.Savings
			assert.Equal(t, "estimated", e.Method)
			assert.Equal(t, "measured", m.Method)
			assert.Equal(t, e.Calls, m.Calls)
			assert.InEpsilon(t, m.Tokens, e.Tokens, 0.1)
			assert.Equal(t, texts(estimated), texts(measured))
			assert.Equal(t, estimated.env.Usage.Requests+6, measured.env.Usage.Requests)
		})
	}
}

// Vectorized answers that do not hold one string a prompt are asked for one by one, and
// are paid for, previewed and no failure.
func TestVectorizedAnswerOfNoUse(t *testing.T) {
	for name, first := range map[string]string{
		"no JSON": "I would rather not.", "too few": `["one","two"]`, "too many": `["1","2","3","4"]`,
		"no strings": `[1,2,3]`, "an object": `{"a":1}`, "a blank": `["one"," ","three"]`, "cut off": `["one","two","thr`, "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			url := server(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, cachesPrefix) {
					w.WriteHeader(501)
				} else if requests.Add(1) > 1 {
					good(w)
				} else {
					respond(w, 200, generateResponse{
						Candidates:    []candidate{{Content: content{Parts: []part{{Text: first}}}, FinishReason: finishMaxTokens}},
						UsageMetadata: usageMetadata{PromptTokenCount: 10, TotalTokenCount: 10},
					})
				}
			})
			r := prompted(t, prose, "-endpoint", url, "-raw-preview")
			assert.Equal(t, exitOK, r.code, r.stderr)
			assert.Empty(t, r.env.Failures)
			require.Len(t, r.env.Answers, 3)
			assert.Equal(t, "An answer.", r.env.Answers[2].Text)
			assert.EqualValues(t, 4, r.env.Usage.Requests)
			assert.Len(t, r.env.Metrics.RawPreview.Batch, 4)
			assert.Equal(t, []int{1, 2, 3}, r.env.Metrics.RawPreview.Batch[0].Prompts)
			assert.EqualValues(t, -1, r.env.Metrics.Savings.Calls)
			assert.Contains(t, r.stderr, "asking one by one")
			agree(t, r)
		})
	}
}

// A fence around the array, or words, do no harm.
func TestVectorizedAnswerInProse(t *testing.T) {
	for _, text := range []string{"```json\n[\"1\",\"2\",\"3\"]\n```", `Here you are: ["1","2","3"]`} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			respond(w, 200, generateResponse{Candidates: []candidate{{Content: content{Parts: []part{{Text: text}}}}}})
		})
		r := prompted(t, prose, "-endpoint", url)
		assert.Equal(t, exitOK, r.code, r.stderr)
		assert.Equal(t, "3", r.env.Answers[2].Text)
		require.NotNil(t, r.env.Answers[2].Extraction)
		assert.Less(t, r.env.Answers[2].Extraction.Confidence, 1.0)
		assert.Nil(t, r.env.Answers[2].JSON, "no JSON was asked for")
	}
}

func TestJSONAnswers(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose})
	for _, args := range [][]string{{}, {"-prompt", "a", "-prompt", "b"}} {
		r := runWith(t, t.Context(), append(args, "-json", "-batch-tokens", "64", dir)...)
		assert.Equal(t, exitOK, r.code, r.stderr)
		for _, a := range r.env.Answers {
			assert.Equal(t, &extraction{foundWhole, 1}, a.Extraction)
			assert.True(t, json.Valid(a.JSON))
		}
	}

	url := server(t, func(w http.ResponseWriter, _ *http.Request) { good(w) })
	r := runWith(t, t.Context(), "-json", "-endpoint", url, dir)
	assert.Equal(t, statusError, r.env.Status)
	require.Len(t, r.env.Failures, 1)
	assert.Equal(t, "the answer holds no JSON", r.env.Failures[0].Error)
}

// One prompt that the provider does not answer costs the others nothing.
func TestOnePromptFails(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "Who is quick?") {
			respond(w, 200, generateResponse{PromptFeedback: &promptFeedback{"SAFETY"}, UsageMetadata: usageMetadata{PromptTokenCount: 5, TotalTokenCount: 5}})
			return
		}
		good(w)
	})
	for _, args := range [][]string{{}, {"-one-by-one", "-cache=false"}} {
		r := prompted(t, prose, append(args, "-endpoint", url)...)
		assert.Equal(t, exitFailed, r.code)
		assert.Equal(t, statusPartial, r.env.Status)
		require.Len(t, r.env.Answers, 3)
		assert.Equal(t, []bool{true, false, true}, []bool{r.env.Answers[0].Answered, r.env.Answers[1].Answered, r.env.Answers[2].Answered})
		require.Len(t, r.env.Failures, 1)
		assert.Equal(t, []int{2}, r.env.Failures[0].Prompts)
		assert.Equal(t, promptMetrics{2, r.env.Metrics.Prompts[1].Calls, 0, 1, r.env.Metrics.Prompts[1].Seconds, r.env.Metrics.Prompts[1].TotalTokens}, r.env.Metrics.Prompts[1])
		assert.Contains(t, r.stdout, "(no answer)")
		agree(t, r)
	}
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// Sources that are too few for a cache are sent along.
func TestCacheRefused(t *testing.T) {
	r := prompted(t, prose, "-batch-tokens", "64", "-one-by-one")
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, cacheStats{Misses: 6, Refused: 2, Seconds: r.env.Metrics.Cache.Seconds}, *r.env.Metrics.Cache)
	assert.Contains(t, r.stderr, "Cached content is too small")
	assert.Empty(t, r.env.Failures)
}

// A cache that ends while it is in use: its calls ask again without it.
func TestCacheExpires(t *testing.T) {
	r := prompted(t, longProse, "-batch-tokens", "3000", "-one-by-one", "-cache-ttl", "1ns", "-concurrency", "1")
	assert.Equal(t, exitOK, r.code, r.stderr)
	c := r.env.Metrics.Cache
	assert.EqualValues(t, []int64{0, 6, 2, 2, 0, 0}, []int64{c.Hits, c.Misses, c.Retries, c.Created, c.Refused, c.Deleted})
	assert.EqualValues(t, 6+2+3, r.env.Usage.Requests)
	assert.Zero(t, r.env.Usage.Retries, "no wait was needed")
	assert.Equal(t, "miss", r.env.Metrics.Calls[0].Cache)
	agree(t, r)
}

// Vectorized answers that do not hold one string a prompt are asked for one by one, and
// are paid for, previewed and no failure.
func TestVectorizedAnswerOfNoUse(t *testing.T) {
	for name, first := range map[string]string{
		"no JSON": "I would rather not.", "too few": `["one","two"]`, "too many": `["1","2","3","4"]`,
		"no strings": `[1,2,3]`, "an object": `{"a":1}`, "cut off": `["one","two","thr`, "nothing": "",
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

func TestFallback(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	r := runWith(t, t.Context(), "-model", "no-such-model", "-fallback-model", "gemini-x", dir)
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, &fallbackMetrics{"gemini-x", 1, 1}, r.env.Metrics.Fallback)
	assert.EqualValues(t, 2, r.env.Usage.Requests)
	assert.Zero(t, r.env.Usage.Retries)
	assert.True(t, r.env.Metrics.Calls[0].Fallback)
	assert.Contains(t, r.stdout, "fallback gemini-x: calls 1, answered 1")
	agree(t, r)

	for name, test := range map[string]struct {
		serve    func(w http.ResponseWriter)
		requests int64 // 2: the fallback was asked
	}{
		"busy":   {func(w http.ResponseWriter) { w.WriteHeader(429) }, 2},
		"broken": {func(w http.ResponseWriter) { w.WriteHeader(500) }, 2},
		"blocked": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}`)
		}, 2},
		"wrong key":    {func(w http.ResponseWriter) { w.WriteHeader(403) }, 1},
		"wrong in all": {func(w http.ResponseWriter) { w.WriteHeader(400) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			url := server(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "second") {
					good(w)
				} else {
					test.serve(w)
				}
			})
			r := runWith(t, t.Context(), "-endpoint", url, "-retries", "0", "-fallback-model", "second", "-raw-preview", dir)
			assert.Equal(t, test.requests, r.env.Usage.Requests)
			assert.EqualValues(t, test.requests-1, r.env.Metrics.Fallback.Answered)
			if name == "blocked" {
				assert.EqualValues(t, 7+13, r.env.Usage.TotalTokens, "the first answer was paid for")
				assert.Len(t, r.env.Metrics.RawPreview.Batch, 2)
			}
			agree(t, r)
		})
	}
	r = runWith(t, t.Context(), "-endpoint", closedEndpoint(t), "-fallback-model", "second", dir)
	assert.Zero(t, r.env.Metrics.Fallback.Calls, "a server that is not there has no other model")
}

// The metrics of calls, prompts and the run add up, and say what the events say.
func TestMetricsAddUp(t *testing.T) {
	r := prompted(t, longProse, "-batch-tokens", "3000")
	m := r.env.Metrics
	var sum totals
	tokens, seconds := int64(0), 0.0
	for _, c := range m.Calls {
		sum.add(c)
		tokens += c.TotalTokens
		seconds += c.DurationS
		assert.InDelta(t, c.DurationS, c.APIS+c.NonAPIS, 1e-6)
		assert.Positive(t, c.Batch)
		assert.Positive(t, c.APIS)
	}
	assert.Equal(t, sum, m.Totals)
	assert.Equal(t, r.env.Usage.TotalTokens, tokens)
	for _, p := range m.Prompts {
		tokens -= p.TotalTokens
		seconds -= p.DurationS
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
	for _, e := range events(t, r) {
		if !strings.HasSuffix(e["scope"].(string), "api.request") || e["metric_type"] != "timing" {
			continue
		}
		requests++
		for _, key := range []string{"batch", "prompts", "estimated_tokens", "tokens", "api_s", "non_api_s"} {
			assert.Contains(t, e, key)
		}
		assert.InDelta(t, e["duration_s"], e["api_s"].(float64)+e["non_api_s"].(float64), 0.5)
	}
	assert.EqualValues(t, r.env.Usage.Requests, requests)
}

func TestConcurrencyUsed(t *testing.T) {
	r := prompted(t, prose, "-batch-tokens", "64", "-concurrency", "1")
	assert.Equal(t, concurrency{1, 1}, r.env.Metrics.Concurrency)
}

// An expired cache is refused as one that never was.
func TestLocalCacheLives(t *testing.T) {
	var l localCaches
	now := time.Now()
	require.True(t, l.add("cachedContents/a", cacheEntry{model: "models/m", expires: now.Add(time.Hour)}, now))
	require.True(t, l.add("cachedContents/b", cacheEntry{expires: now.Add(time.Second)}, now))
	require.True(t, l.add("cachedContents/c", cacheEntry{expires: now.Add(time.Hour)}, now.Add(time.Minute)))
	assert.Len(t, l.entries, 2, "what has expired is dropped")
}

// A cache costs as long as it lives: it is deleted also when the run is interrupted.
func TestInterruptDeletesTheCache(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var deleted atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.Method == http.MethodDelete:
			deleted.Add(1)
		case r.URL.Path == cachesPath:
			respond(w, 200, cachedContent{Name: "cachedContents/1"})
		default:
			cancel()
			<-r.Context().Done()
		}
	})
	t.Chdir(files(t, map[string]string{"a.md": prose}))
	r := runWith(t, ctx, "-endpoint", url, "-one-by-one", "-prompt", "a", "-prompt", "b", "a.md")
	assert.True(t, r.env.Interrupted)
	assert.Equal(t, statusError, r.env.Status)
	assert.EqualValues(t, 1, deleted.Load())
	assert.EqualValues(t, 1, r.env.Metrics.Cache.Deleted)
}

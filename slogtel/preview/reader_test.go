package preview

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// One meaning of the counts for all providers: input with what was cached, output with
// the thoughts. The sums are those that the providers document.
func TestTokens(t *testing.T) {
	for body, want := range map[string]Tokens{
		`{"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":10}}}`: {Input: 9, Output: 12, Cached: 4, Reasoning: 10},
		// https://docs.x.ai/docs/guides/reasoning: reasoning is not in completion_tokens
		`{"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":235,"completion_tokens_details":{"reasoning_tokens":194}}}`:                                             {Input: 32, Output: 203, Reasoning: 194},
		`{"usageMetadata":{"promptTokenCount":31,"candidatesTokenCount":9,"thoughtsTokenCount":50,"toolUsePromptTokenCount":5,"cachedContentTokenCount":16,"totalTokenCount":95}}`: {Input: 36, Output: 59, Cached: 16, Reasoning: 50},
		`{"type":"message","usage":{"input_tokens":50,"cache_read_input_tokens":1000,"cache_creation_input_tokens":200,"output_tokens":5}}`:                                        {Input: 1250, Output: 5, Cached: 1000, CacheWritten: 200},
		`{"usage":{"inputTokens":50,"outputTokens":5,"totalTokens":155,"cacheReadInputTokens":100,"cacheWriteInputTokens":0}}`:                                                     {Input: 150, Output: 5, Cached: 100},
		`{"usage":{"prompt_tokens":1050,"completion_tokens":5,"cache_read_input_tokens":1000}}`:                                                                                    {Input: 1050, Output: 5, Cached: 1000}, // a proxy
		`{"usage":{"prompt_tokens":16,"completion_tokens":30,"prompt_cache_hit_tokens":12,"prompt_cache_miss_tokens":4}}`:                                                          {Input: 16, Output: 30, Cached: 12},
		`{"usage":{"billed_units":{"input_tokens":5,"output_tokens":418},"tokens":{"input_tokens":71.0,"output_tokens":418}}}`:                                                     {Input: 5, Output: 418},
		`{"model":"llama3.2","prompt_eval_count":26,"eval_count":3,"done":true}`:                                                                                                   {Input: 26, Output: 3},
		`{"usage":{"prompt_tokens":-9,"completion_tokens":1e300,"total_tokens":"many"}}`:                                                                                           {Output: 1 << 53},
		`{"usage":{"prompt_tokens":null}}`: {},
	} {
		r := NewReader(nil)
		_, ok := r.Add([]byte(body))
		assert.True(t, ok)
		assert.Equal(t, want, r.Facts().Tokens, body)
	}
}

// Chunk by chunk a Reader comes to the preview of the whole.
func TestReaderIsOf(t *testing.T) {
	show := New(&Options{Mode: On})
	for _, f := range fixtures(t) {
		if f.want.Repr != "" || strings.Contains(f.name, "batch") || strings.Contains(f.name, "cut_off") || strings.Contains(f.name, "lines") {
			continue
		}
		seq := stream(f.body)
		if seq == nil {
			continue
		}
		r := NewReader(show)
		for v := range seq {
			_, ok := r.Add([]byte(v.js))
			assert.True(t, ok)
		}
		assert.Equal(t, show.Of(f.body), r.Attr().Value.Group()[attrOf(r, "batch")].Value.Any().([]Preview)[0], f.name)
	}
}

func attrOf(r *Reader, key string) int {
	for i, a := range r.Attr().Value.Group() {
		if a.Key == key {
			return i
		}
	}
	return -1
}

func TestFacts(t *testing.T) {
	r := NewReader(nil)
	answers, ok := r.Add([]byte(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"IMAGE_SAFETY"}]}`))
	assert.True(t, answers && ok)
	assert.Equal(t, Facts{Finish: "IMAGE_SAFETY", Ended: true, Blocked: "IMAGE_SAFETY", Tools: []string{"f"}}, r.Facts())
	assert.Equal(t, slog.Attr{}, r.Attr(), "off")

	r = NewReader(New(&Options{Mode: On}))
	answers, ok = r.Add([]byte(`{"error":{"type":"invalid","message":"key sk-ant-api03-` + strings.Repeat("a1B2", 20) + `"}}`))
	assert.True(t, !answers && ok)
	assert.Equal(t, "invalid", r.Facts().ErrorType)
	assert.NotContains(t, r.Facts().Error, "a1B2a1B2")
	assert.Contains(t, r.Attr().String(), "error: invalid")

	answers, ok = r.Add([]byte(`{"choices":[{"message":{"content":"Hel`))
	assert.True(t, answers && !ok, "what was cut off is read as far as it goes")
	answers, ok = NewReader(nil).Add([]byte(`oops`))
	assert.False(t, answers || ok)
}

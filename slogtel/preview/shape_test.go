package preview

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixtures are responses in the shapes that the providers document, with their previews.
var fixtures = map[string]Preview{
	"gemini.json": {
		Model:          "gemini-2.5-flash",
		Candidate0Text: "The Danube, the Volga and the Rhine.",
		Usage: map[string]any{
			"promptTokenCount": int64(31), "candidatesTokenCount": int64(12), "totalTokenCount": int64(143),
			"thoughtsTokenCount": int64(100), "cachedContentTokenCount": int64(8), "trafficType": "ON_DEMAND",
		},
		FinishReason: "STOP",
		Safety:       "HARM_CATEGORY_HARASSMENT=NEGLIGIBLE, HARM_CATEGORY_DANGEROUS_CONTENT=LOW",
	},
	"gemini_blocked.json": {
		Model:  "gemini-2.5-flash",
		Usage:  map[string]any{"promptTokenCount": int64(9), "totalTokenCount": int64(9)},
		Safety: "prompt blocked: SAFETY, HARM_CATEGORY_DANGEROUS_CONTENT=HIGH(blocked)",
	},
	"gemini_stream.json": {
		Model:          "gemini-2.5-flash",
		Candidate0Text: "The Danube and the Rhine.",
		Usage:          map[string]any{"promptTokenCount": int64(31), "candidatesTokenCount": int64(9), "totalTokenCount": int64(40)},
		FinishReason:   "STOP",
	},
	"gemini_batch_line.json": {
		Model:          "gemini-2.5-flash-lite",
		Candidate0Text: "Paris.",
		Usage:          map[string]any{"promptTokenCount": int64(5), "candidatesTokenCount": int64(2), "totalTokenCount": int64(7)},
		FinishReason:   "STOP",
	},
	"openai_chat.json": {
		Model:          "gpt-4.1-2025-04-14",
		Candidate0Text: "Hello! How can I assist you today?",
		Usage:          map[string]any{"prompt_tokens": int64(19), "completion_tokens": int64(10), "total_tokens": int64(29)},
		FinishReason:   "stop",
	},
	"openai_refusal.json": {
		Model:        "gpt-4.1-2025-04-14",
		Usage:        map[string]any{"prompt_tokens": int64(19), "completion_tokens": int64(10), "total_tokens": int64(29)},
		FinishReason: "stop",
		Safety:       "hate=safe, violence=medium(filtered), refusal: I can't help with that.",
	},
	"openai_responses.json": {
		Model:        "gpt-5-2025-08-07",
		Text:         "In a peaceful grove lived a unicorn.",
		Usage:        map[string]any{"input_tokens": int64(36), "output_tokens": int64(87), "total_tokens": int64(123)},
		FinishReason: "completed",
	},
	"openai_responses_incomplete.json": {
		Model:        "gpt-5-2025-08-07",
		Text:         "In a peaceful",
		Usage:        map[string]any{"input_tokens": int64(36), "output_tokens": int64(3), "total_tokens": int64(39)},
		FinishReason: "max_output_tokens",
	},
	"openai_batch_line.json": {
		Model:          "gpt-4.1-mini",
		Candidate0Text: "Paris.",
		Usage:          map[string]any{"prompt_tokens": int64(22), "completion_tokens": int64(2), "total_tokens": int64(24)},
		FinishReason:   "stop",
	},
	"anthropic.json": {
		Model: "claude-sonnet-4-5",
		Text:  "Hi! My name is Claude.",
		Usage: map[string]any{
			"input_tokens": int64(2095), "output_tokens": int64(503), "cache_creation_input_tokens": int64(2051),
			"cache_read_input_tokens": int64(2048), "service_tier": "standard",
		},
		FinishReason: "end_turn",
	},
	"anthropic_batch_line.json": {
		Model:        "claude-sonnet-4-5",
		Text:         "Hello again!",
		Usage:        map[string]any{"input_tokens": int64(11), "output_tokens": int64(36)},
		FinishReason: "end_turn",
	},
	"ollama_chat.json": {
		Model:        "llama3.2",
		Text:         "Hello! How are you today?",
		Usage:        map[string]any{"prompt_eval_count": int64(11), "eval_count": int64(18)},
		FinishReason: "stop",
	},
	"ollama_generate.json": {
		Model:        "llama3.2",
		Text:         "The sky is blue because it is the color of the sky.",
		Usage:        map[string]any{"prompt_eval_count": int64(26), "eval_count": int64(259)},
		FinishReason: "stop",
	},
	"bedrock_converse.json": {
		Text:         "Here is a playlist.",
		Usage:        map[string]any{"inputTokens": int64(125), "outputTokens": int64(60), "totalTokens": int64(185)},
		FinishReason: "end_turn",
	},
}

// Each fixture gives the same preview however it comes: as bytes, as a string, as decoded Go values with
// floats or with json.Number, behind pointers.
func TestProviderShapes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	assert.Len(t, files, len(fixtures), "every fixture has its preview")
	for name, want := range fixtures {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)
			before := string(raw)

			var decoded, numbers any
			require.NoError(t, json.Unmarshal(raw, &decoded))
			d := json.NewDecoder(bytesReader(raw))
			d.UseNumber()
			require.NoError(t, d.Decode(&numbers))
			message := json.RawMessage(raw)
			text := string(raw)

			for form, v := range map[string]any{
				"bytes": raw, "raw message": message, "pointer to raw message": &message, "string": text, "pointer to string": &text,
				"decoded": decoded, "pointer to decoded": &decoded, "numbers": numbers,
				"with a byte order mark": "\ufeff" + text,
			} {
				assert.Equal(t, want, normal(Of(v, 0)), form)
			}
			assert.Equal(t, before, string(raw), "the input is as it was")
		})
	}
}

// normal makes whole floats, which encoding/json decodes all numbers to, integers.
func normal(p Preview) Preview {
	for k, v := range p.Usage {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			p.Usage[k] = int64(f)
		}
	}
	return p
}

// The shapes of the Go SDKs: pointers, enums with a String method, fields without tags, embedded structs.
type (
	finishReason int32
	sdkPart      struct {
		Text    string `json:"text,omitempty"`
		Thought bool   `json:"thought,omitempty"`
	}
	textPart   string
	sdkContent struct {
		Parts []any
		Role  string
	}
	sdkCandidate struct {
		Content      *sdkContent
		FinishReason finishReason
		hidden       string
	}
	sdkUsage struct {
		PromptTokenCount int32 `json:"promptTokenCount,omitempty"`
		TotalTokenCount  *int32
		Cached           int32   `json:"cachedContentTokenCount,omitempty"`
		Details          []int32 `json:"details"`
		Internal         int     `json:"-"`
	}
	sdkBase struct {
		ModelVersion string `json:"modelVersion"`
	}
	sdkResponse struct {
		*sdkBase
		Candidates    []*sdkCandidate
		UsageMetadata *sdkUsage `json:"usageMetadata"`
	}
)

func (f finishReason) String() string { return "FinishReasonStop" }

func TestSDKStructs(t *testing.T) {
	total := int32(9)
	r := &sdkResponse{
		sdkBase: &sdkBase{"gemini-x"},
		Candidates: []*sdkCandidate{{
			Content:      &sdkContent{Parts: []any{&sdkPart{Text: "thinking", Thought: true}, &sdkPart{Text: "Hello "}, textPart("world")}},
			FinishReason: 1, hidden: "no",
		}, nil},
		UsageMetadata: &sdkUsage{PromptTokenCount: 4, TotalTokenCount: &total, Details: []int32{1}, Internal: 5},
	}
	want := Preview{
		Model: "gemini-x", Candidate0Text: "Hello world", FinishReason: "FinishReasonStop",
		Usage: map[string]any{"promptTokenCount": int64(4), "TotalTokenCount": int64(9)},
	}
	assert.Equal(t, want, Of(r, 0))
	assert.Equal(t, want, Of(*r, 0))
	assert.Equal(t, want, Of(&r, 0))
	assert.Equal(t, want, Of([]*sdkResponse{r}, 0))

	r.sdkBase = nil
	want.Model = ""
	assert.Equal(t, want, Of(r, 0), "a nil pointer to an embedded struct")
}

func TestGenericNames(t *testing.T) {
	type result struct {
		ModelName    string
		Text         string
		TokenUsage   map[string]int
		FinishReason *string
	}
	reason := "length"
	want := Preview{Model: "m", Text: "t", Usage: map[string]any{"InputTokens": int64(1)}, FinishReason: "length"}
	for form, raw := range map[string]any{
		"struct":      result{"m", "t", map[string]int{"InputTokens": 1}, &reason},
		"snake_case":  map[string]any{"model_name": "m", "text": "t", "token_usage": map[string]any{"InputTokens": 1}, "finish_reason": "length"},
		"camelCase":   map[string]any{"modelName": "m", "outputText": "t", "usage": map[string]any{"InputTokens": 1}, "stopReason": "length"},
		"string keys": map[textPart]any{"model": "m", "output": "t", "usage": map[any]any{"InputTokens": uint8(1)}, "finishReason": "length"},
	} {
		assert.Equal(t, want, Of(raw, 0), form)
	}
}

func TestOddShapes(t *testing.T) {
	for raw, want := range map[string]Preview{
		`{"candidates":[]}`:                                                {Repr: `{"candidates":[]}`},
		`{"candidates":["first","second"]}`:                                {Candidate0Text: "first"},
		`{"choices":[{"text":"legacy","finish_reason":"length"}]}`:         {Candidate0Text: "legacy", FinishReason: "length"},
		`{"choices":[{"delta":{"content":"chunk"}}]}`:                      {Candidate0Text: "chunk"},
		`{"choices":{"message":{"content":[{"type":"text","text":"x"}]}}}`: {Candidate0Text: "x"},
		`{"predictions":[{"content":"p"}]}`:                                {Candidate0Text: "p"},
		`[{"generated_text":"g"}]`:                                         {Text: "g"},
		`{"output_text":"a","output":[]}`:                                  {Text: "a"},
		`{"completion":"c","stop_reason":"stop_sequence","model":"m"}`:     {Text: "c", FinishReason: "stop_sequence", Model: "m"},
		`{"model":"m","modelVersion":"v"}`:                                 {Model: "m"},
		`{"model":7,"text":null,"usage":[],"finish_reason":3}`:             {FinishReason: "3"},
		`{"text":["a","b"]}`:                                               {Text: "ab"},
		`{"text":{"value":"v"}}`:                                           {Text: "v"},
		`{"status":200,"body":"{\"text\":\"inner\"}"}`:                     {Text: "inner"},
		`{"safety":"blocked"}`:                                             {Safety: "blocked"},
		`{"safety":{"hate":0.1,"violence":true}}`:                          {Safety: "hate=0.1, violence=true"},
		`{"safety":["a","b"]}`:                                             {Safety: "a, b"},
		`{"usage":{"a":1}}`:                                                {Usage: map[string]any{"a": int64(1)}},
		`{"usage":{}}`:                                                     {Repr: `{"usage":{}}`},
		`{"error":{"code":400,"message":"bad","token":"abc"}}`:             {Repr: `{"error":{"code":400,"message":"bad","token":"[REDACTED]"}}`},
		`[]`:                             {Repr: "[]"},
		`{}`:                             {Repr: "{}"},
		`[1,"two",null,true,{"a":[[]]}]`: {Repr: `[1,"two",null,true,{"a":[[]]}]`},
		`{"a":1`:                         {Text: `{"a":1`},
		`{"a":1} trailing`:               {Text: `{"a":1} trailing`},
		"null":                           {Text: "null"},
		"":                               {},
		"just text":                      {Text: "just text"},
	} {
		assert.Equal(t, want, Of(raw, 0), raw)
	}
	assert.Equal(t, Preview{Repr: `{"x":{"y":[1]}}`}, Of(obj{"x": ` {"y":[1]}`}, 0), "JSON in a text")
	assert.Equal(t, Preview{}, Of([]byte("null"), 0))
	assert.Equal(t, Preview{Text: "hi"}, Of([]byte(`"hi"`), 0))
	assert.Equal(t, Preview{Repr: "12"}, Of([]byte(`12`), 0))
}

func TestUsage(t *testing.T) {
	usage := map[string]any{
		"zeta": 1, "alpha": 2, "beta": 3, "gamma": 4, "delta": 5, "epsilon": 6, "total_tokens": 7, "prompt_tokens": 8,
		"completion_tokens": 9, "nested": map[string]any{"a": 1}, "list": []int{1}, "nothing": nil, "fn": func() {},
		"nan": nan, "inf": -inf, "number": json.Number("NaN"),
	}
	assert.Equal(t, map[string]any{
		"prompt_tokens": int64(8), "completion_tokens": int64(9), "total_tokens": int64(7),
		"alpha": int64(2), "beta": int64(3), "delta": int64(5), "epsilon": int64(6), "gamma": int64(4),
	}, Of(map[string]any{"usage": usage}, 0).Usage)

	assert.Equal(t, map[string]any{
		"b": true, "f": 1.5, "big": uint64(1 << 63), "s": "12", "n": int64(3), "e": 1e20, "token": "[REDACTED]",
	}, Of(map[string]any{"usage": map[string]any{
		"b": true, "f": float32(1.5), "big": uint64(1 << 63), "s": "12", "n": json.Number("3"), "e": json.RawMessage("1e20"), "token": "abc",
	}}, 0).Usage)

	assert.Equal(t, map[string]any{"a": "[REDACTED]", "b": "[REDACTED]", "c": int64(4242)},
		Of(`{"usage":{"a":4242`+`424242424242,"b":"4242 `+`4242 4242 4242","c":4242}}`, 0).Usage, "a card number")
	assert.Empty(t, Of(`{"usage":{"a":1e999,"b":1-2,"c":-}}`, 0).Usage)
}

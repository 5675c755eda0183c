package preview

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixture is a documented response and its preview.
type fixture struct {
	name, body string
	want       Preview
}

func fixtures(t testing.TB) (all []fixture) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, section := range strings.Split("\n"+strings.ReplaceAll(string(b), "\r\n", "\n"), "\n=== ")[1:] {
			head, rest, _ := strings.Cut(section, "\n")
			name, source, _ := strings.Cut(head, " ")
			require.Contains(t, source, "https://", name)
			body, want, ok := strings.Cut(rest, "\n--- preview\n")
			require.True(t, ok, name)
			f := fixture{name: name, body: body}
			require.NoError(t, json.Unmarshal([]byte(want), &f.want), name)
			all = append(all, f)
		}
	}
	require.NotEmpty(t, all)
	return all
}

// Each fixture gives the same preview however it comes: as bytes, as a string, as decoded Go values with
// floats or with json.Number, behind pointers, in an envelope.
func TestProviderShapes(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			raw := []byte(f.body)
			message := json.RawMessage(raw)
			forms := map[string]any{
				"bytes": raw, "raw message": message, "pointer to raw message": &message, "string": f.body, "pointer to string": &f.body,
				"with a byte order mark": "\ufeff" + f.body, "with CRLF": strings.ReplaceAll(f.body, "\n", "\r\n"),
			}
			if json.Valid(raw) {
				var decoded, numbers any
				require.NoError(t, json.Unmarshal(raw, &decoded))
				d := json.NewDecoder(bytesReader(raw))
				d.UseNumber()
				require.NoError(t, d.Decode(&numbers))
				forms["decoded"], forms["pointer to decoded"], forms["numbers"] = decoded, &decoded, numbers
			}
			if _, ok := strings.CutSuffix(f.name, "cut_off"); !ok && f.want.Repr == "" && !strings.Contains(f.name, "envelope") {
				forms["in an envelope"] = obj{"body": f.body}
				forms["in an envelope of bytes"] = obj{"response": obj{"body": raw}}
			}
			for form, v := range forms {
				got := normal(Of(v, 0))
				if f.want.Repr != "" { // of a map the members are sorted
					assert.JSONEq(t, f.want.Repr, got.Repr, form)
					got.Repr = f.want.Repr
				}
				assert.Equal(t, normal(f.want), got, form)
			}
			assert.Equal(t, f.body, string(raw), "the input is as it was")
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
		`{"text":"half a wo`:             {Text: "half a wo"},
		`{"model":"m","usage":{"total_tokens":7},"choices":[{"message":{"content":"half`: {Model: "m", Candidate0Text: "half", Usage: map[string]any{"total_tokens": int64(7)}},
		"{\"a\":1}\n{\"b\":2}":                  {Text: "{\"a\":1}\n{\"b\":2}"},
		`{"text":"a"}{"text":"b"}`:              {Text: "ab"},
		"data: 1\n\ndata: 2":                    {Text: "data: 1\n\ndata: 2"},
		"data: {\ndata: \"text\":\"a\"}\n\n:\n": {Text: "a"},
		"id: number one\nno event":              {Text: "id: number one\nno event"},
		`{"a":1} trailing`:                      {Text: `{"a":1} trailing`},
		"null":                                  {Text: "null"},
		"":                                      {},
		"just text":                             {Text: "just text"},
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

// Package preview tests previews with the types of the providers' own Go libraries, as an
// app has them after a call: values that these libraries decoded from documented bodies.
package preview

import (
	"encoding/json"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/slogtel/telemetry/slogtel/preview"
)

var previews = preview.New(&preview.Options{Mode: preview.On})

// decoded is what a library makes of a body.
func decoded[T any](t *testing.T, body string) *T {
	t.Helper()
	v := new(T)
	require.NoError(t, json.Unmarshal([]byte(body), v))
	return v
}

func decodedAll[T any](t *testing.T, bodies ...string) (all []T) {
	t.Helper()
	for _, b := range bodies {
		all = append(all, *decoded[T](t, b))
	}
	return all
}

// some are the entries of a preview's usage that a test is about: structs have all counts.
func some(p preview.Preview, names ...string) map[string]any {
	m := map[string]any{}
	for _, n := range names {
		m[n] = p.Usage[n]
	}
	return m
}

func TestGenAI(t *testing.T) {
	p := previews.Of(decoded[genai.GenerateContentResponse](t, `{"candidates":[{"content":{"role":"model","parts":[
		{"text":"hm","thought":true},{"text":"The Danube."},{"functionCall":{"name":"length_of","args":{"river":"Danube"}}}]},
		"finishReason":"STOP","safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"NEGLIGIBLE"}]}],
		"modelVersion":"gemini-2.5-flash","usageMetadata":{"promptTokenCount":31,"candidatesTokenCount":9,"totalTokenCount":90,"thoughtsTokenCount":50,"cachedContentTokenCount":16}}`))
	assert.Equal(t, preview.Preview{
		Model: "gemini-2.5-flash", Candidate0Text: "The Danube.", FinishReason: "STOP", Tools: []string{"length_of"},
		Safety: "HARM_CATEGORY_HARASSMENT=NEGLIGIBLE",
		Usage: map[string]any{"promptTokenCount": int64(31), "candidatesTokenCount": int64(9), "totalTokenCount": int64(90),
			"thoughtsTokenCount": int64(50), "cachedContentTokenCount": int64(16)},
	}, p)

	var chunks []*genai.GenerateContentResponse // as GenerateContentStream yields them
	for _, b := range []string{
		`{"candidates":[{"index":1,"content":{"parts":[{"text":"Rot"}]}},{"content":{"parts":[{"text":"Red"}]}}],"modelVersion":"m"}`,
		`{"candidates":[{"content":{"parts":[{"text":" green"}]},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"no such tool"}]}`,
	} {
		chunks = append(chunks, decoded[genai.GenerateContentResponse](t, b))
	}
	p = previews.Of(chunks)
	assert.Equal(t, "Red green", p.Candidate0Text)
	assert.Equal(t, "MALFORMED_FUNCTION_CALL: no such tool", p.FinishReason)

	p = previews.Of(decoded[genai.GenerateContentResponse](t, `{"promptFeedback":{"blockReason":"SAFETY"},"modelVersion":"m"}`))
	assert.Equal(t, preview.Preview{Model: "m", Safety: "prompt blocked: SAFETY"}, p)
}

func TestOpenAI(t *testing.T) {
	p := previews.Of(decoded[openai.ChatCompletion](t, `{"id":"c","object":"chat.completion","model":"gpt-4.1","choices":[{"index":0,"message":{"role":"assistant","content":"Let me see.",
		"tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
		"usage":{"prompt_tokens":82,"completion_tokens":17,"total_tokens":99,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":12}}}`))
	assert.Equal(t, "gpt-4.1", p.Model)
	assert.Equal(t, "Let me see.", p.Candidate0Text)
	assert.Equal(t, "tool_calls", p.FinishReason)
	assert.Equal(t, []string{"get_weather"}, p.Tools)
	assert.Empty(t, p.Safety)
	assert.Equal(t, map[string]any{"prompt_tokens": int64(82), "completion_tokens": int64(17), "total_tokens": int64(99),
		"cached_tokens": int64(64), "reasoning_tokens": int64(12)},
		some(p, "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"))

	p = previews.Of(decodedAll[openai.ChatCompletionChunk](t,
		`{"id":"c","model":"gpt-4o","choices":[{"index":1,"delta":{"content":"Bon"}}]}`,
		`{"id":"c","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Hel"}}]}`,
		`{"id":"c","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}`,
		`{"id":"c","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}`))
	assert.Equal(t, "Hello", p.Candidate0Text)
	assert.Equal(t, "stop", p.FinishReason)
	assert.Equal(t, map[string]any{"total_tokens": int64(11)}, some(p, "total_tokens"))
}

func TestOpenAIResponses(t *testing.T) {
	const whole = `{"id":"r","object":"response","status":"completed","model":"gpt-5","output":[{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}]},
		{"type":"function_call","name":"get_weather","arguments":"{}","call_id":"a"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],
		"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":7},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":48}}`
	check := func(p preview.Preview) {
		assert.Equal(t, "gpt-5", p.Model)
		assert.Equal(t, "Hello", p.Text)
		assert.Equal(t, "completed", p.FinishReason)
		assert.Equal(t, []string{"get_weather"}, p.Tools)
		assert.Equal(t, map[string]any{"input_tokens": int64(37), "output_tokens": int64(11), "cached_tokens": int64(7), "reasoning_tokens": int64(5)},
			some(p, "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"))
	}
	check(previews.Of(decoded[responses.Response](t, whole)))
	check(previews.Of(decodedAll[responses.ResponseStreamEventUnion](t,
		`{"type":"response.created","response":{"id":"r","status":"in_progress","model":"gpt-5","output":[]}}`,
		`{"type":"response.output_text.delta","delta":"Hel"}`, `{"type":"response.output_text.delta","delta":"lo"}`,
		`{"type":"response.output_text.done","text":"Hello"}`,
		`{"type":"response.completed","response":`+whole+`}`)))
}

func TestAnthropic(t *testing.T) {
	p := previews.Of(decoded[anthropic.Message](t, `{"id":"m","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[
		{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text","text":"I'll check."},{"type":"tool_use","id":"t","name":"get_weather","input":{}}],
		"stop_reason":"tool_use","usage":{"input_tokens":472,"output_tokens":91,"cache_read_input_tokens":200}}`))
	assert.Equal(t, "claude-sonnet-4-5", p.Model)
	assert.Equal(t, "I'll check.", p.Text)
	assert.Equal(t, "tool_use", p.FinishReason)
	assert.Equal(t, []string{"get_weather"}, p.Tools)
	assert.Equal(t, map[string]any{"input_tokens": int64(472), "output_tokens": int64(91), "cache_read_input_tokens": int64(200)},
		some(p, "input_tokens", "output_tokens", "cache_read_input_tokens"))

	p = previews.Of(decodedAll[anthropic.MessageStreamEventUnion](t,
		`{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","usage":{"input_tokens":25,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"get_weather","input":{}}}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}`,
		`{"type":"message_stop"}`))
	assert.Equal(t, "claude-sonnet-4-5", p.Model)
	assert.Equal(t, "Hello", p.Text)
	assert.Equal(t, "end_turn", p.FinishReason)
	assert.Equal(t, []string{"get_weather"}, p.Tools)
	assert.Equal(t, map[string]any{"input_tokens": int64(25), "output_tokens": int64(15)}, some(p, "input_tokens", "output_tokens"))
}

func TestBedrock(t *testing.T) {
	usage := &types.TokenUsage{InputTokens: aws.Int32(390), OutputTokens: aws.Int32(43), TotalTokens: aws.Int32(433), CacheReadInputTokens: aws.Int32(120)}
	counts := map[string]any{"InputTokens": int64(390), "OutputTokens": int64(43), "TotalTokens": int64(433), "CacheReadInputTokens": int64(120)}
	want := preview.Preview{Text: "I'll look.", FinishReason: "tool_use", Tools: []string{"top_song"}, Usage: counts}
	assert.Equal(t, want, previews.Of(&bedrockruntime.ConverseOutput{
		Output: &types.ConverseOutputMemberMessage{Value: types.Message{Role: types.ConversationRoleAssistant, Content: []types.ContentBlock{
			&types.ContentBlockMemberReasoningContent{Value: &types.ReasoningContentBlockMemberReasoningText{Value: types.ReasoningTextBlock{Text: aws.String("hm")}}},
			&types.ContentBlockMemberText{Value: "I'll look."},
			&types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{Name: aws.String("top_song"), ToolUseId: aws.String("t")}},
		}}},
		StopReason: types.StopReasonToolUse, Usage: usage, Metrics: &types.ConverseMetrics{LatencyMs: aws.Int64(9)},
	}))
	assert.Equal(t, want, previews.Of([]types.ConverseStreamOutput{
		&types.ConverseStreamOutputMemberMessageStart{Value: types.MessageStartEvent{Role: types.ConversationRoleAssistant}},
		&types.ConverseStreamOutputMemberContentBlockDelta{Value: types.ContentBlockDeltaEvent{Delta: &types.ContentBlockDeltaMemberReasoningContent{
			Value: &types.ReasoningContentBlockDeltaMemberText{Value: "hm"}}}},
		&types.ConverseStreamOutputMemberContentBlockDelta{Value: types.ContentBlockDeltaEvent{Delta: &types.ContentBlockDeltaMemberText{Value: "I'll "}}},
		&types.ConverseStreamOutputMemberContentBlockDelta{Value: types.ContentBlockDeltaEvent{Delta: &types.ContentBlockDeltaMemberText{Value: "look."}}},
		&types.ConverseStreamOutputMemberContentBlockStart{Value: types.ContentBlockStartEvent{Start: &types.ContentBlockStartMemberToolUse{
			Value: types.ToolUseBlockStart{Name: aws.String("top_song"), ToolUseId: aws.String("t")}}}},
		&types.ConverseStreamOutputMemberMessageStop{Value: types.MessageStopEvent{StopReason: types.StopReasonToolUse}},
		&types.ConverseStreamOutputMemberMetadata{Value: types.ConverseStreamMetadataEvent{Usage: usage}},
	}))
	assert.Equal(t, preview.Preview{
		Candidate0Text: "The Danube.", FinishReason: "FINISH", Usage: map[string]any{"inputTextTokenCount": int64(7), "tokenCount": int64(20)},
	}, previews.Of(&bedrockruntime.InvokeModelOutput{
		ContentType: aws.String("application/json"),
		Body:        []byte(`{"inputTextTokenCount":7,"results":[{"tokenCount":20,"outputText":"The Danube.","completionReason":"FINISH"}]}`),
	}))
	assert.Equal(t, preview.Preview{
		Text: "The Danube.", FinishReason: "stop", Usage: map[string]any{"prompt_token_count": int64(9), "generation_token_count": int64(4)},
	}, previews.Of([]types.ResponseStream{
		&types.ResponseStreamMemberChunk{Value: types.PayloadPart{Bytes: []byte(`{"generation":"The","prompt_token_count":9,"generation_token_count":1,"stop_reason":null}`)}},
		&types.ResponseStreamMemberChunk{Value: types.PayloadPart{Bytes: []byte(`{"generation":" Danube.","generation_token_count":4,"stop_reason":"stop"}`)}},
	}))
}

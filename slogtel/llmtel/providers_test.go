package llmtel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/httptel"
)

const (
	sse    = "text/event-stream"
	ndjson = "application/x-ndjson"
	gemini = "/v1beta/models/gemini-2.5-flash"
)

// What is recorded of the bodies that the providers document, at the paths where they serve them.
func TestDocumentedBodies(t *testing.T) {
	type facts map[string]any
	bodies := documented(t)
	for name, tc := range map[string]struct {
		path, kind string
		scope      string // "": llm.chat
		want       facts
	}{
		"gemini":                          {gemini + ":generateContent", "", "", facts{KeyInput: int64(31), KeyOutput: int64(112), KeyReasoning: int64(100), KeyCached: int64(8), KeyFinishReasons: []string{"STOP"}, KeyProvider: "gcp.gemini", KeyOperation: "generate_content", KeyRequestModel: "gemini-2.5-flash"}},
		"gemini_sse":                      {gemini + ":streamGenerateContent", sse, "", facts{KeyOutput: int64(59), KeyReasoning: int64(50), KeyProvider: "gcp.gemini", KeyRequestStream: true}},
		"gemini_stream":                   {gemini + ":streamGenerateContent", "", "", facts{KeyProvider: "gcp.gemini", KeyRequestStream: true}},
		"gemini_function_call":            {gemini + ":generateContent", "", "", facts{KeyTools: []string{"find_river", "length_of"}}},
		"gemini_blocked":                  {gemini + ":generateContent", "", "", facts{KeyErrorType: blocked}},
		"vertex_blocked_message":          {"/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent", "", "", facts{KeyProvider: "gcp.vertex_ai", KeyRequestModel: "gemini-2.5-pro", KeyErrorType: blocked}},
		"openai_chat":                     {"/v1/chat/completions", "", "", facts{KeyInput: int64(19), KeyOutput: int64(10), KeyResponseModel: "gpt-4.1-2025-04-14", KeyFinishReasons: []string{"stop"}, KeyProvider: "openai", KeyOperation: "chat", KeyRequestModel: "asked"}},
		"openai_chat_reasoning":           {"/v1/chat/completions", "", "", facts{KeyOutput: int64(214), KeyReasoning: int64(192), KeyCached: int64(768)}},
		"openai_chat_tools":               {"/v1/chat/completions", "", "", nil},
		"openai_chat_stream":              {"/v1/chat/completions", sse, "", facts{KeyRequestStream: true}},
		"openai_chat_stream_tools":        {"/v1/chat/completions", sse, "", facts{KeyTools: []string{"get_weather", "get_time"}}},
		"openai_refusal":                  {"/openai/deployments/d1/chat/completions", "", "", facts{KeyProvider: "azure.ai.openai", KeyRequestModel: "d1"}},
		"azure_chat_stream":               {"/openai/deployments/d1/chat/completions", sse, "", facts{KeyProvider: "azure.ai.openai", KeyErrorType: blocked}},
		"openai_responses":                {"/v1/responses", "", "", nil},
		"openai_responses_incomplete":     {"/v1/responses", "", "", facts{KeyFinishReasons: []string{"max_output_tokens"}}},
		"openai_responses_stream":         {"/v1/responses", sse, "", facts{KeyInput: int64(37), KeyOutput: int64(11), KeyCached: int64(7), KeyReasoning: int64(5), KeyTools: []string{"get_weather"}, KeyRequestStream: true}},
		"openai_responses_stream_cut_off": {"/v1/responses", sse, "", facts{KeyErrorType: cutOff}},
		"anthropic":                       {"/v1/messages", "", "", facts{KeyInput: int64(6194), KeyOutput: int64(503), KeyCached: int64(2048), KeyCacheWritten: int64(2051), KeyProvider: "anthropic"}},
		"anthropic_tools":                 {"/v1/messages", "", "", nil},
		"anthropic_stream":                {"/v1/messages", sse, "", facts{KeyInput: int64(35), KeyOutput: int64(15), KeyCached: int64(10), KeyTools: []string{"get_weather"}, KeyRequestStream: true}},
		"anthropic_stream_error":          {"/v1/messages", sse, "", facts{KeyErrorType: "overloaded_error"}},
		"bedrock_converse":                {"/model/amazon.nova-pro-v1:0/converse", "", "", facts{KeyProvider: "aws.bedrock", KeyRequestModel: "amazon.nova-pro-v1:0"}},
		"bedrock_titan":                   {"/model/amazon.titan-text-express-v1/invoke", "", "", facts{KeyInput: int64(7), KeyOutput: int64(20)}},
		"bedrock_llama":                   {"/model/meta.llama3-70b-instruct-v1:0/invoke", "", "", nil},
		"bedrock_guardrail":               {"/model/meta.llama3-70b-instruct-v1:0/invoke", "", "", facts{KeyErrorType: blocked}},
		"mistral_chat":                    {"/v1/chat/completions", "", "", nil},
		"cohere_chat":                     {"/v2/chat", "", "", facts{KeyInput: int64(5), KeyOutput: int64(418), KeyProvider: "cohere"}},
		"cohere_chat_stream":              {"/v2/chat", sse, "", facts{KeyRequestStream: true}},
		"ollama_chat":                     {"/api/chat", "", "", facts{KeyProvider: "ollama"}},
		"ollama_chat_stream":              {"/api/chat", ndjson, "", facts{KeyInput: int64(26), KeyOutput: int64(3), KeyRequestStream: true}},
		"ollama_generate_stream":          {"/api/generate", ndjson, "llm.text_completion", facts{KeyOperation: "text_completion"}},
		"deepseek_chat":                   {"/chat/completions", "", "", facts{KeyInput: int64(16), KeyCached: int64(12), KeyReasoning: int64(180), KeyOutput: int64(210)}},
	} {
		for _, piece := range []int{0, 7} {
			t.Run(fmt.Sprintf("%s/%d", name, piece), func(t *testing.T) {
				body, ok := bodies[name]
				require.True(t, ok)
				rt, url, rec := playing(t, reply{kind: tc.kind, body: body, piece: piece}, nil)
				got, err := post(t, rt, url+tc.path, `{"messages":[{"content":"hi","model":"inner"}],"model":"asked"}`)
				require.NoError(t, err)
				assert.Equal(t, body, got, "the body is as it was")
				if tc.scope == "" {
					tc.scope = "llm.chat"
				}
				timing, attrs := only(t, rec, tc.scope)
				t.Log(timing.Error, attrs)
				assert.EqualValues(t, 200, attrs[httptel.KeyStatus])
				for k, v := range tc.want {
					assert.Equal(t, v, attrs[k], k)
				}
				assert.Equal(t, tc.want[KeyErrorType], attrs[KeyErrorType], timing.Error)
				assert.Equal(t, tc.want[KeyErrorType] != nil, timing.Error != "")
			})
		}
	}
}

// Vectors are not kept, and what they cost is seen behind them.
func TestEmbeddings(t *testing.T) {
	vector := "[" + strings.Repeat("-0.0069292834,", 1535) + "0.1]"
	for name, tc := range map[string]struct {
		path, body string
		input      any
		scope      string
	}{
		// https://platform.openai.com/docs/api-reference/embeddings
		"openai": {"/v1/embeddings", `{"object":"list","data":[{"object":"embedding","embedding":` + vector + `,"index":0},{"object":"embedding","embedding":"` + strings.Repeat("QUJD", 1<<15) + `","index":1}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}`, int64(8), "llm.embeddings"},
		// https://docs.cohere.com/reference/embed
		"cohere": {"/v2/embed", `{"id":"e","embeddings":{"float":[` + vector + `,` + vector + `]},"texts":["hello"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":2}},"response_type":"embeddings_by_type"}`, int64(2), "llm.embeddings"},
		// https://docs.cohere.com/reference/rerank
		"cohere rerank": {"/v2/rerank", `{"id":"e","results":[{"index":3,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}}`, nil, "llm.rerank"},
		// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
		"titan": {"/model/amazon.titan-embed-text-v2:0/invoke", `{"embedding":` + vector + `,"inputTextTokenCount":7}`, int64(7), "llm.embeddings"},
		// https://github.com/ollama/ollama/blob/main/docs/api.md
		"ollama": {"/api/embed", `{"model":"all-minilm","embeddings":[` + vector + `],"total_duration":14143917,"load_duration":1019500,"prompt_eval_count":8}`, int64(8), "llm.embeddings"},
		// https://ai.google.dev/api/embeddings
		"gemini": {"/v1beta/models/gemini-embedding-001:embedContent", `{"embedding":{"values":` + vector + `}}`, nil, "llm.embeddings"},
	} {
		t.Run(name, func(t *testing.T) {
			rt, url, rec := playing(t, reply{body: tc.body, piece: 1000}, nil)
			got, err := post(t, rt, url+tc.path, `{"model":"asked","input":["hello"]}`)
			require.NoError(t, err)
			assert.True(t, got == tc.body)
			timing, attrs := only(t, rec, tc.scope)
			assert.Empty(t, timing.Error)
			assert.Equal(t, tc.input, attrs[KeyInput])
			assert.NotContains(t, attrs, KeyOutput)
			assert.NotContains(t, attrs, KeyFinishReasons)
			assert.NotContains(t, attrs, KeyRequestStream)
			assert.NotEmpty(t, attrs[KeyRequestModel])
		})
	}
}

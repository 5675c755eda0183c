// Package llmtel tests the transport under the providers' own Go libraries, against
// servers that play documented bodies.
package llmtel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/llmtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

type route struct{ kind, body string }

// play serves bodies by path, and a 429 first where the path is among the busy ones.
func play(t *testing.T, routes map[string]route, busy ...string) (client *http.Client, url string, rec *slogteltest.Recorder) {
	t.Helper()
	refused := map[string]bool{}
	for _, p := range busy {
		refused[p] = true
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.True(t, json.Valid(body), "the request arrives whole")
		if refused[r.URL.Path] {
			delete(refused, r.URL.Path)
			w.Header().Set("Retry-After-Ms", "1")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error":{"type":"rate_limit_error","message":"slow down"}}`)
			return
		}
		a, ok := routes[r.URL.Path]
		if !assert.True(t, ok, r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", a.kind)
		for rest := []byte(a.body); len(rest) > 0; {
			n := min(len(rest), 50)
			_, _ = w.Write(rest[:n])
			_ = http.NewResponseController(w).Flush()
			rest = rest[n:]
		}
	}))
	t.Cleanup(srv.Close)
	tel, rec := slogteltest.New(t)
	return &http.Client{Transport: llmtel.NewTransport(srv.Client().Transport, tel, nil)}, srv.URL, rec
}

// attrs returns those of the last call.
func attrs(t *testing.T, rec *slogteltest.Recorder) map[string]any {
	t.Helper()
	all := rec.Timings("llm.chat")
	require.NotEmpty(t, all, rec.Scopes())
	m := map[string]any{"error": all[len(all)-1].Error}
	for _, a := range all[len(all)-1].Attrs {
		m[a.Key] = a.Value.Any()
	}
	return m
}

func holds(t *testing.T, got, want map[string]any) {
	t.Helper()
	for k, v := range want {
		assert.Equal(t, v, got[k], k)
	}
	assert.NotContains(t, got, llmtel.KeyErrorType)
	assert.NotContains(t, got, llmtel.KeyClosedEarly)
	assert.NotContains(t, got, llmtel.KeyUnread)
	assert.Empty(t, got["error"])
}

const (
	jsonType = "application/json"
	sseType  = "text/event-stream"
)

// Source: https://ai.google.dev/api/generate-content
func TestGenAI(t *testing.T) {
	const chunks = `data: {"candidates":[{"content":{"parts":[{"text":"The "}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":31,"totalTokenCount":31},"modelVersion":"gemini-2.5-flash"}

data: {"candidates":[{"content":{"parts":[{"text":"Danube."}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":31,"candidatesTokenCount":9,"totalTokenCount":90,"thoughtsTokenCount":50,"cachedContentTokenCount":16},"modelVersion":"gemini-2.5-flash"}

`
	http, url, rec := play(t, map[string]route{
		"/v1beta/models/gemini-2.5-flash:generateContent":       {jsonType, `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"length_of","args":{}}}]},"finishReason":"STOP"}],"modelVersion":"gemini-2.5-flash","usageMetadata":{"promptTokenCount":31,"candidatesTokenCount":9,"totalTokenCount":40}}`},
		"/v1beta/models/gemini-2.5-flash:streamGenerateContent": {sseType, chunks},
	})
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: "k", Backend: genai.BackendGeminiAPI, HTTPClient: http, HTTPOptions: genai.HTTPOptions{BaseURL: url}})
	require.NoError(t, err)
	r, err := client.Models.GenerateContent(t.Context(), "gemini-2.5-flash", genai.Text("hi"), nil)
	require.NoError(t, err)
	require.Len(t, r.FunctionCalls(), 1)
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyProvider: "gcp.gemini", llmtel.KeyRequestModel: "gemini-2.5-flash", llmtel.KeyInput: int64(31),
		llmtel.KeyOutput: int64(9), llmtel.KeyTools: []string{"length_of"}, llmtel.KeyFinishReasons: []string{"STOP"}})

	text := ""
	for chunk, err := range client.Models.GenerateContentStream(t.Context(), "gemini-2.5-flash", genai.Text("hi"), nil) {
		require.NoError(t, err)
		text += chunk.Text()
	}
	assert.Equal(t, "The Danube.", text)
	got := attrs(t, rec)
	holds(t, got, map[string]any{llmtel.KeyRequestStream: true, llmtel.KeyOutput: int64(59), llmtel.KeyReasoning: int64(50), llmtel.KeyCached: int64(16)})
	assert.Contains(t, got, llmtel.KeyFirstToken)
}

// Source: https://platform.openai.com/docs/api-reference/chat
func TestOpenAI(t *testing.T) {
	const usage = `{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}`
	http, url, rec := play(t, map[string]route{
		"/v1/chat/completions": {sseType, `data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[],"usage":` + usage + `}

data: [DONE]

`},
		"/v1/responses":  {jsonType, `{"id":"r","object":"response","status":"completed","model":"gpt-5","error":null,"output":[{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":7},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":48}}`},
		"/v1/embeddings": {jsonType, `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}`},
	}, "/v1/chat/completions")
	client := openai.NewClient(option.WithAPIKey("k"), option.WithBaseURL(url+"/v1/"), option.WithHTTPClient(http))
	stream := client.Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{
		Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hi")},
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	})
	text := ""
	for stream.Next() {
		if c := stream.Current().Choices; len(c) > 0 {
			text += c[0].Delta.Content
		}
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	assert.Equal(t, "Hello", text)
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyRequestModel: "gpt-4o", llmtel.KeyResponseModel: "gpt-4o-2024-08-06", llmtel.KeyInput: int64(9), llmtel.KeyOutput: int64(2),
		llmtel.KeyCached: int64(4), llmtel.KeyReasoning: int64(1), llmtel.KeyFinishReasons: []string{"stop"}, httptel.KeyResendCount: int64(1)})
	first := rec.Timings("llm.chat")[0]
	assert.Contains(t, first.Error, "429 Too Many Requests", "the library does not read the body of what it sends again")
	assert.EqualValues(t, 1, rec.Sum(llmtel.MetricRetries))

	_, err := client.Responses.New(t.Context(), responses.ResponseNewParams{Model: "gpt-5", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("hi")}})
	require.NoError(t, err)
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyRequestModel: "gpt-5", llmtel.KeyInput: int64(37), llmtel.KeyReasoning: int64(5)})

	_, err = client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: "text-embedding-3-small", Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("hi")}})
	require.NoError(t, err)
	require.Len(t, rec.Timings("llm.embeddings"), 1)
	assert.EqualValues(t, 9+37+8, rec.Sum(llmtel.MetricInput))
}

// Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
func TestAnthropic(t *testing.T) {
	http, url, rec := play(t, map[string]route{"/v1/messages": {sseType, `event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5-20250929","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

`}}, "/v1/messages")
	client := anthropic.NewClient(anthropicoption.WithAPIKey("k"), anthropicoption.WithBaseURL(url), anthropicoption.WithHTTPClient(http))
	stream := client.Messages.NewStreaming(t.Context(), anthropic.MessageNewParams{Model: "claude-sonnet-4-5", MaxTokens: 10,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("hi"))}})
	var m anthropic.Message
	for stream.Next() {
		require.NoError(t, m.Accumulate(stream.Current()))
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	assert.Equal(t, "Hello", m.Content[0].Text)
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyProvider: "anthropic", llmtel.KeyRequestModel: "claude-sonnet-4-5", llmtel.KeyResponseModel: "claude-sonnet-4-5-20250929",
		llmtel.KeyInput: int64(125), llmtel.KeyOutput: int64(15), llmtel.KeyCached: int64(100), llmtel.KeyFinishReasons: []string{"end_turn"}, httptel.KeyResendCount: int64(1)})
}

// frame is a message of Amazon's event stream.
// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
func frame(event, payload string) string {
	var h []byte
	for _, p := range [][2]string{{":event-type", event}, {":content-type", jsonType}, {":message-type", "event"}} {
		h = append(append(h, byte(len(p[0]))), p[0]...)
		h = append(binary.BigEndian.AppendUint16(append(h, 7), uint16(len(p[1]))), p[1]...)
	}
	var b bytes.Buffer
	b.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(16+len(h)+len(payload))), uint32(len(h))))
	for _, part := range [][]byte{h, []byte(payload)} {
		if len(part) == len(h) && b.Len() == 8 {
			b.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b.Bytes())))
		}
		b.Write(part)
	}
	return string(binary.BigEndian.AppendUint32(b.Bytes(), crc32.ChecksumIEEE(b.Bytes())))
}

// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
func TestBedrock(t *testing.T) {
	const model = "anthropic.claude-3-5-haiku-20241022-v1:0"
	http, url, rec := play(t, map[string]route{
		"/model/" + model + "/converse": {jsonType, `{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"top_song","input":{}}}]}},"stopReason":"tool_use","usage":{"inputTokens":390,"outputTokens":43,"totalTokens":433},"metrics":{"latencyMs":9}}`},
		"/model/" + model + "/converse-stream": {"application/vnd.amazon.eventstream", frame("messageStart", `{"role":"assistant"}`) +
			frame("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hello"}}`) + frame("messageStop", `{"stopReason":"end_turn"}`) +
			frame("metadata", `{"usage":{"inputTokens":30,"outputTokens":8,"totalTokens":38},"metrics":{"latencyMs":9}}`)},
		"/model/" + model + "/invoke-with-response-stream": {"application/vnd.amazon.eventstream",
			frame("chunk", `{"bytes":"eyJ0eXBlIjoibWVzc2FnZV9zdGFydCIsIm1lc3NhZ2UiOnsiaWQiOiJtIiwidHlwZSI6Im1lc3NhZ2UiLCJyb2xlIjoiYXNzaXN0YW50IiwiY29udGVudCI6W10sIm1vZGVsIjoiY2xhdWRlIiwidXNhZ2UiOnsiaW5wdXRfdG9rZW5zIjoxMiwib3V0cHV0X3Rva2VucyI6MX19fQ=="}`) +
				frame("chunk", `{"bytes":"eyJ0eXBlIjoibWVzc2FnZV9kZWx0YSIsImRlbHRhIjp7InN0b3BfcmVhc29uIjoiZW5kX3R1cm4ifSwidXNhZ2UiOnsib3V0cHV0X3Rva2VucyI6NX19"}`)},
	}, "/model/"+model+"/converse")
	client := bedrockruntime.New(bedrockruntime.Options{Region: "us-east-1", BaseEndpoint: aws.String(url), HTTPClient: http,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
	messages := []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hi"}}}}
	_, err := client.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages})
	require.NoError(t, err)
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyProvider: "aws.bedrock", llmtel.KeyRequestModel: model, llmtel.KeyInput: int64(390), llmtel.KeyOutput: int64(43),
		llmtel.KeyTools: []string{"top_song"}, httptel.KeyResendCount: int64(1)})

	out, err := client.ConverseStream(t.Context(), &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: messages})
	require.NoError(t, err)
	var kinds []string
	for e := range out.GetStream().Events() {
		kinds = append(kinds, strings.TrimPrefix(typeName(e), "*types.ConverseStreamOutputMember"))
	}
	require.NoError(t, out.GetStream().Close())
	assert.Equal(t, []string{"MessageStart", "ContentBlockDelta", "MessageStop", "Metadata"}, kinds)
	got := attrs(t, rec)
	holds(t, got, map[string]any{llmtel.KeyInput: int64(30), llmtel.KeyOutput: int64(8), llmtel.KeyFinishReasons: []string{"end_turn"}})
	assert.Contains(t, got, llmtel.KeyFirstToken)

	chunks, err := client.InvokeModelWithResponseStream(t.Context(), &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(model), Body: []byte(`{"messages":[]}`)})
	require.NoError(t, err)
	for range chunks.GetStream().Events() {
	}
	require.NoError(t, chunks.GetStream().Close())
	holds(t, attrs(t, rec), map[string]any{llmtel.KeyInput: int64(12), llmtel.KeyOutput: int64(5)})
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

package llmtel

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/httptel"
)

const (
	chat   = "/v1/chat/completions"
	asked  = `{"messages":[{"role":"user","content":"hi"}],"model":"gpt-4o"}`
	answer = `{"id":"c","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}`
	begun  = "data: {\"id\":\"c\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n"
)

func zip(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// Each way in which a call can go wrong has an error.type of its own.
func TestOutcomes(t *testing.T) {
	const overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
	for name, tc := range map[string]struct {
		reply reply
		kind  string // error.type
		text  string // in the error
	}{
		"well":                        {reply{body: answer}, "", ""},
		"no error at all":             {reply{body: strings.Replace(answer, "{", `{"error":false,"object":"chat.completion",`, 1)}, "", ""},
		"rate limited":                {reply{status: 429, body: `{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`}, "429", "429 Too Many Requests: tokens: Rate limit reached"},
		"rate limited, a page":        {reply{status: 429, kind: "text/html", body: "<html>slow down</html>"}, "429", "429 Too Many Requests"},
		"server error, no body":       {reply{status: 503}, "503", "503 Service Unavailable"},
		"blocked":                     {reply{body: strings.Replace(answer, `"stop"`, `"content_filter"`, 1)}, blocked, "content_filter"},
		"prompt blocked with a 400":   {reply{status: 400, body: `{"error":{"message":"filtered","type":null,"param":"prompt","code":"content_filter","status":400}}`}, blocked, "400 Bad Request: content_filter: filtered"},
		"a page":                      {reply{kind: "text/html", body: "<html>\n<p>data: please sign in</p>"}, notJSON, "no JSON"},
		"a page that says it is JSON": {reply{body: "error: upstream\n"}, notJSON, "no JSON"},
		"an object's name":            {reply{body: "[object Object]"}, notJSON, "no JSON"},
		"words in brackets":           {reply{body: "[error, try again]"}, notJSON, "no JSON"},
		"scalars in brackets":         {reply{body: `[1, -2.5e3 ,null,"a, b"]`}, "", ""},
		"broken JSON":                 {reply{body: `{"model":"m",]}`}, notJSON, "no JSON"},
		"broken in a stream":          {reply{kind: sse, body: begun + "data: {\"choices\": oops}\n\ndata: [DONE]\n\n"}, notJSON, "no JSON"},
		"unfinished in a stream":      {reply{kind: sse, body: begun + "data: {\"choices\":[\n\ndata: [DONE]\n\n"}, notJSON, "no JSON"},
		"redirected":                  {reply{status: 307}, "", ""},
		"accepted, no body":           {reply{status: 202}, "", ""},
		"text in a stream":            {reply{kind: sse, body: "data: hello\n\n"}, notJSON, "no JSON"},
		"empty":                       {reply{}, emptyBody, "empty"},
		"stream without a chunk":      {reply{kind: sse}, cutOff, "cut off"},
		"stream with comments":        {reply{kind: sse, body: ": ping\n\n: ping\n\n"}, cutOff, "cut off"},
		"stream cut off cleanly":      {reply{kind: sse, body: begun}, cutOff, "cut off"},
		"stream cut off in a chunk":   {reply{kind: sse, body: begun + begun[:40]}, cutOff, "cut off"},
		"stream aborted":              {reply{kind: sse, body: begun, abort: true}, cutOff, "unexpected EOF"},
		"lines cut off":               {reply{kind: ndjson, body: `{"model":"m","message":{"content":"Hel"},"done":false}` + "\n"}, cutOff, "cut off"},
		"lines of an old server":      {reply{kind: ndjson, body: `{"model":"m","message":{"content":"Hel"},"done":true}` + "\n"}, "", ""},
		"body cut off":                {reply{body: answer[:90]}, cutOff, "cut off"},
		"body aborted":                {reply{body: answer[:90], abort: true}, cutOff, "unexpected EOF"},
		"error in a stream":           {reply{kind: sse, body: begun + overloaded}, "overloaded_error", "overloaded_error: Overloaded"},
		"error without a name":        {reply{kind: sse, body: begun + "event: error\ndata: {\"message\":\"no\"}\n\n"}, providerError, providerError},
		"error that is a sentence":    {reply{body: `{"error":"model not found, try pulling it first"}`}, providerError, "try pulling it"},
		"compressed":                  {reply{body: zip(answer), header: map[string]string{"Content-Encoding": "gzip"}}, "", ""},
		"compressed, cut off":         {reply{body: zip(answer)[:80], header: map[string]string{"Content-Encoding": "gzip"}}, cutOff, "cut off"},
		"not readable":                {reply{body: "\x8b\x00", header: map[string]string{"Content-Encoding": "br"}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := telemetry(t)
			srv := serve(t, tc.reply)
			base := srv.Client().Transport.(*http.Transport).Clone()
			base.DisableCompression = true
			t.Cleanup(base.CloseIdleConnections)
			got, err := post(t, NewTransport(base, tel, nil), srv.URL+chat, asked)
			assert.Equal(t, tc.reply.abort, err != nil)
			assert.Equal(t, tc.reply.body, got)
			timing, attrs := only(t, rec, "llm.chat")
			if tc.kind == "" {
				assert.NotContains(t, attrs, KeyErrorType)
				assert.Empty(t, timing.Error)
			} else {
				assert.Equal(t, tc.kind, attrs[KeyErrorType], timing.Error)
				assert.Contains(t, timing.Error, tc.text)
			}
			assert.False(t, timing.Canceled)
			assert.NotContains(t, attrs, KeyClosedEarly)
			if name == "compressed" {
				assert.EqualValues(t, 9, attrs[KeyInput])
			}
			if name == "not readable" {
				assert.Equal(t, "br", attrs[KeyUnread])
			}
		})
	}
}

func TestNoResponse(t *testing.T) {
	for name, tc := range map[string]struct {
		err      error
		kind     any
		canceled bool
	}{
		"refused":  {errors.New("connection refused"), connectionError, false},
		"deadline": {context.DeadlineExceeded, timedOut, false},
		"canceled": {context.Canceled, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := telemetry(t)
			_, err := post(t, NewTransport(roundTripFunc(func(*http.Request) (*http.Response, error) {
				return nil, tc.err
			}), tel, nil), "http://api.openai.com"+chat, asked)
			require.Error(t, err)
			timing, attrs := only(t, rec, "llm.chat")
			assert.Equal(t, tc.kind, attrs[KeyErrorType])
			assert.Equal(t, tc.canceled, timing.Canceled)
			assert.Equal(t, !tc.canceled, timing.Error != "")
			assert.Equal(t, "gpt-4o", attrs[KeyRequestModel])
		})
	}
}

// A base that breaks its contract, and a client whose own timeout ends the call.
func TestBadBaseAndClientTimeout(t *testing.T) {
	tel, rec := telemetry(t)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.openai.com"+chat, nil)
	resp, err := NewTransport(roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, nil }), tel, nil).RoundTrip(req)
	assert.Nil(t, resp)
	assert.NoError(t, err, "as the base has it")
	_, attrs := only(t, rec, "llm.chat")
	assert.Equal(t, connectionError, attrs[KeyErrorType])

	tel, rec = telemetry(t)
	srv := serve(t, streaming)
	client := &http.Client{Transport: NewTransport(srv.Client().Transport, tel, nil), Timeout: 50 * time.Millisecond}
	resp, err = client.Post(srv.URL+chat, "application/json", strings.NewReader(asked))
	if err == nil { // else the machine is slow, and it ended before the headers came
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	timing, attrs := only(t, rec, "llm.chat")
	assert.Equal(t, timedOut, attrs[KeyErrorType])
	assert.False(t, timing.Canceled)
}

func TestPanicOfBase(t *testing.T) {
	tel, rec := telemetry(t)
	rt := NewTransport(roundTripFunc(func(*http.Request) (*http.Response, error) { panic("boom") }), tel, nil)
	assert.PanicsWithValue(t, "boom", func() { _, _ = post(t, rt, "http://api.openai.com"+chat, asked) })
	timing, _ := only(t, rec, "llm.chat")
	assert.NotEmpty(t, timing.Error)
}

// streaming sends one chunk and then waits for the client to leave.
var streaming = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", sse)
	_, _ = io.WriteString(w, begun)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
})

// What a caller breaks off: by its context, by a deadline, by closing the body.
func TestBrokenOff(t *testing.T) {
	for name, tc := range map[string]struct {
		leave           func(cancel context.CancelFunc, body io.Closer)
		timeout         time.Duration
		kind            any
		canceled, early bool
	}{
		"canceled":     {func(cancel context.CancelFunc, _ io.Closer) { cancel() }, time.Hour, nil, true, false},
		"closed":       {func(_ context.CancelFunc, body io.Closer) { _ = body.Close() }, time.Hour, nil, false, true},
		"both":         {func(cancel context.CancelFunc, body io.Closer) { cancel(); _ = body.Close() }, time.Hour, nil, true, false},
		"in the wrong": {func(context.CancelFunc, io.Closer) {}, 20 * time.Millisecond, timedOut, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := telemetry(t)
			srv := serve(t, streaming)
			rt := NewTransport(srv.Client().Transport, tel, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.timeout < time.Hour {
				ctx, cancel = context.WithTimeout(ctx, tc.timeout)
				defer cancel()
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+chat, strings.NewReader(asked))
			require.NoError(t, err)
			resp, err := rt.RoundTrip(req)
			if tc.timeout < time.Hour && err != nil { // a slow machine: the deadline came before the headers
				t.Skip(err)
			}
			require.NoError(t, err)
			chunk := make([]byte, len(begun))
			_, err = io.ReadFull(resp.Body, chunk)
			if tc.timeout == time.Hour {
				require.NoError(t, err)
			}
			tc.leave(cancel, resp.Body)
			_, err = io.ReadAll(resp.Body)
			require.Error(t, err)
			_ = resp.Body.Close()
			timing, attrs := only(t, rec, "llm.chat")
			assert.Equal(t, tc.canceled, timing.Canceled)
			assert.Equal(t, tc.kind, attrs[KeyErrorType])
			assert.Equal(t, tc.early, attrs[KeyClosedEarly] == true)
			assert.Equal(t, tc.kind != nil, timing.Error != "", timing.Error)
		})
	}
}

// A caller that closes the body when it has all it wants, as those do that decode one
// value and those that stop at [DONE], has not closed it early.
func TestClosedWhenComplete(t *testing.T) {
	for _, body := range []string{answer, begun + "data: [DONE]\n\n"} {
		tel, rec := telemetry(t)
		more := io.MultiReader(strings.NewReader(body), strings.NewReader("\n\n"))
		rt := NewTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(more), Request: r}, nil
		}), tel, nil)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.openai.com"+chat, nil)
		resp, err := rt.RoundTrip(req)
		require.NoError(t, err)
		assert.Same(t, req, resp.Request)
		_, err = io.ReadFull(resp.Body, make([]byte, len(body)))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		timing, attrs := only(t, rec, "llm.chat")
		assert.NotContains(t, attrs, KeyClosedEarly)
		assert.Empty(t, timing.Error)
	}
}

// frame is a message of Amazon's event stream.
// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
func frame(payload string, headers ...string) string {
	var h []byte
	for i := 0; i < len(headers); i += 2 {
		h = append(append(h, byte(len(headers[i]))), headers[i]...)
		h = append(binary.BigEndian.AppendUint16(append(h, 7), uint16(len(headers[i+1]))), headers[i+1]...)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(12+len(h)+len(payload)+4))
	b = binary.BigEndian.AppendUint32(b, uint32(len(h)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(append(b, h...), payload...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
func TestAmazonFrames(t *testing.T) {
	const path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fnova/converse-stream"
	event := func(kind, payload string) string {
		return frame(payload, ":event-type", kind, ":content-type", "application/json", ":message-type", "event")
	}
	start := event("messageStart", `{"role":"assistant","p":"ab"}`) + event("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"}`)
	end := event("contentBlockStart", `{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"top_song"}}}`) +
		event("messageStop", `{"stopReason":"tool_use"}`) +
		event("metadata", `{"usage":{"inputTokens":30,"outputTokens":8,"totalTokens":138,"cacheReadInputTokens":100},"metrics":{"latencyMs":9}}`)
	for name, tc := range map[string]struct {
		body string
		want map[string]any
	}{
		"whole": {start + end, map[string]any{KeyInput: int64(130), KeyOutput: int64(8), KeyCached: int64(100), KeyTools: []string{"top_song"},
			KeyFinishReasons: []string{"tool_use"}, KeyRequestModel: "arn:aws:bedrock:us-east-1:1:inference-profile/nova", KeyErrorType: nil}},
		"no reason but measured": {frame(`{"bytes":"eyJ0ZXh0IjoiSGkiLCJhbWF6b24tYmVkcm9jay1pbnZvY2F0aW9uTWV0cmljcyI6eyJpbnB1dFRva2VuQ291bnQiOjcsIm91dHB1dFRva2VuQ291bnQiOjN9fQ=="}`, ":event-type", "chunk"),
			map[string]any{KeyErrorType: nil, KeyInput: int64(7), KeyOutput: int64(3)}},
		"cut off":   {start, map[string]any{KeyErrorType: cutOff}},
		"exception": {start + frame(`{"message":"slow"}`, ":exception-type", "throttlingException", ":message-type", "exception"), map[string]any{KeyErrorType: "throttlingException"}},
		"damaged":   {start + strings.Repeat("x", 64), map[string]any{KeyErrorType: notJSON}},
	} {
		for _, piece := range []int{0, 5} {
			rt, url, rec := playing(t, reply{kind: "application/vnd.amazon.eventstream", body: tc.body, piece: piece}, nil)
			got, err := post(t, rt, url+path, `{}`)
			require.NoError(t, err)
			assert.Equal(t, tc.body, got)
			_, attrs := only(t, rec, "llm.chat")
			for k, v := range tc.want {
				assert.Equal(t, v, attrs[k], "%s: %s", name, k)
			}
		}
	}
}

func TestBedrockCountsInHeaders(t *testing.T) {
	rt, url, rec := playing(t, reply{body: `{"outputs":[{"text":"Hi","stop_reason":"stop"}]}`, header: map[string]string{
		"X-Amzn-Bedrock-Input-Token-Count": "7", "X-Amzn-Bedrock-Output-Token-Count": "3"}}, nil)
	_, err := post(t, rt, url+"/model/mistral.mistral-7b-instruct-v0:2/invoke", `{}`)
	require.NoError(t, err)
	_, attrs := only(t, rec, "llm.chat")
	assert.EqualValues(t, 7, attrs[KeyInput])
	assert.EqualValues(t, 3, attrs[KeyOutput])
	assert.EqualValues(t, 3, rec.Sum(MetricOutput))
	assert.EqualValues(t, 200, attrs[httptel.KeyStatus])
}

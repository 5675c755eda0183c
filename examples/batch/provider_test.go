package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel/preview"
)

func testProvider(t *testing.T, endpoint string) *provider {
	t.Helper()
	p := newProvider(nil, nil, options{endpoint: endpoint, key: testKey, timeout: 5 * time.Second, concurrency: 2})
	t.Cleanup(p.close)
	return p
}

func TestProviderSendsWhatTheAPIWants(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "/v1beta/models/a%20model:generateContent", r.URL.EscapedPath())
		assert.Equal(t, testKey, r.Header.Get("x-goog-api-key"))
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.Empty(t, r.URL.RawQuery)
		assert.JSONEq(t, `{"contents":[]}`, string(body))
		good(w)
	})
	a, err := testProvider(t, url).generate(t.Context(), query{model: "a model", body: []byte(`{"contents":[]}`)})
	require.NoError(t, err)
	assert.Positive(t, a.api)
	a.api = 0
	assert.Equal(t, answer{"An answer.", finishStop, "test-1", usageMetadata{10, 3, 0, 0, 13}, preview.Preview{}, 0}, a)
}

func TestProviderAnswersThatAreNone(t *testing.T) {
	write := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		want  string
		retry bool
		wait  time.Duration
	}{
		"not JSON":         {write(200, "<html>"), "not what the API promises", false, 0},
		"another JSON":     {write(200, `[1,2]`), "not what the API promises", false, 0},
		"cut JSON":         {write(200, `{"candidates":[{`), "not what the API promises", false, 0},
		"nothing":          {write(200, ""), "not what the API promises", false, 0},
		"no candidates":    {write(200, `{"candidates":[]}`), "it has no candidates", false, 0},
		"blocked":          {write(200, `{"promptFeedback":{"blockReason":"SAFETY"}}`), "blocked (SAFETY)", false, 0},
		"no text":          {write(200, `{"candidates":[{"finishReason":"RECITATION"}]}`), "no text, finish reason RECITATION", false, 0},
		"thoughts only":    {write(200, `{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}`), "no text", false, 0},
		"bad request":      {write(400, `{"error":{"code":400,"message":"API key not valid."}}`), "answered 400 Bad Request: API key not valid.", false, 0},
		"unknown model":    {write(404, "nope"), "answered 404 Not Found", false, 0},
		"a redirect":       {write(307, ""), "answered 307", false, 0},
		"busy":             {write(429, `{"error":{"message":"slow down"}}`), "answered 429 Too Many Requests: slow down", true, 0},
		"broken":           {write(500, ""), "answered 500", true, 0},
		"overloaded":       {write(503, "{}"), "answered 503", true, 0},
		"echo of the key":  {write(403, `{"error":{"message":"bad key `+testKey+`"}}`), "bad key [REDACTED]", false, 0},
		"delay in details": {write(429, `{"error":{"message":"m","details":[{"@type":"other"},{"@type":"`+retryInfoType+`","retryDelay":"2.5s"}]}}`), "429", true, 2500 * time.Millisecond},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for n := 0; n < 2*maxAnswer; n += 1 << 16 {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "larger than 4194304 bytes", false, 0},
		"Retry-After": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(503)
		}, "503", true, 3 * time.Second},
		"truncated": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"candidates":`)
		}, "the connection broke: unexpected EOF", true, 0},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the connection broke", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := testProvider(t, server(t, test.serve)).generate(t.Context(), query{model: "a model", body: []byte("{}")})
			var e *callError
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.text, test.want)
			assert.Less(t, len(e.text), 500)
			assert.Equal(t, test.retry, e.retry)
			assert.Equal(t, test.wait, e.wait)
			assert.NotContains(t, e.text, testKey)
		})
	}
}

func TestProviderDoesNotFollowRedirectsWithTheKey(t *testing.T) {
	var leaked atomic.Bool
	other := server(t, func(w http.ResponseWriter, _ *http.Request) { leaked.Store(true); good(w) })
	url := server(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusTemporaryRedirect) })
	_, err := testProvider(t, url).generate(t.Context(), query{model: "a model", body: []byte("{}")})
	assert.ErrorContains(t, err, "answered 307")
	assert.False(t, leaked.Load())
}

// closedEndpoint is an address at which nobody listens.
func closedEndpoint(t *testing.T) string { return "http://" + testkit.Refused(t) }

func TestProviderThatIsDown(t *testing.T) {
	_, err := testProvider(t, closedEndpoint(t)).generate(t.Context(), query{model: "a model", body: []byte("{}")})
	var e *callError
	require.ErrorAs(t, err, &e)
	assert.Contains(t, e.text, "cannot be reached")
	assert.Contains(t, e.text, "connection refused")
	assert.False(t, e.retry)
}

func TestProviderThatIsSlow(t *testing.T) {
	for name, serve := range map[string]func(http.ResponseWriter){
		"to answer": func(http.ResponseWriter) {},
		"to end":    func(w http.ResponseWriter) { _, _ = io.WriteString(w, "{"); w.(http.Flusher).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				serve(w)
				<-release
			}))
			defer s.Close()
			defer close(release)
			p := testProvider(t, s.URL)
			p.timeout = 20 * time.Millisecond
			_, err := p.generate(t.Context(), query{model: "a model", body: []byte("{}")})
			var e *callError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "no answer within 20ms", e.text)
			assert.True(t, e.retry)

			interrupted := errors.New("interrupted")
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(interrupted)
			_, err = p.generate(ctx, query{model: "a model", body: []byte("{}")})
			assert.ErrorIs(t, err, interrupted)
		})
	}
}

func TestShorten(t *testing.T) {
	assert.Equal(t, "abc", shorten("abc", 3))
	assert.Equal(t, "ab…", shorten("abc", 2))
	assert.Equal(t, "日…", shorten("日本", 4), "whole characters only")
	assert.Len(t, shorten(strings.Repeat("x", 1000), 300), 303)
}

package llmtel

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/preview"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestOffIsTheBase(t *testing.T) {
	base := &http.Transport{}
	assert.Same(t, base, NewTransport(base, nil, nil))
	assert.Same(t, base, NewTransport(base, slogtel.Disabled(), &Options{}))
	assert.Equal(t, http.DefaultTransport, NewTransport(nil, nil, nil))
}

type idle struct {
	roundTripFunc
	closed *bool
}

func (i idle) CloseIdleConnections() { *i.closed = true }

func TestOthersGoToTheBase(t *testing.T) {
	tel, rec := telemetry(t)
	closed := false
	body := reader("x")
	client := &http.Client{Transport: NewTransport(idle{answering("text/plain", body), &closed}, tel, nil)}
	resp, err := client.Get("http://api.openai.com/v1/models")
	require.NoError(t, err)
	assert.Equal(t, body, resp.Body, "not wrapped")
	_ = resp.Body.Close()
	client.CloseIdleConnections()
	assert.True(t, closed)
	assert.Empty(t, rec.Records())
}

// slow is a body whose pieces come after pauses.
type slow struct {
	pieces []string
	pause  time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.pause)
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *slow) Close() error { return nil }

func answering(kind string, body io.ReadCloser) roundTripFunc {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: body, Request: r}, nil
	}
}

func TestTimesOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := telemetry(t)
		chunk := func(s string) string { return "data: " + s + "\n\n" }
		body := &slow{pause: time.Second, pieces: []string{
			chunk(`{"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`), // 1 s
			chunk(`{"choices":[{"index":0,"delta":{"content":"a"}}]}`),                               // 2 s
			chunk(`{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}`),        // 3 s
			chunk(`{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}`),                // 4 s
			"data: [DONE]\n\n", // 5 s
		}}
		_, err := post(t, NewTransport(answering(sse, body), tel, nil), "http://api.groq.com"+chat, asked)
		require.NoError(t, err)
		timing, attrs := only(t, rec, "llm.chat")
		assert.Equal(t, 5*time.Second, timing.Duration)
		assert.Equal(t, 1.0, attrs[KeyFirstChunk])
		assert.Equal(t, 2.0, attrs[KeyFirstToken])
		assert.Equal(t, 0.5, attrs[KeyPerToken], "four tokens in two seconds")
		labels := []any{"groq", "gpt-4o", "m"}
		for name, want := range map[string][]float64{MetricFirstToken: {2}, MetricPerToken: {0.5}, MetricTokenUsage: {7, 5}} {
			assert.Equal(t, want, rec.Values(name), name)
			for _, m := range rec.Metrics(name) {
				got := map[string]any{}
				for _, a := range m.Attrs {
					got[a.Key] = a.Value.Any()
				}
				assert.Equal(t, labels, []any{got[KeyProvider], got[KeyRequestModel], got[KeyResponseModel]}, name)
			}
		}
		assert.Equal(t, "{token}", rec.Metrics(MetricTokenUsage)[0].Unit)
		assert.EqualValues(t, 7, rec.Sum(MetricInput))
		assert.EqualValues(t, 5, rec.Sum(MetricOutput))
	})
}

func TestPrice(t *testing.T) {
	var seen Usage
	rt, url, rec := playing(t, reply{body: answer}, &Options{Provider: "gateway", Price: func(u Usage) float64 {
		seen = u
		return float64(u.Input)*0.25 + float64(u.Output)*1.5
	}})
	_, err := post(t, rt, url+chat, asked)
	require.NoError(t, err)
	assert.Equal(t, Usage{Provider: "gateway", Operation: "chat", RequestModel: "gpt-4o", ResponseModel: "gpt-4o-2024-08-06",
		Tokens: preview.Tokens{Input: 9, Output: 2}}, seen)
	_, attrs := only(t, rec, "llm.chat")
	assert.Equal(t, 5.25, attrs[KeyCost])
	cost := rec.Metrics(MetricCost)
	require.Len(t, cost, 1)
	assert.Equal(t, "USD", cost[0].Unit)
	assert.Equal(t, 5.25, cost[0].Value.Any())
	assert.Equal(t, slogtel.TypeCounter, cost[0].Type)

	rt, url, rec = playing(t, reply{body: answer}, &Options{Price: func(Usage) float64 { panic("no list") }})
	_, err = post(t, rt, url+chat, asked)
	require.NoError(t, err)
	timing, _ := only(t, rec, "llm.chat")
	assert.Contains(t, timing.Error, "no list")
	assert.Empty(t, rec.Metrics(MetricCost))
}

func TestRawPreview(t *testing.T) {
	for _, on := range []preview.Mode{preview.On, preview.Off} {
		for body, kind := range map[string]string{answer: "", begun + "data: [DONE]\n\n": sse, "<html>key sk-ant-api03-" + strings.Repeat("a1B2", 20): "text/html"} {
			rt, url, rec := playing(t, reply{body: body, kind: kind}, &Options{RawPreview: preview.New(&preview.Options{Mode: on})})
			_, err := post(t, rt, url+chat, asked)
			require.NoError(t, err)
			_, attrs := only(t, rec, "llm.chat")
			shown := fmt.Sprint(attrs[preview.Key])
			if on == preview.Off {
				assert.NotContains(t, attrs, preview.Key)
			} else if kind == "text/html" {
				assert.Contains(t, shown, "<html>")
				assert.NotContains(t, shown, "a1B2a1B2")
			} else {
				assert.Contains(t, shown, "Hel")
				assert.Contains(t, shown, "gpt-4o")
			}
		}
	}
}

func TestRawPreviewFromEnv(t *testing.T) {
	for value, on := range map[string]bool{"1": true, "0": false} {
		t.Setenv("SLOGTEL_TELEMETRY_RAW_PREVIEW", value)
		rt, url, rec := playing(t, reply{body: answer}, nil)
		_, err := post(t, rt, url+chat, asked)
		require.NoError(t, err)
		_, attrs := only(t, rec, "llm.chat")
		_, found := attrs[preview.Key]
		assert.Equal(t, on, found)
	}
}

// What the server gets is what was sent, and the model is found wherever it stands.
func TestRequestIsUnchanged(t *testing.T) {
	long := `{"messages":[{"role":"user","content":"` + strings.Repeat(`\"model\":\"no\" `, 1<<18) + `","model":"inner"}],"tools":[[1,2],{"model":"inner"}],"model":"outer","stream":false}`
	for name, tc := range map[string]struct {
		body    io.Reader
		want    string
		traced  bool
		request string
	}{
		"a copy can be had":    {strings.NewReader(long), "outer", false, long},
		"no copy can be had":   {struct{ io.Reader }{strings.NewReader(long)}, "outer", false, long},
		"traced":               {strings.NewReader(asked), "gpt-4o", true, asked},
		"no JSON":              {strings.NewReader("\x1f\x8b00"), "", false, "\x1f\x8b00"},
		"none":                 {nil, "", false, ""},
		"an array, a number":   {strings.NewReader(`[{"model":7}]`), "", false, `[{"model":7}]`},
		"escapes in the model": {strings.NewReader(`{"x":{"y":[{}]},"model":"gpt\u002d4o"}`), "gpt-4o", false, `{"x":{"y":[{}]},"model":"gpt\u002d4o"}`},
	} {
		t.Run(name, func(t *testing.T) {
			rec := slogteltest.NewRecorder(t)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec)
			var got []byte
			var traceparent string
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ = io.ReadAll(r.Body)
				traceparent = r.Header.Get("Traceparent")
				_, _ = io.WriteString(w, answer)
			}))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+chat, tc.body)
			require.NoError(t, err)
			before := req.Header.Clone()
			resp, err := NewTransport(srv.Client().Transport, tel, &Options{Traceparent: tc.traced}).RoundTrip(req)
			require.NoError(t, err)
			assert.Same(t, req, resp.Request)
			_, _ = io.Copy(io.Discard, resp.Body)
			require.NoError(t, resp.Body.Close())
			assert.True(t, string(got) == tc.request)
			assert.Equal(t, before, req.Header, "the caller's request")
			assert.Equal(t, tc.traced, traceparent != "")
			_, attrs := only(t, rec, "llm.chat")
			if tc.want == "" {
				assert.NotContains(t, attrs, KeyRequestModel)
			} else {
				assert.Equal(t, tc.want, attrs[KeyRequestModel])
			}
		})
	}
}

// Sources: https://platform.openai.com/docs/guides/rate-limits, https://docs.anthropic.com/en/api/rate-limits
func TestLimitsAndRetries(t *testing.T) {
	rt, url, rec := playing(t, reply{status: 429, body: `{"error":{"type":"rate_limit_error","message":"slow"}}`, header: map[string]string{
		"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1m1s",
		"x-ratelimit-remaining-tokens": "many", "anthropic-ratelimit-input-tokens-remaining": "149000",
		"anthropic-ratelimit-tokens-reset": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "retry-after": "2.5"}}, nil)
	req, _ := http.NewRequestWithContext(httptel.WithAttempt(t.Context(), 2), http.MethodPost, url+chat, strings.NewReader(asked))
	req.Header.Set("X-Stainless-Retry-Count", "3")
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	_, attrs := only(t, rec, "llm.chat")
	assert.Equal(t, "429", attrs[KeyErrorType])
	assert.EqualValues(t, 3, attrs[httptel.KeyResendCount])
	assert.EqualValues(t, 1, rec.Sum(MetricRetries))
	assert.EqualValues(t, 60, attrs["llm.ratelimit.requests_limit"])
	assert.EqualValues(t, 59, attrs["llm.ratelimit.requests_remaining"])
	assert.Equal(t, 61.0, attrs["llm.ratelimit.requests_reset_s"])
	assert.EqualValues(t, 149000, attrs["llm.ratelimit.input_tokens_remaining"])
	assert.Greater(t, attrs["llm.ratelimit.tokens_reset_s"], 0.0)
	assert.NotContains(t, attrs, "llm.ratelimit.tokens_remaining")
	assert.Equal(t, 2.5, attrs[KeyRetryAfter])
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for v, want := range map[string]float64{"7": 7, "12ms": 0.012, "Fri, 02 Jan 2026 03:05:05 GMT": 60, "2026-01-02T03:04:06Z": 1, "2020-01-01T00:00:00Z": 0} {
		got, ok := seconds(v, now)
		assert.True(t, ok, v)
		assert.Equal(t, want, got, v)
	}
	for _, v := range []string{"", "soon", "-1", "-5s", "NaN", "1e300"} {
		_, ok := seconds(v, now)
		assert.False(t, ok, v)
	}

	req.Header = http.Header{"Amz-Sdk-Request": {"attempt=2; max=3"}}
	assert.Equal(t, 1, resends(req))
}

// writerTo is a body that writes itself.
type writerTo struct{ *strings.Reader }

func (writerTo) Close() error { return nil }

func TestWriterToIsKept(t *testing.T) {
	tel, rec := telemetry(t)
	for _, tc := range []struct {
		body io.ReadCloser
		has  bool
	}{{writerTo{strings.NewReader(answer)}, true}, {io.NopCloser(struct{ io.Reader }{strings.NewReader(answer)}), false}} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.openai.com"+chat, nil)
		resp, err := NewTransport(answering("application/json", tc.body), tel, nil).RoundTrip(req)
		require.NoError(t, err)
		w, has := resp.Body.(io.WriterTo)
		assert.Equal(t, tc.has, has)
		if has {
			var out bytes.Buffer
			n, err := w.WriteTo(&out)
			require.NoError(t, err)
			assert.EqualValues(t, len(answer), n)
			assert.Equal(t, answer, out.String())
			_, attrs := only(t, rec, "llm.chat")
			assert.EqualValues(t, 9, attrs[KeyInput])
		}
		_ = resp.Body.Close()
	}

	// A writer that fails is none of the provider's faults.
	tel, rec = telemetry(t)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.openai.com"+chat, nil)
	resp, err := NewTransport(answering(sse, writerTo{strings.NewReader(begun)}), tel, nil).RoundTrip(req)
	require.NoError(t, err)
	_, err = io.Copy(failing{}, resp.Body)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.NoError(t, resp.Body.Close())
	timing, attrs := only(t, rec, "llm.chat")
	assert.Empty(t, timing.Error)
	assert.Equal(t, true, attrs[KeyClosedEarly])
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// repeated is a body that repeats a chunk a number of times.
type repeated struct {
	chunk string
	left  int
	rest  string
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.rest == "" {
			if r.left == 0 {
				break
			}
			r.left--
			r.rest = r.chunk
		}
		m := copy(p[n:], r.rest)
		r.rest = r.rest[m:]
		n += m
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// A stream without an end and a body of any size take little memory, and what stands at the end is read.
func TestMemoryIsBounded(t *testing.T) {
	const size, most = 3 << 20, 3 << 19
	for name, tc := range map[string]struct{ kind, head, chunk, tail string }{
		"stream":          {sse, "", begun, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9}}\n\ndata: [DONE]\n\n"},
		"one string":      {"", `{"choices":[{"message":{"content":"`, `text \u00e9 \" `, `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9}}`},
		"vectors":         {"", `{"data":[{"embedding":[0`, `,0.1`, `]}],"model":"m","usage":{"prompt_tokens":9}}`},
		"many vectors":    {"", `{"data":[{"embedding":[0]}`, `,{"object":"embedding","embedding":[0.1,0.2,0.3]}`, `],"model":"m","usage":{"prompt_tokens":9}}`},
		"one line of SSE": {sse, `data: {"usage":{"prompt_tokens":9},"choices":[{"finish_reason":"stop","delta":{"content":"`, "text ", `"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := telemetry(t)
			body := io.MultiReader(strings.NewReader(tc.head), &repeated{chunk: tc.chunk, left: size/len(tc.chunk) + 1}, strings.NewReader(tc.tail))
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.openai.com"+chat, nil)
			resp, err := NewTransport(answering(tc.kind, io.NopCloser(body)), tel, &Options{RawPreview: preview.New(&preview.Options{Mode: preview.On})}).RoundTrip(req)
			require.NoError(t, err)
			before := testkit.Heap()
			_, err = io.CopyN(io.Discard, resp.Body, int64(size))
			require.NoError(t, err)
			assert.Less(t, testkit.Heap()-before, int64(most))
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			timing, attrs := only(t, rec, "llm.chat")
			assert.Empty(t, timing.Error)
			assert.EqualValues(t, 9, attrs[KeyInput])
		})
	}
}

// Read and Close at once, from many goroutines: one event a call, the body as it was.
func TestConcurrent(t *testing.T) {
	tel, rec := telemetry(t)
	srv := serve(t, reply{kind: sse, body: strings.Repeat(begun, 200), piece: 999})
	rt := NewTransport(srv.Client().Transport, tel, nil)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+chat, struct{ io.Reader }{strings.NewReader(asked)})
			resp, err := rt.RoundTrip(req)
			if !assert.NoError(t, err) {
				return
			}
			var inner sync.WaitGroup
			inner.Go(func() { _, _ = io.CopyN(io.Discard, resp.Body, 5000) })
			if i%2 == 0 {
				inner.Go(func() { _ = resp.Body.Close() })
			}
			inner.Wait()
			_ = resp.Body.Close()
		})
	}
	wg.Wait()
	assert.Len(t, rec.Timings("llm.chat"), 16)
}

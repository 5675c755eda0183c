package bench

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/llmtel"
)

const llmChunk = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}`

// chunks is a stream without an end.
type chunks struct{ rest string }

func (c *chunks) Read(p []byte) (int, error) {
	if c.rest == "" {
		c.rest = "data: " + llmChunk + "\n\n"
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A chunk of a streamed answer passes by. Beside it is what the provider's own library
// spends on it, and a body that nobody looks at.
func BenchmarkLLMChunk(b *testing.B) {
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(new(chunks)), Request: r}, nil
	})
	pass := func(b *testing.B, rt http.RoundTripper) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://api.openai.com/v1/chat/completions", strings.NewReader("{}"))
			if err != nil {
				b.Error(err)
				return
			}
			resp, err := rt.RoundTrip(req)
			if err != nil {
				b.Error(err)
				return
			}
			defer resp.Body.Close()
			buf := make([]byte, len("data: ")+len(llmChunk)+2)
			for pb.Next() {
				if _, err := io.ReadFull(resp.Body, buf); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.Run("slogtel", func(b *testing.B) {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slog.NewJSONHandler(io.Discard, nil))
		pass(b, llmtel.NewTransport(base, tel, nil))
	})
	b.Run("openai-go decodes it", func(b *testing.B) {
		parallel(b, func() {
			var c openai.ChatCompletionChunk
			if err := json.Unmarshal([]byte(llmChunk), &c); err != nil {
				b.Error(err)
			}
		})
	})
	b.Run("unseen", func(b *testing.B) { pass(b, base) })
}

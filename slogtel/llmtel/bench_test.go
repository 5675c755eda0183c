package llmtel

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

// What a chunk of a stream costs, and what the bytes of a large body do, beside a body
// that nobody looks at.
func BenchmarkBody(b *testing.B) {
	vectors := `{"data":[` + strings.Repeat(`{"embedding":[`+strings.Repeat("0.0123456,", 1535)+`0]},`, 9) + `{}],"model":"m","usage":{"prompt_tokens":9}}`
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard)
	for name, tc := range map[string]struct{ kind, chunk string }{
		"openai_chunk":    {sse, begun},
		"anthropic_chunk": {sse, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n"},
		"gemini_chunk":    {sse, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello there\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":31,\"totalTokenCount\":31},\"modelVersion\":\"gemini-2.5-flash\"}\n\n"},
		"vectors_150KB":   {"application/json", vectors},
	} {
		for _, on := range []bool{false, true} {
			b.Run(name+map[bool]string{false: "/base", true: "/llmtel"}[on], func(b *testing.B) {
				var rt http.RoundTripper = answering(tc.kind, io.NopCloser(&repeated{chunk: tc.chunk, left: 1 << 30}))
				if on {
					rt = NewTransport(rt, tel, nil)
				}
				req, _ := http.NewRequest(http.MethodPost, "http://api.openai.com"+chat, nil)
				resp, err := rt.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				buf := make([]byte, len(tc.chunk))
				b.SetBytes(int64(len(tc.chunk)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := io.ReadFull(resp.Body, buf); err != nil {
						b.Fatal(err)
					}
				}
				_ = resp.Body.Close()
			})
		}
	}
}

// What a call costs besides its body, without a network.
func BenchmarkCall(b *testing.B) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard)
	for name, t := range map[string]*slogtel.Telemetry{"off": nil, "on": tel} {
		b.Run(name, func(b *testing.B) {
			rt := NewTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader(answer), Request: r}, nil
			}), t, nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := post(b, rt, "http://api.openai.com"+chat, asked); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var discard = testkit.HandleFunc(func(context.Context, slog.Record) error { return nil })

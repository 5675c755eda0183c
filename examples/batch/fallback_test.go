package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFallback(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	r := runWith(t, t.Context(), "-model", "no-such-model", "-fallback-model", "gemini-x", dir)
	assert.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, &fallbackMetrics{"gemini-x", 1, 1}, r.env.Metrics.Fallback)
	assert.EqualValues(t, 2, r.env.Usage.Requests)
	assert.Zero(t, r.env.Usage.Retries)
	assert.True(t, r.env.Metrics.Calls[0].Fallback)
	assert.Contains(t, r.stdout, "fallback gemini-x: calls 1, answered 1")
	agree(t, r)

	for name, test := range map[string]struct {
		serve    func(w http.ResponseWriter)
		requests int64 // 2: the fallback was asked
	}{
		"busy":   {func(w http.ResponseWriter) { w.WriteHeader(429) }, 2},
		"broken": {func(w http.ResponseWriter) { w.WriteHeader(500) }, 2},
		"blocked": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}`)
		}, 2},
		"wrong key":    {func(w http.ResponseWriter) { w.WriteHeader(403) }, 1},
		"wrong in all": {func(w http.ResponseWriter) { w.WriteHeader(400) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			url := server(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "second") {
					good(w)
				} else {
					test.serve(w)
				}
			})
			r := runWith(t, t.Context(), "-endpoint", url, "-retries", "0", "-fallback-model", "second", "-raw-preview", dir)
			assert.Equal(t, test.requests, r.env.Usage.Requests)
			assert.EqualValues(t, test.requests-1, r.env.Metrics.Fallback.Answered)
			if name == "blocked" {
				assert.EqualValues(t, 7+13, r.env.Usage.TotalTokens, "the first answer was paid for")
				assert.Len(t, r.env.Metrics.RawPreview.Batch, 2)
			}
			agree(t, r)
		})
	}
	r = runWith(t, t.Context(), "-endpoint", closedEndpoint(t), "-fallback-model", "second", dir)
	assert.Zero(t, r.env.Metrics.Fallback.Calls, "a server that is not there has no other model")
}

package llmtel_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/llmtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A service of the app's own, whose path ends as that of a provider, does not fail by what it answers.
func TestOwnServicesDoNotFail(t *testing.T) {
	for path, answer := range map[string]string{"/v1/messages": "OK", "/survey/responses": "", "/v2/chat": "<html>"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
		tel, rec := slogteltest.New(t)
		client := &http.Client{Transport: llmtel.NewTransport(nil, tel, nil)}
		resp, err := client.Post(server.URL+path, "application/json", strings.NewReader(`{"to":"+1","text":"hi"}`))
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
		server.Close()
		assert.Empty(t, rec.Timings("llm.chat")[0].Error, path)
	}
}

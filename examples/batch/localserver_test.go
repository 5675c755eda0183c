package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLocalServerRefuses(t *testing.T) {
	s, err := startLocalServer(0, 0)
	require.NoError(t, err)
	defer s.close()
	for name, test := range map[string]struct {
		method, path, body string
		code               int
	}{
		"another path":   {"POST", "/", "{}", 404},
		"no model":       {"POST", modelsPath + generateContent, "{}", 404},
		"another action": {"POST", modelsPath + "gemini-x:countTokens", "{}", 404},
		"GET":            {"GET", modelsPath + "gemini-x" + generateContent, "", 404},
		"another model":  {"POST", modelsPath + "m" + generateContent, "{}", 404},
		"cache: model":   {"POST", cachesPath, `{"model":"models/m"}`, 404},
		"cache: small":   {"POST", cachesPath, `{"model":"models/gemini-x","contents":[{"parts":[{"text":"few"}]}]}`, 400},
		"cache: ttl":     {"POST", cachesPath, `{"model":"models/gemini-x","ttl":"soon"}`, 400},
		"cache: rubbish": {"POST", cachesPath, "rubbish", 400},
		"cache: delete":  {"DELETE", cachesPath + "/none", "", 403},
		"cache: use":     {"POST", modelsPath + "gemini-x" + generateContent, `{"contents":[{}],"cachedContent":"cachedContents/none"}`, 403},
		"rubbish":        {"POST", modelsPath + "gemini-x" + generateContent, "rubbish", 400},
		"no contents":    {"POST", modelsPath + "gemini-x" + generateContent, "{}", 400},
		"too large":      {"POST", modelsPath + "gemini-x" + generateContent, `{"contents":[{"parts":[{"text":"` + strings.Repeat("x", maxRequest) + `"}]}]}`, 413},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), test.method, s.url+test.path, strings.NewReader(test.body))
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, test.code, resp.StatusCode)
			assert.Contains(t, string(body), fmt.Sprintf(`"code":%d`, test.code))
		})
	}
}

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func get(t *testing.T, url, accept string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(data)
}

func TestScrape(t *testing.T) {
	var log bytes.Buffer
	h, err := newService(&log)
	require.NoError(t, err)
	server := httptest.NewServer(h)
	defer server.Close()

	status, body := get(t, server.URL+"/count?text=to+be+or+not+to+be", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "6\n", body)
	status, _ = get(t, server.URL+"/count", "")
	assert.Equal(t, http.StatusBadRequest, status)

	status, body = get(t, server.URL+"/metrics", "")
	assert.Equal(t, http.StatusOK, status)
	for _, want := range []string{
		"# TYPE words_count_seconds histogram",
		`words_count_seconds_count{format="plain"} 2`,
		`words_count_seconds_bucket{format="plain",le="+Inf"} 2`,
		`words_count_seconds_errors_total{format="plain"} 1`,
		`words_count_found_total{format=""} 6`,
		`words_count_busy{format=""} 0`,
		`words_count_text_bytes_sum{format=""} 18`,
		`words_slogtel_dropped_events_total{reason="clash"} 0`,
	} {
		assert.Contains(t, body, want+"\n")
	}
	_, body = get(t, server.URL+"/metrics", "application/openmetrics-text")
	assert.Regexp(t, `(?m)^words_count_found_total\{format=""\} 6.0 # \{.*trace_id="[0-9a-f]{32}"`, body)
	assert.True(t, strings.HasSuffix(body, "# EOF\n"))
	assert.Equal(t, 2, strings.Count(log.String(), "\n"), "the app's own log, and the scope that failed: %s", &log)
}

// firstWrite tells of the first thing that is written to it.
type firstWrite chan string

func (w firstWrite) Write(p []byte) (int, error) {
	select {
	case w <- string(p):
	default:
	}
	return len(p), nil
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, ended := make(firstWrite, 1), make(chan error, 1)
	go func() { ended <- run(ctx, "127.0.0.1:0", out, io.Discard) }()
	words := strings.Fields(<-out)
	status, body := get(t, words[len(words)-1], "")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "words_slogtel_series 0\n")
	http.DefaultClient.CloseIdleConnections()
	cancel()
	assert.NoError(t, <-ended)
	assert.ErrorContains(t, run(t.Context(), "nowhere", io.Discard, io.Discard), "missing port")
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBadProviders runs the program against servers that misbehave. There are
// three batches, and a fourth request when these are answered.
func TestBadProviders(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose, "c.md": prose})
	for name, test := range map[string]struct {
		serve    func(n int64, w http.ResponseWriter) // n counts requests, from 1
		code     int
		status   string
		answers  int
		failures int
		want     string // in the failure
		usage    usage
	}{
		"good": {func(_ int64, w http.ResponseWriter) { good(w) },
			exitOK, statusOK, 3, 0, "", usage{4, 0, 40, 0, 12, 0, 52}},
		"busy at first": {func(n int64, w http.ResponseWriter) {
			if n <= 2 {
				refuse(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "slow down")
			} else {
				good(w)
			}
		}, exitOK, statusOK, 3, 0, "", usage{6, 2, 40, 0, 12, 0, 52}},
		"always busy": {func(_ int64, w http.ResponseWriter) { refuse(w, 429, "RESOURCE_EXHAUSTED", "slow down") },
			exitFailed, statusError, 0, 3, "429 Too Many Requests: slow down", usage{Requests: 9, Retries: 6}},
		"always broken": {func(_ int64, w http.ResponseWriter) { w.WriteHeader(500) },
			exitFailed, statusError, 0, 3, "500 Internal Server Error", usage{Requests: 9, Retries: 6}},
		"rubbish": {func(_ int64, w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") },
			exitFailed, statusError, 0, 3, "not what the API promises", usage{Requests: 3}},
		"wrong key": {func(_ int64, w http.ResponseWriter) { refuse(w, 403, "PERMISSION_DENIED", "bad key: "+testKey) },
			exitFailed, statusError, 0, 3, "403 Forbidden: bad key: [REDACTED]", usage{Requests: 3}},
		"one bad answer": {func(n int64, w http.ResponseWriter) {
			if n == 2 {
				respond(w, 200, generateResponse{})
			} else {
				good(w)
			}
		}, exitFailed, statusPartial, 2, 1, "it has no candidates", usage{4, 0, 30, 0, 9, 0, 39}},
		"no answer to the answers": {func(n int64, w http.ResponseWriter) {
			if n == 4 {
				w.WriteHeader(400)
			} else {
				good(w)
			}
		}, exitFailed, statusPartial, 3, 1, "400 Bad Request", usage{4, 0, 30, 0, 9, 0, 39}},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			url := server(t, func(w http.ResponseWriter, _ *http.Request) { test.serve(requests.Add(1), w) })
			r := runWith(t, t.Context(), "-endpoint", url, "-batch-tokens", "64", "-retries", "2", dir)

			assert.Equal(t, test.code, r.code)
			assert.Equal(t, test.status, r.env.Status)
			assert.Len(t, r.env.Parts, test.answers)
			require.Len(t, r.env.Failures, test.failures)
			for _, f := range r.env.Failures {
				assert.Contains(t, f.Error, test.want)
				assert.Contains(t, r.stderr, "batch: "+f.Stage)
			}
			assert.Equal(t, test.usage, r.env.Usage)
			assert.EqualValues(t, requests.Load(), r.env.Usage.Requests)
			assert.Contains(t, r.stdout, "\n"+test.status+": files 3, batches 3, ")
			agree(t, r)
		})
	}
}

func TestProviderThatIsDownFailsEveryBatch(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose})
	r := runWith(t, t.Context(), "-endpoint", closedEndpoint(t), "-batch-tokens", "64", dir)
	assert.Equal(t, exitFailed, r.code)
	assert.Equal(t, statusError, r.env.Status)
	require.Len(t, r.env.Failures, 2)
	for _, f := range r.env.Failures {
		assert.Contains(t, f.Error, "the provider cannot be reached: ")
		assert.Equal(t, 1, f.Attempts)
		assert.Zero(t, f.HTTPStatus)
	}
	agree(t, r)
}

func TestBadInputIsReportedAndTheRestDone(t *testing.T) {
	dir := files(t, map[string]string{
		"good.md": prose, "image.md": "\x00\x01", "huge.md": strings.Repeat("x", 5000), "empty/x.txt": "",
	})
	r := runWith(t, t.Context(), "-max-file", "4096", filepath.Join(dir, "gone\x1b[31m"), dir, filepath.Join(dir, "empty"))
	assert.Equal(t, exitFailed, r.code)
	assert.Equal(t, statusPartial, r.env.Status)
	assert.Len(t, r.env.Parts, 1)
	assert.Len(t, r.env.Failures, 4)
	assert.Equal(t, 1, r.env.Input.Files)
	assert.NotContains(t, r.stdout+r.stderr, "\x1b")
	for _, want := range []string{"no such file", errBinary.Error(), "-max-file", "no .md or .go file"} {
		assert.Contains(t, r.stderr, want)
	}
	agree(t, r)
}

func TestNothingToDo(t *testing.T) {
	r := runWith(t, t.Context(), filepath.Join(t.TempDir(), "gone"))
	assert.Equal(t, exitFailed, r.code)
	assert.Equal(t, statusError, r.env.Status)
	assert.Contains(t, r.stderr, "no such file or directory")

	r = runWith(t, t.Context(), files(t, map[string]string{"blank.md": "\n"}))
	assert.Equal(t, exitOK, r.code, "a blank file asks for nothing")
	assert.Equal(t, 1, r.env.Input.Blank)
}

// TestManyFailures shows that the screen does not fill with them.
func TestManyFailures(t *testing.T) {
	var paths []string
	for range 25 {
		paths = append(paths, filepath.Join(t.TempDir(), "gone"))
	}
	r := runWith(t, t.Context(), paths...)
	assert.Len(t, r.env.Failures, 25)
	assert.Equal(t, shownFailures, strings.Count(r.stderr, "batch: read"))
	assert.Contains(t, r.stderr, "and 15 more failures")
}

func TestInterrupt(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose, "b.md": prose, "c.md": prose, "d.md": prose})
	interrupted := errors.New("interrupted by a test")
	ctx, cancel := context.WithCancelCause(t.Context())
	var requests atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			good(w)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		cancel(interrupted)
		<-r.Context().Done() // hangs until the client is gone
	})
	r := runWith(t, ctx, "-endpoint", url, "-batch-tokens", "64", "-concurrency", "1", dir)

	assert.Equal(t, exitFailed, r.code)
	assert.True(t, r.env.Interrupted)
	assert.Equal(t, statusPartial, r.env.Status)
	assert.Len(t, r.env.Parts, 1, "what was done is kept")
	require.Len(t, r.env.Failures, 3)
	for _, f := range r.env.Failures {
		assert.Equal(t, interrupted.Error(), f.Error)
	}
	assert.EqualValues(t, 2, requests.Load(), "no new request")
	agree(t, r)
}

func TestTelemetryOff(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	r := runWith(t, t.Context(), "-telemetry", "off", "-raw-preview", dir)
	assert.Equal(t, exitOK, r.code)
	assert.NoFileExists(t, r.telemetry)
	assert.Positive(t, r.env.Metrics.Durations["pipeline.call.batch"], "durations are in every result")
	require.NotNil(t, r.env.Metrics.RawPreview, "previews need no telemetry")
	assert.Len(t, r.env.Metrics.RawPreview.Batch, 1)
	assert.Nil(t, r.env.Metrics.Memory)
	assert.Positive(t, r.env.Usage.TotalTokens)
	assert.Empty(t, r.stderr)
	assert.NotContains(t, r.stdout, "SCOPE")
}

func TestResultOnStandardOutput(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	r := runWith(t, t.Context(), "-out", "-", dir)
	assert.Zero(t, r.code)
	var env envelope
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &env), "nothing else is there")
	assert.Equal(t, statusOK, env.Status)
	assert.Contains(t, r.stderr, "SCOPE")
}

func TestVerboseAndQuiet(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	normal, verbose, quiet := runWith(t, t.Context(), dir), runWith(t, t.Context(), "-v", dir), runWith(t, t.Context(), "-q", dir)
	assert.Contains(t, normal.stderr, "    batch ")
	assert.NotContains(t, normal.stderr, "api.request")
	assert.Contains(t, verbose.stderr, "api.request")
	assert.Contains(t, verbose.stderr, "api.tokens.prompt +")
	assert.Empty(t, quiet.stderr)
}

func TestResultReplacesTheOneBefore(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	out := filepath.Join(dir, "result.json")
	require.NoError(t, os.WriteFile(out, bytes.Repeat([]byte("x"), 1<<20), 0o600))
	runWith(t, t.Context(), "-out", out, dir)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.True(t, json.Valid(data))
}

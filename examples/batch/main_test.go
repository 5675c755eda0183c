package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

// testKey is a key that must never be seen again.
const testKey = "AIzaSyTEST-0123456789abcdefghijklmnopq"

// ran is what one run left behind.
type ran struct {
	code           int
	stdout, stderr string
	out, telemetry string // paths
	env            envelope
}

// runWith runs the program in a fresh folder for its output.
func runWith(t *testing.T, ctx context.Context, args ...string) ran {
	t.Helper()
	dir := t.TempDir()
	r := ran{out: filepath.Join(dir, "result.json"), telemetry: filepath.Join(dir, "telemetry.jsonl")}
	var stdout, stderr bytes.Buffer
	args = slices.Concat([]string{"-out", r.out, "-telemetry", r.telemetry, "-backoff", "1ms"}, args)
	r.code = run(ctx, args, environment(testKey), &stdout, &stderr)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	if data, err := os.ReadFile(r.out); err == nil {
		require.NoError(t, json.Unmarshal(data, &r.env), "%s", data)
	}
	for _, path := range []string{r.out, r.telemetry} {
		data, _ := os.ReadFile(path)
		assert.NotContains(t, string(data), testKey, path)
	}
	assert.NotContains(t, r.stdout+r.stderr, testKey)
	return r
}

func environment(key string) func(string) string {
	return func(name string) string {
		if name == keyVariable {
			return key
		}
		return ""
	}
}

// files writes files with this content, by name, and returns their folder.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// prose is a text that a batch of 64 tokens has room for once.
const prose = "The quick brown fox jumps over the lazy dog, and the dog sleeps on. The fox is happy about the sleeping dog.\n" +
	"A dog that sleeps all day long catches no fox. Such is the way of the fox and the dog, and it will stay that way.\n"

// server starts a provider.
func server(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// good answers a request as it should be.
func good(w http.ResponseWriter) {
	respond(w, http.StatusOK, generateResponse{
		Candidates:    []candidate{{Content: content{Role: "model", Parts: []part{{Text: "An answer."}}}, FinishReason: finishStop}},
		UsageMetadata: usageMetadata{PromptTokenCount: 10, CandidatesTokenCount: 3, TotalTokenCount: 13},
		ModelVersion:  "test-1",
	})
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-h"}, environment(""), &stdout, &stderr)
	assert.Zero(t, code)
	assert.Empty(t, stderr.String())
	for _, want := range []string{"Usage: batch", "-concurrency", "-telemetry", "Exit codes", keyVariable} {
		assert.Contains(t, stdout.String(), want)
	}
}

func TestWrongUsage(t *testing.T) {
	real := "https://generativelanguage.googleapis.com"
	for name, test := range map[string]struct {
		args []string
		key  string
		want string
	}{
		"unknown flag":       {[]string{"-nope"}, "", "-nope"},
		"not a number":       {[]string{"-concurrency", "many"}, "", "many"},
		"concurrency":        {[]string{"-concurrency", "0"}, "", "-concurrency must be"},
		"retries":            {[]string{"-retries", "-1"}, "", "-retries must be"},
		"tokens":             {[]string{"-batch-tokens", "5"}, "", "-batch-tokens must be"},
		"timeout":            {[]string{"-timeout", "0"}, "", "-timeout must be"},
		"backoff":            {[]string{"-backoff", "2h"}, "", "-backoff must be"},
		"max-file":           {[]string{"-max-file", "0"}, "", "-max-file must be"},
		"same file twice":    {[]string{"-out", "./x", "-telemetry", "x"}, "", "different files"},
		"loud and quiet":     {[]string{"-v", "-q"}, "", "exclude each other"},
		"limit of another":   {[]string{"-local-limit", "2", "-endpoint", real}, testKey, "-local-limit"},
		"no URL":             {[]string{"-endpoint", "nowhere"}, testKey, "-endpoint must be a URL"},
		"another scheme":     {[]string{"-endpoint", "ftp://host"}, testKey, "-endpoint must be a URL"},
		"no key":             {[]string{"-endpoint", real}, "", keyVariable},
		"short key":          {[]string{"-endpoint", real}, "abc", "too short"},
		"key of two lines":   {[]string{"-endpoint", real}, testKey + "\nx: y", "holds characters"},
		"key in the URL":     {[]string{"-endpoint", real + "?key=" + testKey}, testKey, "the key belongs in"},
		"password in URL":    {[]string{"-endpoint", "https://u:" + testKey + "@host"}, testKey, "the key belongs in"},
		"key unencrypted":    {[]string{"-endpoint", "http://example.com"}, testKey, "must be https"},
		"statsd and off":     {[]string{"-statsd", "127.0.0.1:8125", "-telemetry", "off"}, "", "-statsd needs telemetry"},
		"empty prompt":       {[]string{"-prompt", "a", "-prompt", " "}, "", "-prompt must not be empty"},
		"same prompt":        {[]string{"-prompt", "a", "-prompt", "b", "-prompt", "a "}, "", "-prompt must not be given twice"},
		"too many prompts":   {numbered(51), "", "-prompt may be given 50 times"},
		"same model":         {[]string{"-fallback-model", "gemini-2.5-flash"}, "", "-fallback-model must be another"},
		"nothing to compare": {[]string{"-compare"}, "", "-compare needs several prompts"},
		"cache-ttl":          {[]string{"-cache-ttl", "0s"}, "", "-cache-ttl must be"},
		"no address":         {[]string{"-statsd", "127.0.0.1:0"}, "", "malformed address"},
		"control characters": {[]string{"-\x1b[31mred"}, "", "�[31mred"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), test.args, environment(test.key), &stdout, &stderr)
			assert.Equal(t, exitUsage, code)
			assert.Contains(t, stderr.String(), test.want)
			assert.NotContains(t, stderr.String(), testKey)
			assert.Empty(t, stdout.String())
			entries, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Empty(t, entries, "nothing is written")
		})
	}
}

// numbered is so many prompts.
func numbered(n int) (args []string) {
	for i := range n {
		args = append(args, "-prompt", strconv.Itoa(i))
	}
	return args
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})
	for name, args := range map[string][]string{
		"result":    {"-out", filepath.Join(dir, "gone", "result.json")},
		"telemetry": {"-telemetry", dir},
	} {
		t.Run(name, func(t *testing.T) {
			r := runWith(t, t.Context(), append(args, dir)...)
			assert.Equal(t, exitFailed, r.code)
			assert.Contains(t, r.stderr, "batch: open "+dir)
			assert.Empty(t, r.stdout, "no work is done")
		})
	}
}

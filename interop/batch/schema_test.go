package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/internal/batchrun"
)

const root = "../.."

// program builds the batch example.
func program(t *testing.T) string {
	t.Helper()
	path, err := batchrun.Build(t.Context(), t.TempDir())
	require.NoError(t, err)
	return path
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "docs", "batch-envelope.schema.json"))
	require.NoError(t, err)
	return s
}

// input is a folder with files of many kinds, some of which cannot be used.
func input(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"readme.md": readme, "again.md": readme, "empty.md": nil, "code.go": []byte("// Package p is a package of one line.\npackage p\n"),
		"image.md": append([]byte("\x89PNG\r\n\x1a\n"), 0, 1, 2), "paper.md": []byte("%PDF-1.7\n"), "latin.md": []byte("caf\xe9 au lait\n"),
		"huge.md": bytes.Repeat([]byte("All work and no play. "), 5000),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	return dir
}

// text is an answer of the provider that holds a text.
func text(s string) string {
	quoted, _ := json.Marshal(s)
	return fmt.Sprintf(`{"candidates":[{"content":{"parts":[{"text":%s}]},"finishReason":"STOP"}],"modelVersion":"m-1",
		"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":14}}`, quoted)
}

func answering(code int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// TestResultsObeyTheSchema runs the program in many ways, against good and bad providers.
func TestResultsObeyTheSchema(t *testing.T) {
	batch, want, dir := program(t), schema(t), input(t)
	readme, gone := filepath.Join(dir, "readme.md"), filepath.Join(dir, "gone.md")
	prompts := []string{"-prompt", "What is a scope?", "-prompt", "What is a reporter?", "-prompt", "How much does it cost?"}
	hanging := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	for name, test := range map[string]struct {
		serve  http.HandlerFunc // nil: the built-in provider
		status string
		args   []string
	}{
		"one prompt":           {nil, "ok", []string{readme}},
		"nothing to ask":       {nil, "ok", []string{filepath.Join(dir, "empty.md")}},
		"files of many kinds":  {nil, "partial", []string{"-max-file", "50000", dir, readme, gone, "/dev/null"}},
		"no file":              {nil, "error", []string{gone}},
		"many batches":         {nil, "ok", []string{"-batch-tokens", "200", "-local-limit", "2", "-retries", "10", "-raw-preview", readme}},
		"more previews":        {nil, "ok", []string{"-batch-tokens", "64", "-raw-preview", filepath.Join(root, "docs")}},
		"telemetry off":        {nil, "ok", []string{"-telemetry", "off", "-raw-preview", readme}},
		"statsd":               {nil, "ok", []string{"-statsd", "127.0.0.1:9", readme}},
		"vectorized":           {nil, "ok", append(prompts, readme)},
		"cached":               {nil, "ok", append(prompts, "-one-by-one", filepath.Join(root, "docs", "schema.md"))},
		"cache refused":        {nil, "ok", append(prompts, "-one-by-one", filepath.Join(dir, "code.go"))},
		"cache expired":        {nil, "ok", append(prompts, "-one-by-one", "-cache-ttl", "1ns", filepath.Join(root, "docs", "schema.md"))},
		"compared":             {nil, "ok", append(prompts, "-compare", "-batch-tokens", "1000", readme)},
		"JSON":                 {nil, "ok", append(prompts, "-json", "-batch-tokens", "1000", readme)},
		"fallback":             {nil, "ok", []string{"-model", "none", "-fallback-model", "gemini-2.5-flash", readme}},
		"fallback, not needed": {nil, "ok", []string{"-fallback-model", "gemini-x", readme}},
		"answers":              {answering(200, text("Yes.")), "ok", []string{"-raw-preview", readme}},
		"fenced":               {answering(200, text("```json\n{\"a\":1}\n```")), "ok", []string{"-json", readme}},
		"embedded":             {answering(200, text(`It is {"a":[1]}, I think.`)), "ok", []string{"-json", readme}},
		"repaired":             {answering(200, text(`{"a":1,"b":[1,2`)), "ok", []string{"-json", readme}},
		"no JSON":              {answering(200, text("No.")), "error", []string{"-json", readme}},
		"too few answers":      {answering(200, text(`["one"]`)), "ok", append(prompts, "-raw-preview", readme)},
		"blocked":              {answering(200, `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}}`), "error", []string{"-raw-preview", readme}},
		"only thoughts":        {answering(200, `{"candidates":[{"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":9,"totalTokenCount":18}}`), "error", []string{"-raw-preview", readme}},
		"cut off":              {answering(200, `{"candidates":[{"content":{"parts":[{"text":"ha`), "error", []string{"-raw-preview", readme}},
		"broken off":           {answering(200, "{", "Content-Length", "99"), "error", []string{"-raw-preview", readme}},
		"no JSON at all":       {answering(200, "<html>"), "error", []string{"-raw-preview", readme}},
		"another shape":        {answering(200, `{"choices":[{"message":{"content":"hi"}}]}`), "error", []string{"-raw-preview", readme}},
		"busy":                 {answering(429, `{"error":{"code":429,"message":"slow down"}}`, "Retry-After", "0"), "error", append(prompts, "-retries", "2", readme)},
		"busy for long":        {answering(429, "", "Retry-After", "3600"), "error", []string{readme}},
		"broken":               {answering(500, ""), "error", []string{"-retries", "1", "-fallback-model", "other", readme}},
		"wrong key":            {answering(403, `{"error":{"message":"bad key"}}`), "error", append(prompts, "-one-by-one", readme)},
		"slow":                 {hanging, "error", []string{"-timeout", "50ms", "-retries", "1", readme}},
		"dead":                 {nil, "error", append(prompts, "-one-by-one", "-endpoint", "http://"+testkit.Refused(t), readme)},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "result.json")
			args := []string{"-q", "-out", out, "-telemetry", filepath.Join(t.TempDir(), "t.jsonl"), "-backoff", "1ms"}
			if test.serve != nil {
				s := httptest.NewServer(test.serve)
				defer s.Close()
				args = append(args, "-endpoint", s.URL)
			}
			cmd := exec.CommandContext(t.Context(), batch, slices.Concat(args, test.args)...)
			cmd.Env = append(os.Environ(), "GEMINI_API_KEY=")
			printed, err := cmd.CombinedOutput()
			require.NotNil(t, cmd.ProcessState, err)
			assert.Equal(t, test.status == "ok", cmd.ProcessState.ExitCode() == 0, "%s", printed)
			obeys(t, want, out, test.status)
		})
	}
}

func TestInterruptedResultObeysTheSchema(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an interrupt cannot be sent to another process here")
	}
	batch, want, dir := program(t), schema(t), t.TempDir()
	begun := make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		begun <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	out := filepath.Join(dir, "result.json")
	cmd := exec.CommandContext(t.Context(), batch, "-q", "-out", out, "-telemetry", "off", "-endpoint", s.URL, filepath.Join(root, "README.md"))
	cmd.WaitDelay = time.Minute
	require.NoError(t, cmd.Start())
	<-begun
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	obeys(t, want, out, "error")
}

func obeys(t *testing.T, want *jsonschema.Schema, path, status string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, want.Validate(value), "%s", data)
	assert.Equal(t, status, value.(map[string]any)["status"], "%s", data)
}

// TestSchemaRefuses changes a good result in ways that the schema must notice.
func TestSchemaRefuses(t *testing.T) {
	batch, want, dir := program(t), schema(t), t.TempDir()
	out := filepath.Join(dir, "result.json")
	cmd := exec.CommandContext(t.Context(), batch, "-q", "-out", out, "-telemetry", "off", filepath.Join(root, "README.md"))
	require.NoError(t, cmd.Run())
	good, err := os.ReadFile(out)
	require.NoError(t, err)
	compact := new(bytes.Buffer)
	require.NoError(t, json.Compact(compact, good))
	for old, changed := range map[string]string{
		`"status":"ok"`:         `"status":"failed"`,
		`"failures":[]`:         `"failures":null`,
		`"interrupted":false,`:  ``,
		`"in_range":true`:       `"in_range":1`,
		`"stage":"call"`:        `"stage":"dial"`,
		`"method":"estimated"`:  `"method":"guessed"`,
		`"usage":{`:             `"usage":{"more":1,`,
		`"answers":[{`:          `"answers":[null,{`,
		`"prompts":[1],"model"`: `"prompts":[],"model"`,
		`"retries":0`:           `"retries":-1`,
	} {
		broken := strings.Replace(compact.String(), old, changed, 1)
		require.NotEqual(t, compact.String(), broken, "%s is not in the result", old)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		require.NoError(t, err)
		assert.Error(t, want.Validate(value), changed)
	}
}

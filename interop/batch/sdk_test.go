package batch

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"
)

// request is what a client sent: what it is and the shape of its body, without its values.
type request struct {
	method, path string
	body         any
}

// recorder is a provider that notes the requests it gets.
type recorder struct {
	mu   sync.Mutex
	seen []request
}

func (p *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body any
	if data, _ := io.ReadAll(r.Body); len(data) > 0 && json.Unmarshal(data, &body) != nil {
		w.WriteHeader(400)
		return
	}
	p.mu.Lock()
	p.seen = append(p.seen, request{r.Method, r.URL.Path, shape(body)})
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodDelete:
		_, _ = io.WriteString(w, "{}")
	case strings.HasSuffix(r.URL.Path, "/cachedContents"):
		_, _ = io.WriteString(w, `{"name":"cachedContents/c1","model":"models/gemini-2.5-flash","usageMetadata":{"totalTokenCount":4}}`)
	default:
		_, _ = io.WriteString(w, text(`["one","two"]`))
	}
}

// shape replaces values by the names of their types, and lists by their first element.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any)
		for k, e := range v {
			m[k] = shape(e)
		}
		return m
	case []any:
		if len(v) > 0 {
			return []any{shape(v[0])}
		}
		return v
	case string:
		return "string"
	case float64:
		return "number"
	}
	return v
}

// TestRequestsAreThoseOfTheSDK sends the requests of the program with Google's own client, and
// compares.
func TestRequestsAreThoseOfTheSDK(t *testing.T) {
	batch := program(t)
	var ours, theirs recorder
	run := func(args ...string) {
		s := httptest.NewServer(&ours)
		defer s.Close()
		dir := t.TempDir()
		args = append(args, "-q", "-concurrency", "1", "-out", filepath.Join(dir, "r.json"), "-telemetry", "off", "-endpoint", s.URL,
			"-prompt", "a", "-prompt", "b", filepath.Join(root, "docs", "schema.md"))
		printed, err := exec.CommandContext(t.Context(), batch, args...).CombinedOutput()
		require.NoError(t, err, "%s", printed)
	}
	run("-one-by-one")
	run()

	s := httptest.NewServer(&theirs)
	defer s.Close()
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: "key", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: s.URL}})
	require.NoError(t, err)
	const model = "gemini-2.5-flash"
	contents := []*genai.Content{genai.NewContentFromText("text", genai.RoleUser)}
	config := genai.GenerateContentConfig{MaxOutputTokens: 9, Temperature: genai.Ptr[float32](0)}

	cache, err := client.Caches.Create(t.Context(), model, &genai.CreateCachedContentConfig{Contents: contents, TTL: time.Minute})
	require.NoError(t, err)
	cached := config
	cached.CachedContent = cache.Name
	for range 2 {
		_, err = client.Models.GenerateContent(t.Context(), model, contents, &cached)
		require.NoError(t, err)
	}
	_, err = client.Caches.Delete(t.Context(), cache.Name, nil)
	require.NoError(t, err)
	vectorized := config
	vectorized.ResponseMIMEType = "application/json"
	vectorized.ResponseSchema = &genai.Schema{Type: genai.TypeArray, Items: &genai.Schema{Type: genai.TypeString}, MinItems: genai.Ptr[int64](2), MaxItems: genai.Ptr[int64](2)}
	_, err = client.Models.GenerateContent(t.Context(), model, contents, &vectorized)
	require.NoError(t, err)

	assert.Equal(t, theirs.seen, ours.seen)
}

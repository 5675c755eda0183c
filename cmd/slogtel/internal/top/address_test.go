//go:build !js

package top

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

// testdata/page.json is an answer of reporters/live.
func TestAddress(t *testing.T) {
	kept, err := os.ReadFile("testdata/page.json")
	require.NoError(t, err)
	answer, status := string(kept), http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "json", r.URL.Query().Get("format"))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	poller, err := remote.NewPoller(server.URL)
	require.NoError(t, err)
	a := newAddress(poller)
	get := func() *snapshot { return a.snapshot(t.Context()) }

	s := get()
	require.NoError(t, a.err)
	assert.Empty(t, s.Problem)
	assert.Contains(t, s.Source, "shop")
	require.Len(t, s.Scopes, 2)
	assert.Equal(t, "request", s.Scopes[0].Scope)
	assert.EqualValues(t, 590, s.Scopes[0].Calls)
	assert.NotNil(t, s.Scopes[0].P99)
	require.GreaterOrEqual(t, len(s.Open), 2)
	assert.Equal(t, open{Scope: "checkout", AgeS: s.Open[0].AgeS, Attrs: "model=m 1 order=17"}, s.Open[0])
	assert.Equal(t, 1, s.Open[1].Depth)
	assert.Len(t, s.Counters, 1)
	assert.Len(t, s.Gauges, 1)
	assert.Len(t, s.Histograms, 1)

	status = http.StatusForbidden
	s = get()
	assert.Contains(t, s.Problem, "403")
	assert.Len(t, s.Scopes, 2, "what was known is still shown")
	status = http.StatusOK
	for _, bad := range []string{"", "<html>", "[]", "{}", `{"schema":1}`, `{"schema":"x","scopes":[]}`, `{"streams":[]}`} {
		answer = bad
		assert.Contains(t, get().Problem, "not that of reporters/live", bad)
	}
	answer = strings.Replace(string(kept), `"schema": 1`, `"schema": 99`, 1)
	assert.Contains(t, get().Problem, "newer slogtel")
	answer = strings.Replace(string(kept), `"pid": `, `"pid": 1`, 1)
	assert.Contains(t, strings.Join(get().Notes, ""), "another process answers")
	answer = strings.Replace(string(kept), `"ended": false`, `"ended": true`, 1)
	assert.Contains(t, get().Problem, "shut its telemetry down")
	answer = strings.Replace(string(kept), `"Overflow": 0`, `"Overflow": 7`, 1)
	require.NotEqual(t, string(kept), answer)
	assert.Contains(t, strings.Join(get().Notes, ""), "7 events of more names")

	server.Close()
	s = get()
	assert.Contains(t, s.Problem, "trying again")
	assert.Len(t, s.Scopes, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.NotNil(t, newAddress(poller).snapshot(ctx).Scopes, "never an answer: an empty one")
}

// A page with more inside of one another than any app has does not take more than its share.
func TestAddressIsBounded(t *testing.T) {
	deep := pageOpen{Scope: "a"}
	for range 500 {
		deep = pageOpen{Scope: "a", Children: []pageOpen{deep}}
	}
	assert.LessOrEqual(t, len(flat(nil, []pageOpen{deep}, 0)), maxDepth+1)
	assert.Len(t, flat(nil, make([]pageOpen, 5000), 0), maxOpen)
}

func TestAsURL(t *testing.T) {
	for name, want := range map[string]string{
		"localhost:6060": "http://localhost:6060/", ":6060": "http://localhost:6060/", "127.0.0.1:1/": "http://127.0.0.1:1/",
		"[::1]:6060": "http://[::1]:6060/", "host:80/debug/live?q=x": "http://host:80/debug/live?q=x",
		"x.jsonl": "x.jsonl", "a:b": "a:b", "*:80": "*:80", "-": "-", "http://x:1": "http://x:1", "C:/logs/x": "C:/logs/x", "a:99999": "a:99999",
	} {
		assert.Equal(t, want, asURL(name), name)
	}
}

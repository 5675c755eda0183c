package llmtel

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// documented returns the bodies that package preview has of the providers' documentation, by name.
func documented(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../preview/testdata/*.txt")
	require.NoError(t, err)
	bodies := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, section := range strings.Split("\n"+strings.ReplaceAll(string(b), "\r\n", "\n"), "\n=== ")[1:] {
			head, rest, _ := strings.Cut(section, "\n")
			name, _, _ := strings.Cut(head, " ")
			bodies[name], _, _ = strings.Cut(rest, "\n--- preview\n")
		}
	}
	require.NotEmpty(t, bodies)
	return bodies
}

// reply is what a server answers.
type reply struct {
	status int // 0: 200
	kind   string
	header map[string]string
	body   string
	piece  int  // bytes sent at a time; 0: all
	abort  bool // cut the connection behind the body
}

func (a reply) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if w.Header().Set("Content-Type", a.kind); a.kind == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	for body := a.body; body != ""; {
		n := len(body)
		if a.piece > 0 {
			n = min(n, a.piece)
		}
		_, _ = io.WriteString(w, body[:n])
		_ = http.NewResponseController(w).Flush()
		body = body[n:]
	}
	if a.abort {
		panic(http.ErrAbortHandler)
	}
}

func serve(t testing.TB, h http.Handler) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// roundTripFunc is a base without a network.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// post sends a request with this body through the transport and reads the answer to its end.
func post(t testing.TB, rt http.RoundTripper, url, body string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// playing is a client of a server that answers so, and what is recorded of it.
func playing(t testing.TB, a reply, opts *Options) (rt http.RoundTripper, url string, rec *slogteltest.Recorder) {
	tel, rec := telemetry(t)
	srv := serve(t, a)
	return NewTransport(srv.Client().Transport, tel, opts), srv.URL, rec
}

func telemetry(t testing.TB) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, OnError: rec.OnError}, rec), rec
}

// only returns the one timing of path and its attributes as plain values.
func only(t testing.TB, rec *slogteltest.Recorder, path string) (slogtel.Timing, map[string]any) {
	t.Helper()
	all := rec.Timings(path)
	require.Len(t, all, 1, "%s among %v", path, rec.Scopes())
	m := make(map[string]any)
	for _, a := range all[0].Attrs {
		m[a.Key] = a.Value.Any()
	}
	return all[0], m
}

func reader(s string) io.ReadCloser { return io.NopCloser(bytes.NewReader([]byte(s))) }

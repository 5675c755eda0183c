package httptel

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// tracing returns a Telemetry that keeps ids.
func tracing(t testing.TB) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec), rec
}

// only returns the one timing of path.
func only(t testing.TB, rec *slogteltest.Recorder, path string) slogtel.Timing {
	t.Helper()
	all := rec.Timings(path)
	require.Len(t, all, 1, "%s among %v", path, rec.Scopes())
	return all[0]
}

// attrs returns the attributes of a timing as plain values.
func attrs(t slogtel.Timing) map[string]any {
	m := make(map[string]any)
	for _, a := range t.Attrs {
		m[a.Key] = a.Value.Any()
	}
	return m
}

func newServer(t testing.TB, h http.Handler, http2 bool) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if http2 {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv
}

// serve runs one request through the middleware, without a network.
func serve(tel *slogtel.Telemetry, opts *ServerOptions, h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	NewMiddleware(tel, opts)(h).ServeHTTP(w, req)
	return w
}

// text returns a handler that sends status and body.
func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// roundTrip is a RoundTripper that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A traceparent, and its ids.
const (
	id32 = "0af7651916cd43dd8448eb211c80319c"
	id16 = "b7ad6b7169203331"
	good = "00-" + id32 + "-" + id16 + "-01"
)

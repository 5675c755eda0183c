// Package routertest is what the adapters of routers have to pass: real requests through a real
// server, and what was recorded beside what the client saw.
package routertest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A Case is one request and what is to be recorded of it.
type Case struct {
	Method, Path string
	Scope        string // without http.server.
	Route        string // "": none
	Status       int    // 0: the connection breaks, so that nobody knows
	Error        string // a part of it; "": no error
	Unknown      bool   // the status is sent by what is outside of the middleware, which cannot know it
	NoSize       bool   // so is the body
	Hijacked     bool
}

// A Router makes the handler of a service, whose requests are recorded with tel.
type Router func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler

// Run sends the request of each case to a server of its own.
func Run(t *testing.T, router Router, cases map[string]Case) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := slogteltest.NewRecorder(t)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec)
			srv := serve(t, router(tel, nil))
			resp, body, err := send(t, srv, c)
			srv.Close() // waits for the handler, unless it has hijacked the connection
			require.Eventually(t, func() bool { return len(rec.Timings("")) > 0 && len(rec.Open()) == 0 }, time.Minute, time.Millisecond)
			switch {
			case c.Hijacked:
				require.NoError(t, err)
				assert.Equal(t, "hijacked", body)
			case c.Status == 0:
				require.Error(t, err)
			default:
				require.NoError(t, err)
				require.Equal(t, c.Status, resp.StatusCode, body)
			}
			check(t, rec, c, body)
		})
	}
}

func check(t *testing.T, rec *slogteltest.Recorder, c Case, body string) {
	var roots []slogtel.Timing
	for _, x := range rec.Timings("") {
		if x.Depth == 0 {
			roots = append(roots, x)
		}
	}
	require.Len(t, roots, 1)
	got, attrs := roots[0], make(map[string]any)
	for _, a := range got.Attrs {
		attrs[a.Key] = a.Value.Any()
	}
	assert.Equal(t, "http.server."+c.Scope, got.Scope)
	if c.Route == "" {
		assert.NotContains(t, attrs, httptel.KeyRoute)
	} else {
		assert.Equal(t, c.Route, attrs[httptel.KeyRoute])
	}
	if c.Status == 0 || c.Unknown || c.Hijacked {
		assert.NotContains(t, attrs, httptel.KeyStatus)
	} else {
		assert.EqualValues(t, c.Status, attrs[httptel.KeyStatus])
		if c.NoSize {
			assert.NotContains(t, attrs, httptel.KeyResponseSize)
		} else {
			assert.EqualValues(t, len(body), attrs[httptel.KeyResponseSize])
		}
	}
	if c.Hijacked {
		assert.Equal(t, true, attrs[httptel.KeyHijacked])
	}
	if c.Error == "" {
		assert.Empty(t, got.Error)
	} else {
		assert.Contains(t, got.Error, c.Error)
	}
	for _, x := range rec.Timings("") {
		if x.Depth > 0 {
			assert.Equal(t, got.SpanID, x.ParentSpanID)
			assert.Equal(t, got.Scope, x.ParentScope, "a scope inside has the right name around it")
		}
	}
	assert.Empty(t, rec.Errors())
	rec.CheckNoOpenScopes(t)
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

func send(t *testing.T, srv *httptest.Server, c Case) (*http.Response, string, error) {
	method, sent := c.Method, io.Reader(nil)
	if method == http.MethodPost {
		sent = strings.NewReader("hello")
	}
	req, err := http.NewRequest(method, srv.URL+c.Path, sent)
	require.NoError(t, err)
	client := *srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// Load opens a scope as a handler does for its work, and checks that the request's is around
// it, if the request is recorded.
func Load(tel *slogtel.Telemetry, r *http.Request) {
	if !tel.Enabled() || r.URL.RawQuery == "filtered" {
		return
	}
	ctx, span := tel.Start(r.Context(), "load")
	defer span.End()
	if in, ok := scope.FromContext(ctx); !ok || in.Depth != 1 {
		panic("the handler is not in the scope of the request")
	}
}

// Stream writes twice with a flush in between, as http.Flusher and as http.ResponseController do it.
func Stream(w http.ResponseWriter) {
	_, _ = io.WriteString(w, "one")
	w.(http.Flusher).Flush()
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(err)
	}
	_, _ = io.WriteString(w, "two")
}

// Hijack takes the connection over, answers and closes it.
func Hijack(w http.ResponseWriter) {
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nhijacked")
	_ = rw.Flush()
}

// TestOptions checks that the options reach the middleware, that it is off with a Telemetry
// that is off, and that a filtered request goes through as it is. The router must answer GET
// /users/7.
func TestOptions(t *testing.T, router Router) {
	for _, tel := range []*slogtel.Telemetry{nil, slogtel.Disabled()} {
		resp, _, err := send(t, serve(t, router(tel, nil)), Case{Method: "GET", Path: "/users/7"})
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
	}
	tel, rec := slogteltest.New(t)
	opts := &httptel.ServerOptions{
		Filter:    func(r *http.Request) bool { return r.URL.RawQuery == "" },
		ScopeName: func(pattern string) string { return "own " + pattern },
	}
	srv := serve(t, router(tel, opts))
	for _, path := range []string{"/users/7?filtered", "/users/7"} {
		_, _, err := send(t, srv, Case{Method: "GET", Path: path})
		require.NoError(t, err)
	}
	srv.Close()
	for _, x := range rec.Timings("") {
		assert.True(t, strings.HasPrefix(x.Scope, "own_get_users_"), x.Scope)
		assert.EqualValues(t, 1, x.CallCount, "the other one was filtered")
	}
	assert.NotEmpty(t, rec.Timings(""))
}

package httptel

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestRequest(t *testing.T) {
	tel, rec := slogteltest.New(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "42", r.PathValue("id"))
		in, _ := scope.FromContext(r.Context())
		assert.Equal(t, "http.server.post_users_id", in.Path)
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
		_, _ = io.WriteString(w, "!")
	})
	req := httptest.NewRequest("POST", "/users/42", strings.NewReader("hello"))

	w := serve(tel, nil, mux, req)

	assert.Equal(t, "hello!", w.Body.String())
	got := only(t, rec, "http.server.post_users_id")
	assert.Equal(t, map[string]any{
		KeyMethod: "POST", KeyRoute: "POST /users/{id}", KeyStatus: int64(201), KeyRequestSize: int64(5), KeyResponseSize: int64(6),
	}, attrs(got))
	assert.Empty(t, got.Error)
	assert.Zero(t, got.Depth)
	assert.Equal(t, "POST /users/{id}", req.Pattern, "middleware around this one finds the pattern")
}

// Where the pattern is found, and where it is not.
func TestRoutes(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("GET /a/{x}", text(200, ""))
	mux.Handle("/dir/", text(200, ""))
	hidden := http.HandlerFunc(mux.ServeHTTP)
	path := func(*http.Request) string { return "/own/{y}" }
	for name, tc := range map[string]struct {
		opts         *ServerOptions
		handler      http.Handler
		method, path string
		scope, route string
		status       int
	}{
		"the mux":              {nil, mux, "GET", "/a/1", "get_a_x", "GET /a/{x}", 200},
		"HEAD of a GET":        {nil, mux, "HEAD", "/a/1", "get_a_x", "GET /a/{x}", 200},
		"no such path":         {nil, mux, "GET", "/secret/4711", "unmatched", "", 404},
		"no such method":       {nil, mux, "PUT", "/a/1", "unmatched", "", 405},
		"redirect":             {nil, mux, "GET", "/dir", "dir_tree", "/dir/", 307},
		"cleaned path":         {nil, mux, "GET", "/x/../dir/y", "dir_tree", "/dir/", 307},
		"a mux further in":     {nil, hidden, "GET", "/a/1", "get_a_x", "GET /a/{x}", 200},
		"and named by Mux":     {&ServerOptions{Mux: mux}, hidden, "GET", "/a/1", "get_a_x", "GET /a/{x}", 200},
		"Route":                {&ServerOptions{Mux: mux, Route: path}, mux, "GET", "/a/1", "own_y", "/own/{y}", 200},
		"Route without any":    {&ServerOptions{Route: func(*http.Request) string { return "" }}, mux, "GET", "/a/1", "unmatched", "", 200},
		"no router":            {nil, text(200, ""), "GET", "/a/1", "request", "", 200},
		"a method of no bound": {nil, mux, "GeT-4711", "/dir/", "dir_tree", "/dir/", 200},
		"ScopeName": {&ServerOptions{ScopeName: func(p string) string { return "My Own/" + p }}, mux, "GET", "/a/1",
			"my_own_get_a_x", "GET /a/{x}", 200},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			w := serve(tel, tc.opts, tc.handler, httptest.NewRequest(tc.method, tc.path, nil))
			assert.Equal(t, tc.status, w.Code)
			if name != "ScopeName" {
				tc.scope = "http.server." + tc.scope
			}
			got := attrs(only(t, rec, tc.scope))
			assert.Equal(t, int64(tc.status), got[KeyStatus])
			if tc.route == "" {
				assert.NotContains(t, got, KeyRoute)
			} else {
				assert.Equal(t, tc.route, got[KeyRoute])
			}
			if strings.HasPrefix(tc.method, "GeT") {
				assert.Equal(t, "_OTHER", got[KeyMethod])
			}
		})
	}
}

func TestInsideTheMux(t *testing.T) {
	tel, rec := slogteltest.New(t)
	mux := http.NewServeMux()
	mux.Handle("GET /a/{x}", NewMiddleware(tel, nil)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "1", r.PathValue("x"))
	})))
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/1", nil))
	only(t, rec, "http.server.get_a_x")
}

func TestStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		status  any // nil: none
		err     string
	}{
		"never written":   {func(http.ResponseWriter, *http.Request) {}, int64(200), ""},
		"written":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil) }, int64(200), ""},
		"flushed":         {func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); w.WriteHeader(500) }, int64(200), ""},
		"404":             {text(404, "no"), int64(404), ""},
		"499":             {text(499, ""), int64(499), ""},
		"500":             {text(500, ""), int64(500), "500 Internal Server Error"},
		"599":             {text(599, ""), int64(599), "599 status"},
		"the first":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); w.WriteHeader(500) }, int64(202), ""},
		"early hints":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(204) }, int64(204), ""},
		"only hints":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103) }, int64(200), ""},
		"switched":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(101) }, int64(101), ""},
		"panic":           {func(http.ResponseWriter, *http.Request) { panic("boom") }, nil, "panic: boom"},
		"panic and a 200": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("boom") }, int64(200), "panic: boom"},
		"abort":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "panic: net/http: abort Handler"},
		"invalid status":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) }, nil, "panic: invalid WriteHeader code 0"},
		"panic of nil":    {func(http.ResponseWriter, *http.Request) { panic(nil) }, nil, "panic: " + new(runtime.PanicNilError).Error()},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			func() {
				defer func() { _ = recover() }()
				serve(tel, nil, tc.handler, httptest.NewRequest("GET", "/", nil))
			}()
			got := only(t, rec, "http.server.request")
			assert.Equal(t, tc.status, attrs(got)[KeyStatus])
			assert.Equal(t, tc.err, got.Error)
		})
	}
}

// frameworkWriter is that of a framework, whose error handler runs after all middleware.
type frameworkWriter struct{ http.ResponseWriter }

func TestStatusInsideAFramework(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    any
	}{
		"nothing sent": {func(http.ResponseWriter, *http.Request) {}, nil},
		"sent":         {text(404, ""), int64(404)},
	} {
		tel, rec := slogteltest.New(t)
		w := httptest.NewRecorder()
		NewMiddleware(tel, nil)(tc.handler).ServeHTTP(frameworkWriter{w}, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, tc.want, attrs(only(t, rec, "http.server.request"))[KeyStatus], name)
	}
}

// A mux in a mux has the whole route; what stands in between hides it.
func TestNestedMuxes(t *testing.T) {
	users, v1, outer := http.NewServeMux(), http.NewServeMux(), http.NewServeMux()
	users.Handle("GET /v1/users/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.PathValue("id"))) }))
	users.Handle("GET /v1/users/all", text(200, "all"))
	v1.Handle("/v1/users/", users)
	v1.Handle("/v1/self/", deepMux(t))
	outer.Handle("/", v1)
	for path, want := range map[string]struct{ scope, body string }{
		"/v1/users/7":   {"http.server.get_v1_users_id", "7"},
		"/v1/users/all": {"http.server.get_v1_users_all", "all"},
		"/v1/none":      {"http.server.unmatched", "404 page not found\n"},
		"/v1/users/":    {"http.server.unmatched", "404 page not found\n"},
		"/v1/self/x":    {"http.server.v1_self_x", "x"},
	} {
		tel, rec := slogteltest.New(t)
		w := serve(tel, nil, outer, httptest.NewRequest("GET", path, nil))
		assert.Equal(t, want.body, w.Body.String(), path)
		only(t, rec, want.scope)
	}
}

// deepMux is a mux that is reached through two others.
func deepMux(t *testing.T) http.Handler {
	t.Helper()
	inner, middle := http.NewServeMux(), http.NewServeMux()
	inner.Handle("/v1/self/x", text(200, "x"))
	middle.Handle("/", inner)
	return middle
}

func TestPanicIsTheSame(t *testing.T) {
	tel, rec := slogteltest.New(t)
	type own struct{ n int }
	value := &own{7}
	defer func() {
		assert.Same(t, value, recover())
		assert.Equal(t, "panic: &{7}", only(t, rec, "http.server.request").Error)
	}()
	serve(tel, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) }), httptest.NewRequest("GET", "/", nil))
}

type hostile struct{}

func (hostile) Error() string { panic("in Error") }

func TestHostilePanics(t *testing.T) {
	for _, v := range []any{hostile{}, strings.Repeat("x", 1<<20), (*hostile)(nil), errors.New("\x00\x1b[31m")} {
		tel, rec := slogteltest.New(t)
		func() {
			defer func() { assert.Equal(t, v, recover()) }()
			serve(tel, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(v) }), httptest.NewRequest("GET", "/", nil))
		}()
		failure := only(t, rec, "http.server.request").Error
		assert.NotEmpty(t, failure)
		assert.Less(t, len(failure), 1100)
	}
}

func TestGoexit(t *testing.T) {
	tel, rec := slogteltest.New(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(tel, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }), httptest.NewRequest("GET", "/", nil))
	}()
	<-done
	assert.Equal(t, errGoexit.Error(), only(t, rec, "http.server.request").Error)
}

func TestCanceled(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		status  any
	}{"nothing sent": {func(http.ResponseWriter, *http.Request) {}, nil}, "sent": {text(200, ""), int64(200)}} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			serve(tel, nil, tc.handler, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
			got := only(t, rec, "http.server.request")
			assert.Equal(t, true, attrs(got)[KeyCanceled])
			assert.Equal(t, tc.status, attrs(got)[KeyStatus])
			assert.Empty(t, got.Error, "that a client leaves is no failure of the server")
		})
	}
}

func TestOff(t *testing.T) {
	h := http.NewServeMux()
	for _, tel := range []*slogtel.Telemetry{nil, slogtel.Disabled()} {
		assert.Same(t, h, NewMiddleware(tel, nil)(h))
		assert.Same(t, http.DefaultTransport, NewTransport(nil, tel, nil))
	}
	tel, rec := slogteltest.New(t)
	assert.Nil(t, NewMiddleware(tel, nil)(nil))
	wrapped := NewMiddleware(tel, nil)(text(200, ""))
	require.NoError(t, tel.Shutdown(t.Context()))
	wrapped.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	assert.Empty(t, rec.Records())
}

func TestServerOptions(t *testing.T) {
	tel, rec := slogteltest.New(t)
	opts := &ServerOptions{
		Filter: func(r *http.Request) bool { return r.URL.Path != "/healthz" },
		Attrs: func(r *http.Request) []slog.Attr {
			return []slog.Attr{slog.String("tenant", r.Header.Get("Tenant")), slog.String("x", r.PathValue("x")), slog.String("scope", "mine")}
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/{x}", text(200, ""))
	h := NewMiddleware(tel, opts)(mux)
	*opts = ServerOptions{} // they were copied
	for _, path := range []string{"/healthz", "/a"} {
		req := httptest.NewRequest("GET", path, nil)
		req.Header.Set("Tenant", "t1")
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
	got := attrs(only(t, rec, "http.server.x"))
	assert.Equal(t, "t1", got["tenant"])
	assert.Equal(t, "mine", got["user_scope"])
	assert.Equal(t, "a", got["x"], "what the mux found")
}

func TestOptionsThatPanic(t *testing.T) {
	boom := func() { panic("boom") }
	for name, opts := range map[string]*ServerOptions{
		"Filter":        {Filter: func(*http.Request) bool { boom(); return false }},
		"Route":         {Route: func(*http.Request) string { boom(); return "" }},
		"ScopeName":     {ScopeName: func(string) string { boom(); return "" }},
		"Name":          {Name: func(*http.Request) string { boom(); return "" }},
		"ClientAddress": {ClientAddress: func(*http.Request) string { boom(); return "" }},
		"Attrs":         {Attrs: func(*http.Request) []slog.Attr { boom(); return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			mux := http.NewServeMux()
			mux.Handle("/a", text(200, "fine"))
			assert.Equal(t, "fine", serve(tel, opts, mux, httptest.NewRequest("GET", "/a", nil)).Body.String())
			require.Len(t, rec.Timings(""), 1)
			assert.Equal(t, "httptel: ServerOptions."+name+": panic: boom", rec.Timings("")[0].Error)
		})
	}
}

// ServeMux answers a CONNECT for /tree with a redirect to /tree/, and tells the path
// as the pattern.
func TestConnectIsBounded(t *testing.T) {
	tel, rec := slogteltest.New(t)
	mux := http.NewServeMux()
	mux.Handle("/users/{id}/", text(200, ""))
	mux.Handle("CONNECT /own/{x}", text(200, ""))
	h := NewMiddleware(tel, nil)(mux)
	for _, path := range []string{"/users/1", "/users/2", "/users/3/", "/own/1"} {
		req := httptest.NewRequest("GET", path, nil)
		req.Method = "CONNECT"
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
	assert.Equal(t, []string{"http.server.connect_own_x", "http.server.unmatched"}, rec.Scopes())

	rec.Reset()
	h = NewMiddleware(tel, nil)(http.HandlerFunc(mux.ServeHTTP)) // the mux is not seen
	req := httptest.NewRequest("GET", "/users/1", nil)
	req.Method, req.URL.Host = "CONNECT", "example.com"
	h.ServeHTTP(httptest.NewRecorder(), req)
	assert.Equal(t, "/users/1/", req.Pattern, "what ServeMux says")
	assert.NotContains(t, attrs(only(t, rec, unknownRouteName)), KeyRoute)
}

// Whatever clients send, the names stay few.
func TestHostileRequests(t *testing.T) {
	tel, rec := tracing(t)
	mux := http.NewServeMux()
	mux.Handle("GET /users/{id}", text(200, ""))
	h := NewMiddleware(tel, nil)(mux)
	bytes := []string{"", "\x00", "..", "%2f", "{id}", "é", "\xff", strings.Repeat("a", 5_000), "a\nb", "{$}"}
	for _, method := range append(bytes, "GET", "get", "GET /users/{id}") {
		for _, path := range bytes {
			for _, value := range bytes {
				req := httptest.NewRequest("GET", "/", nil)
				req.Method, req.URL.Path, req.Host = method, "/users/"+path, value
				req.Header = http.Header{"Traceparent": {value}, "Tracestate": bytes, "X": {value}}
				h.ServeHTTP(httptest.NewRecorder(), req)
			}
		}
	}
	assert.Equal(t, []string{"http.server.get_users_id", "http.server.unmatched"}, rec.Scopes())
	methods := make(map[any]bool)
	for _, x := range rec.Timings("") {
		methods[attrs(x)[KeyMethod]] = true
		assert.Len(t, x.TraceID, 32)
	}
	assert.Equal(t, map[any]bool{"GET": true, "_OTHER": true}, methods)
}

// A handler that writes nothing may be called without a ResponseWriter, in tests say.
func TestNilWriter(t *testing.T) {
	tel, rec := slogteltest.New(t)
	h := NewMiddleware(tel, nil)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	assert.NotPanics(t, func() { h.ServeHTTP(nil, httptest.NewRequest("GET", "/", nil)) })
	assert.Len(t, rec.Scopes(), 1)
}

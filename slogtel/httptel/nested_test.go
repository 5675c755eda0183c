package httptel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

type someKey struct{}

// What stands between two muxes, and hides the inner one.
var between = map[string]func(http.Handler) http.Handler{
	"nothing": func(h http.Handler) http.Handler { return h },
	"the same request": func(h http.Handler) http.Handler {
		return http.HandlerFunc(h.ServeHTTP)
	},
	"WithContext": func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), someKey{}, 1)))
		})
	},
	"Clone": func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r.Clone(r.Context())) })
	},
	"a copy": func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := *r
			h.ServeHTTP(w, &c)
		})
	},
}

// loading is a mux whose handler opens a scope.
func loading(tel *slogtel.Telemetry, patterns ...string) *http.ServeMux {
	mux := http.NewServeMux()
	for _, pattern := range patterns {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			_, span := tel.Start(r.Context(), "load")
			defer span.End()
			_, _ = io.WriteString(w, r.PathValue("id"))
		})
	}
	return mux
}

func TestNestedMux(t *testing.T) {
	for name, mw := range between {
		for what, tc := range map[string]struct {
			outer, strip, inner string // strip: the prefix that is stripped, for one path
			method, path        string
			route, scope        string
		}{
			"not stripped":        {"/v1/", "", "GET /v1/users/{id}", "GET", "/v1/users/7", "GET /v1/users/{id}", "get_v1_users_id"},
			"stripped":            {"/v1/", "/v1", "GET /users/{id}", "GET", "/v1/users/7", "GET /v1/users/{id}", "get_v1_users_id"},
			"a method outside":    {"GET /v1/", "/v1", "/users/{id}", "GET", "/v1/users/7", "GET /v1/users/{id}", "get_v1_users_id"},
			"hosts":               {"example.com/v1/", "/v1", "/users/{id}", "GET", "/v1/users/7", "example.com/v1/users/{id}", "example_com_v1_users_id"},
			"a wildcard stripped": {"/of/{tenant}/", "/of/acme", "/users/{id}", "GET", "/of/acme/users/7", "/of/{tenant}/users/{id}", "of_tenant_users_id"},
			"a part stripped":     {"/a/b/", "/a", "/b/{id}", "GET", "/a/b/7", "/a/b/{id}", "a_b_id"},
			"at the root":         {"/", "/acme", "/users/{id}", "GET", "/acme/users/7", "/users/{id}", "users_id"},
			"an index":            {"/v1/", "/v1", "/{$}", "GET", "/v1/", "/v1/{$}", "v1_index"},
			"escaped":             {"/v1/", "/v1", "/users/{id}", "GET", "/v1/users/a%2Fb", "/v1/users/{id}", "v1_users_id"},
			"none inside":         {"/v1/", "/v1", "/users/{id}", "GET", "/v1/other", "", "unmatched"},
			"another method":      {"/v1/", "/v1", "GET /users/{id}", "PUT", "/v1/users/7", "", "unmatched"},
		} {
			t.Run(what+" by "+name, func(t *testing.T) {
				tel, rec := tracing(t)
				h := mw(Mux(loading(tel, tc.inner)))
				if tc.strip != "" {
					h = http.StripPrefix(tc.strip, h)
				}
				outer := http.NewServeMux()
				outer.Handle(tc.outer, mw(h))
				srv := newServer(t, NewMiddleware(tel, nil)(outer), false)
				req, err := http.NewRequest(tc.method, srv.URL+tc.path, nil)
				require.NoError(t, err)
				req.Host = "example.com"
				resp, err := srv.Client().Do(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				srv.Close()

				got := only(t, rec, "http.server."+tc.scope)
				assert.EqualValues(t, resp.StatusCode, attrs(got)[KeyStatus])
				if tc.route == "" {
					assert.NotContains(t, attrs(got), KeyRoute)
					return
				}
				assert.Equal(t, tc.route, attrs(got)[KeyRoute])
				assert.Equal(t, 200, resp.StatusCode)
				child := only(t, rec, "http.server."+tc.scope+".load")
				assert.Equal(t, got.SpanID, child.ParentSpanID)
				rec.CheckNoOpenScopes(t)
			})
		}
	}
}

// Muxes in muxes in muxes, each with a prefix of its own.
func TestNestedThreeTimes(t *testing.T) {
	tel, rec := slogteltest.New(t)
	middle, outer := http.NewServeMux(), http.NewServeMux()
	copied := between["a copy"]
	middle.Handle("/users/", http.StripPrefix("/users", copied(Mux(loading(tel, "GET /{id}")))))
	outer.Handle("/v1/", http.StripPrefix("/v1", copied(Mux(middle))))
	srv := newServer(t, NewMiddleware(tel, nil)(outer), false)
	for _, path := range []string{"/v1/users/7", "/v1/users/8"} {
		resp, body := get(t, srv.Client(), srv.URL+path)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, path[len(path)-1:], body)
	}
	srv.Close()
	assert.ElementsMatch(t, []string{"http.server.get_v1_users_id", "http.server.get_v1_users_id.load"}, rec.Scopes())
}

// Without Mux, a mux that gets the same request is named after the handler.
func TestNestedMuxWithoutHelp(t *testing.T) {
	tel, rec := slogteltest.New(t)
	outer := http.NewServeMux()
	outer.Handle("/", between["the same request"](loading(tel, "GET /v1/users/{id}")))
	serve(tel, nil, outer, httptest.NewRequest("GET", "/v1/users/7", nil))
	serve(tel, nil, outer, httptest.NewRequest("GET", "/v1/none", nil))
	assert.ElementsMatch(t, []string{"http.server.get_v1_users_id", "http.server.root.load", "http.server.unmatched"}, rec.Scopes(),
		"a scope inside was opened before the name was known")
}

// The middleware is inside of a mux, and a prefix was stripped outside of it.
func TestMiddlewareInsideOfAPrefix(t *testing.T) {
	tel, rec := slogteltest.New(t)
	outer := http.NewServeMux()
	outer.Handle("/v1/", http.StripPrefix("/v1", NewMiddleware(tel, nil)(loading(tel, "GET /users/{id}"))))
	srv := newServer(t, outer, false)
	get(t, srv.Client(), srv.URL+"/v1/users/7?page=2")
	get(t, srv.Client(), srv.URL+"/v1/none")
	srv.Close()
	only(t, rec, "http.server.get_v1_users_id.load")
	assert.Equal(t, "GET /v1/users/{id}", attrs(only(t, rec, "http.server.get_v1_users_id"))[KeyRoute])
	only(t, rec, "http.server.unmatched")
}

// A middleware outside of Mux finds on its request what a mux sets there.
func TestMuxGivesBack(t *testing.T) {
	for _, with := range []func(*http.ServeMux) http.Handler{Mux, func(m *http.ServeMux) http.Handler { return m }} {
		tel, _ := slogteltest.New(t)
		outer := http.NewServeMux()
		outer.Handle("/v1/", http.StripPrefix("/v1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			with(loading(nil, "GET /{id}/{rest...}")).ServeHTTP(w, r)
			assert.Equal(t, "GET /{id}/{rest...}", r.Pattern)
			assert.Equal(t, "7", r.PathValue("id"))
			assert.Equal(t, "a/b", r.PathValue("rest"))
		})))
		serve(tel, nil, outer, httptest.NewRequest("GET", "/v1/7/a/b", nil))
	}
}

func TestMuxAlone(t *testing.T) {
	w := httptest.NewRecorder()
	Mux(loading(nil, "/{id}")).ServeHTTP(w, httptest.NewRequest("GET", "/7", nil))
	assert.Equal(t, "7", w.Body.String())
}

func TestSetRoute(t *testing.T) {
	tel, rec := slogteltest.New(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, early := tel.Start(r.Context(), "early")
		early.End()
		ctx := SetRoute(r.Context(), "GET /own/{x}")
		in, _ := scope.FromContext(ctx)
		assert.Equal(t, "http.server.get_own_x", in.Path)
		assert.Equal(t, http.StatusOK, func() int { _, _ = w.Write(nil); return http.StatusOK }())
		if r.URL.Path == "/none" {
			SetRoute(ctx, "")
		}
	})
	serve(tel, nil, h, httptest.NewRequest("GET", "/own/1", nil))
	serve(tel, nil, h, httptest.NewRequest("GET", "/none", nil))
	assert.Equal(t, "GET /own/{x}", attrs(only(t, rec, "http.server.get_own_x"))[KeyRoute])
	assert.NotContains(t, attrs(only(t, rec, "http.server.unmatched")), KeyRoute)
	assert.Len(t, rec.Timings("http.server.request.early"), 2)
	assert.Empty(t, rec.Errors())
	assert.Equal(t, t.Context(), SetRoute(t.Context(), "/x"), "outside of a request")
	//lint:ignore SA1012 a nil context is what is tested
	assert.Nil(t, SetRoute(nil, "/x"))
}

// Paths in place of patterns do not make names without bound, whoever gives them.
func TestSetRouteIsBounded(t *testing.T) {
	tel, rec := slogteltest.New(t)
	h := NewMiddleware(tel, nil)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { SetRoute(r.Context(), r.URL.Path) }))
	for n := range 2 * names.Most {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/"+strconv.Itoa(n), nil))
	}
	assert.LessOrEqual(t, len(rec.Scopes()), names.Most+1)
	assert.NotEmpty(t, rec.Timings(overflowName))
}

// That requests cannot be named is said once, and only where it is so.
func TestNoRouteIsReported(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a", text(200, ""))
	for name, tc := range map[string]struct {
		opts    *ServerOptions
		handler http.Handler
		want    int
	}{
		"no router":        {nil, text(200, ""), 1},
		"hidden":           {nil, between["a copy"](mux), 1},
		"hidden, with Mux": {nil, between["a copy"](Mux(mux)), 0},
		"Mux of options":   {&ServerOptions{Mux: mux}, between["a copy"](mux), 0},
		"the same request": {nil, between["the same request"](mux), 0},
		"the mux":          {nil, mux, 0},
		"Route":            {&ServerOptions{Route: func(*http.Request) string { return "" }}, text(200, ""), 0},
		"not found":        {nil, text(404, ""), 0},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			h := NewMiddleware(tel, tc.opts)(tc.handler)
			for range 3 {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a", nil))
			}
			errs := rec.Errors()
			require.Len(t, errs, tc.want)
			for _, err := range errs {
				assert.ErrorIs(t, err, ErrNoRoute)
				var setup *slogtel.SetupError
				assert.True(t, errors.As(err, &setup))
			}
		})
	}
}

// Whatever the paths and patterns are, a joined pattern is made of pieces of the patterns.
func FuzzJoinPatterns(f *testing.F) {
	f.Add("/v1/", "/v1/users/7", "/users/7", "GET /users/{id}")
	f.Add("GET example.com/of/{t}/{rest...}", "/of/acme/x/7", "/7", "/{id}")
	f.Add("/{$}", "//", "", "/")
	f.Add("", "", "/", "x")
	f.Fuzz(func(t *testing.T, outer, first, path, pattern string) {
		got := joinPatterns(outer, &http.Request{URL: &url.URL{Path: first}}, &http.Request{URL: &url.URL{Path: path}}, pattern)
		assert.LessOrEqual(t, len(got), len(outer)+len(pattern)+1)
		_, _, tail := splitPattern(pattern)
		assert.True(t, strings.HasSuffix(strings.TrimSpace(got), tail))
	})
}

package chitel_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/slogtel/telemetry/internal/routertest"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/chi"
)

func text(status int, s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, s)
	}
}

func router(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
	r := chi.NewRouter()
	r.Use(chitel.NewMiddleware(tel, opts))
	add(r, tel)
	return r
}

func add(r chi.Router, tel *slogtel.Telemetry) {
	user := func(w http.ResponseWriter, r *http.Request) {
		routertest.Load(tel, r)
		_, _ = io.WriteString(w, chi.URLParam(r, "id"))
	}
	r.Get("/users/{id:[0-9]+}", user)
	r.Head("/users/{id:[0-9]+}", user)
	r.Post("/users", text(201, "made"))
	r.Get("/fail", text(503, "down"))
	r.Get("/quiet", func(http.ResponseWriter, *http.Request) {})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	r.With(middleware.Recoverer).Get("/recovered", func(http.ResponseWriter, *http.Request) { panic("boom") })
	r.Get("/stream", func(w http.ResponseWriter, _ *http.Request) { routertest.Stream(w) })
	r.Get("/ws", func(w http.ResponseWriter, _ *http.Request) { routertest.Hijack(w) })
	r.Get("/files/*", text(200, "file"))
	r.HandleFunc("/any", text(200, "any"))
	r.Route("/api", func(r chi.Router) {
		r.Use(middleware.NoCache)
		r.Route("/v1", func(r chi.Router) { r.Get("/items/{item}", text(200, "item")) })
	})
	sub := chi.NewRouter()
	sub.Get("/", text(200, "index"))
	sub.Get("/deep/{x}", text(200, "deep"))
	r.Mount("/mounted", sub)
	mux := http.NewServeMux()
	mux.Handle("GET /muxed/{id}", text(200, "mux"))
	r.Mount("/muxed", httptel.Mux(mux))
	r.Group(func(r chi.Router) { r.Get("/grouped", text(200, "grouped")) })
}

var cases = map[string]routertest.Case{
	"a parameter":            {Method: "GET", Path: "/users/7", Scope: "get_users_id", Route: "/users/{id:[0-9]+}", Status: 200},
	"HEAD":                   {Method: "HEAD", Path: "/users/7", Scope: "head_users_id", Route: "/users/{id:[0-9]+}", Status: 200},
	"POST":                   {Method: "POST", Path: "/users", Scope: "post_users", Route: "/users", Status: 201},
	"a failure":              {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 503, Error: "503 Service Unavailable"},
	"nothing written":        {Method: "GET", Path: "/quiet", Scope: "get_quiet", Route: "/quiet", Status: 200},
	"a panic":                {Method: "GET", Path: "/panic", Scope: "get_panic", Route: "/panic", Error: "panic: boom"},
	"a panic, recovered":     {Method: "GET", Path: "/recovered", Scope: "get_recovered", Route: "/recovered", Status: 500, Error: "500"},
	"a stream":               {Method: "GET", Path: "/stream", Scope: "get_stream", Route: "/stream", Status: 200},
	"a hijack":               {Method: "GET", Path: "/ws", Scope: "get_ws", Route: "/ws", Status: 200, Hijacked: true},
	"a wildcard":             {Method: "GET", Path: "/files/a/b", Scope: "get_files_tree", Route: "/files/*", Status: 200},
	"any method":             {Method: "PUT", Path: "/any", Scope: "put_any", Route: "/any", Status: 200},
	"routers in routers":     {Method: "GET", Path: "/api/v1/items/x", Scope: "get_api_v1_items_item", Route: "/api/v1/items/{item}", Status: 200},
	"a mount":                {Method: "GET", Path: "/mounted/deep/1", Scope: "get_mounted_deep_x", Route: "/mounted/deep/{x}", Status: 200},
	"a mount's index":        {Method: "GET", Path: "/mounted", Scope: "get_mounted", Route: "/mounted", Status: 200},
	"a ServeMux":             {Method: "GET", Path: "/muxed/7", Scope: "get_muxed_id", Route: "GET /muxed/{id}", Status: 200},
	"a group":                {Method: "GET", Path: "/grouped", Scope: "get_grouped", Route: "/grouped", Status: 200},
	"not found":              {Method: "GET", Path: "/secret/4711", Scope: "unmatched", Status: 404},
	"not what a route takes": {Method: "GET", Path: "/users/x", Scope: "unmatched", Status: 404},
	"not found in a mount":   {Method: "GET", Path: "/mounted/secret", Scope: "unmatched", Status: 404},
	"not found deep inside":  {Method: "GET", Path: "/api/v1/none", Scope: "unmatched", Status: 404},
	"another method":         {Method: "DELETE", Path: "/users/7", Scope: "unmatched", Status: 405},
	"an unknown method":      {Method: "STRANGE", Path: "/users/7", Scope: "unmatched", Status: 405},
}

func TestRouter(t *testing.T) {
	routertest.Run(t, router, cases)
	routertest.TestOptions(t, router)
}

// The middleware around the router itself, where chi tells of no route afterwards.
func TestAroundTheRouter(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		r := chi.NewRouter()
		add(r, tel)
		return chitel.NewMiddleware(tel, opts)(r)
	}, cases)
}

// A middleware that changes the path before routing is seen wherever it is; where it is inside,
// after the handler.
func TestPathThatChanges(t *testing.T) {
	for _, inside := range []bool{false, true} {
		routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
			r := chi.NewRouter()
			if inside {
				r.Use(chitel.NewMiddleware(tel, opts), middleware.StripSlashes, middleware.GetHead)
			} else {
				r.Use(middleware.StripSlashes, middleware.GetHead, chitel.NewMiddleware(tel, opts))
			}
			r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
				if !inside {
					routertest.Load(tel, r)
				}
			})
			return r
		}, map[string]routertest.Case{
			"a slash at the end": {Method: "GET", Path: "/users/7/", Scope: "get_users_id", Route: "/users/{id}", Status: 200},
			"HEAD by GET":        {Method: "HEAD", Path: "/users/7", Scope: "head_users_id", Route: "/users/{id}", Status: 200},
			"not found":          {Method: "GET", Path: "/users/7/8/", Scope: "unmatched", Status: 404},
		})
	}
}

// In a sub-router alone, the route is the whole one all the same.
func TestInASubRouter(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		r := chi.NewRouter()
		r.Route("/sub", func(r chi.Router) {
			r.Use(chitel.NewMiddleware(tel, opts))
			r.Get("/{id}", text(200, "x"))
		})
		return r
	}, map[string]routertest.Case{
		"found":     {Method: "GET", Path: "/sub/7", Scope: "get_sub_id", Route: "/sub/{id}", Status: 200},
		"not found": {Method: "GET", Path: "/sub/7/8", Scope: "unmatched", Status: 404},
	})
}

// A Recoverer outside of the middleware answers after it: its status is not known here.
func TestRecovererOutside(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		r := chi.NewRouter()
		r.Use(middleware.Recoverer, chitel.NewMiddleware(tel, opts))
		r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
		return r
	}, map[string]routertest.Case{
		"panic": {Method: "GET", Path: "/panic", Scope: "get_panic", Route: "/panic", Status: 500, Unknown: true, Error: "panic: boom"},
	})
}

package gorillatel_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/gorilla/mux"

	"github.com/slogtel/telemetry/internal/routertest"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/gorilla"
)

func text(status int, s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, s)
	}
}

func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func newRouter(tel *slogtel.Telemetry, use ...mux.MiddlewareFunc) *mux.Router {
	r := mux.NewRouter()
	r.Use(use...)
	user := func(w http.ResponseWriter, r *http.Request) {
		routertest.Load(tel, r)
		_, _ = io.WriteString(w, mux.Vars(r)["id"])
	}
	r.HandleFunc("/users/{id:[0-9]+}", user).Methods("GET", "HEAD")
	r.HandleFunc("/users", text(201, "made")).Methods("POST")
	r.HandleFunc("/fail", text(503, "down"))
	r.HandleFunc("/quiet", func(http.ResponseWriter, *http.Request) {})
	r.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	r.Handle("/recovered", recovering(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })))
	r.HandleFunc("/stream", func(w http.ResponseWriter, _ *http.Request) { routertest.Stream(w) })
	r.HandleFunc("/ws", func(w http.ResponseWriter, _ *http.Request) { routertest.Hijack(w) })
	r.PathPrefix("/files/").Handler(text(200, "file"))
	r.StrictSlash(true).HandleFunc("/dir/", text(200, "dir"))
	api := r.PathPrefix("/api").Subrouter()
	api.Use(recovering)
	api.PathPrefix("/v1").Subrouter().HandleFunc("/items/{item}", text(200, "item"))
	inner := http.NewServeMux()
	inner.Handle("GET /{id}", text(200, "mux"))
	r.PathPrefix("/muxed/{tenant}/").Handler(http.StripPrefix("/muxed/acme", httptel.Mux(inner)))
	r.Headers("X-Any", "1").Handler(text(200, "by header"))
	return r
}

var matched = map[string]routertest.Case{
	"a parameter":        {Method: "GET", Path: "/users/7", Scope: "get_users_id", Route: "/users/{id:[0-9]+}", Status: 200},
	"HEAD":               {Method: "HEAD", Path: "/users/7", Scope: "head_users_id", Route: "/users/{id:[0-9]+}", Status: 200},
	"POST":               {Method: "POST", Path: "/users", Scope: "post_users", Route: "/users", Status: 201},
	"a failure":          {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 503, Error: "503 Service Unavailable"},
	"nothing written":    {Method: "GET", Path: "/quiet", Scope: "get_quiet", Route: "/quiet", Status: 200},
	"a panic":            {Method: "GET", Path: "/panic", Scope: "get_panic", Route: "/panic", Error: "panic: boom"},
	"a panic, recovered": {Method: "GET", Path: "/recovered", Scope: "get_recovered", Route: "/recovered", Status: 500, Error: "500"},
	"a stream":           {Method: "GET", Path: "/stream", Scope: "get_stream", Route: "/stream", Status: 200},
	"a hijack":           {Method: "GET", Path: "/ws", Scope: "get_ws", Route: "/ws", Status: 200, Hijacked: true},
	"a prefix":           {Method: "GET", Path: "/files/a/b", Scope: "get_files_tree", Route: "/files/", Status: 200},
	"a redirect":         {Method: "GET", Path: "/dir", Scope: "get_dir_tree", Route: "/dir/", Status: 301},
	"sub-routers":        {Method: "GET", Path: "/api/v1/items/x", Scope: "get_api_v1_items_item", Route: "/api/v1/items/{item}", Status: 200},
	"a ServeMux":         {Method: "GET", Path: "/muxed/acme/7", Scope: "get_muxed_tenant_id", Route: "GET /muxed/{tenant}/{id}", Status: 200},
}

var unmatched = map[string]routertest.Case{
	"not found":              {Method: "GET", Path: "/secret/4711", Scope: "unmatched", Status: 404},
	"not what a route takes": {Method: "GET", Path: "/users/x", Scope: "unmatched", Status: 404},
	"not found inside":       {Method: "GET", Path: "/api/v1/none", Scope: "unmatched", Status: 404},
	"another method":         {Method: "DELETE", Path: "/users/7", Scope: "unmatched", Status: 405},
	"a path to clean":        {Method: "GET", Path: "/x/..//users/7", Scope: "unmatched", Status: 301},
}

func around(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
	return gorillatel.NewMiddleware(tel, opts)(newRouter(tel))
}

func TestRouter(t *testing.T) {
	routertest.Run(t, around, matched)
	routertest.Run(t, around, unmatched)
	routertest.TestOptions(t, around)
}

// With handlers of one's own for what no route matches.
func TestOwnNotFound(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		r := newRouter(tel)
		r.NotFoundHandler, r.MethodNotAllowedHandler = text(404, "nothing"), text(405, "not so")
		return gorillatel.NewMiddleware(tel, opts)(r)
	}, unmatched)
}

// In Use, the router calls it only where a route matches.
func TestUse(t *testing.T) {
	use := func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		return newRouter(tel, gorillatel.NewMiddleware(tel, opts))
	}
	routertest.Run(t, use, matched)
	routertest.TestOptions(t, use)
}

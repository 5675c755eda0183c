// Package chitel records the requests of a chi router: package httptel with chi's routes.
//
//	r := chi.NewRouter()
//	r.Use(chitel.NewMiddleware(tel, nil))
//	r.Get("/users/{id}", user) // http.server.get_users_id
//
// Put it first, so that the scope is around the other middlewares and their time. Package
// httptel says what is recorded. The route is the whole one through sub-routers and mounts, as
// chi.Context.RoutePattern has it. It is known before the handlers run, so all scopes inside
// are below it. Only what changes the path of a request, as chi's StripSlashes does, belongs
// before it: the route is right after it, too, but not yet when scopes inside are opened. Where
// no route matches, also on 405, the request is http.server.unmatched.
//
// A middleware of chi that writes the response's status outside of this one, such as a
// Recoverer that is put before it, writes what this one cannot see: after a panic there is no
// status.
package chitel

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// NewMiddleware returns the middleware, for Use of the router or of a sub-router. It also
// works around the router itself. If tel is nil or off, the middleware returns handlers as
// they are. Nil opts are the defaults; they are copied. Mux is not used, and Route goes before
// chi's routes.
func NewMiddleware(tel *slogtel.Telemetry, opts *httptel.ServerOptions) func(http.Handler) http.Handler {
	adapter := httptel.NewAdapter(tel, opts)
	custom := opts != nil && opts.Route != nil
	return func(next http.Handler) http.Handler {
		if adapter == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rctx := chi.RouteContext(r.Context())
			before := ""
			if !custom {
				before = find(rctx, r, next)
			}
			adapter.Serve(w, r, before, func(w http.ResponseWriter, r *http.Request, x httptel.Exchange) {
				if !custom && rctx != nil {
					defer after(rctx, r, before, x)
				}
				next.ServeHTTP(w, r)
			})
		})
	}
}

// find asks the router which route r will match.
func find(rctx *chi.Context, r *http.Request, next http.Handler) string {
	routes, _ := next.(chi.Routes)
	path, method := cmp.Or(r.URL.RawPath, r.URL.Path), r.Method
	if rctx != nil && rctx.Routes != nil {
		routes = rctx.Routes // the outermost router's
		if len(rctx.RoutePatterns) == 0 {
			path = cmp.Or(rctx.RoutePath, path) // a middleware has set it
		}
		method = cmp.Or(rctx.RouteMethod, method)
	}
	if routes == nil {
		return ""
	}
	pattern := routes.Find(chi.NewRouteContext(), method, cmp.Or(path, "/"))
	if pattern == "" {
		return ""
	}
	whole := chi.Context{RoutePatterns: []string{pattern}}
	return whole.RoutePattern() // as chi writes it
}

// after corrects the route where a middleware has changed path or method in between. Where none
// was found, and what chi passed ends in a wildcard, that is a mount with nothing to match inside.
func after(rctx *chi.Context, r *http.Request, before string, x httptel.Exchange) {
	got := rctx.RoutePattern()
	if got != before && got != "" && !(before == "" && strings.HasSuffix(got, "*")) {
		x.SetRoute(r.Context(), got)
	}
}

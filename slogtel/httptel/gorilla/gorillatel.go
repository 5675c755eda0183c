// Package gorillatel records the requests of a gorilla/mux router: package httptel with the
// router's path templates.
//
//	router := mux.NewRouter()
//	router.HandleFunc("/users/{id}", user).Methods("GET") // http.server.get_users_id
//	srv.Handler = gorillatel.NewMiddleware(tel, nil)(router)
//
// Put it around the router, which does not call the middlewares of Router.Use where no route
// matches, and package httptel says what is recorded. The route is the whole template, through
// sub-routers, as mux.Route.GetPathTemplate has it. It is known before the handlers run, so all
// scopes inside are below it. To know it the router is asked once more with Router.Match: a
// MatcherFunc is called twice for a request, and what makes a middleware too. A route without
// a path, which matches by host or header alone, counts as /. Where no route matches, also on
// 405, the request is http.server.unmatched.
package gorillatel

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// NewMiddleware returns the middleware that goes around a *mux.Router. It also is one for
// Router.Use, where requests that no route matches are not recorded, or for one route's
// handler. If tel is nil or off, the middleware returns handlers as they are. Nil opts are the
// defaults; they are copied. Mux is not used, and Route goes before the router's templates.
func NewMiddleware(tel *slogtel.Telemetry, opts *httptel.ServerOptions) func(http.Handler) http.Handler {
	adapter := httptel.NewAdapter(tel, opts)
	return func(next http.Handler) http.Handler {
		if adapter == nil {
			return next
		}
		router, _ := next.(*mux.Router)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			adapter.Serve(w, r, template(router, r), func(w http.ResponseWriter, r *http.Request, _ httptel.Exchange) {
				next.ServeHTTP(w, r)
			})
		})
	}
}

// template asks the router, where there is one, and otherwise takes the route that it has found.
func template(router *mux.Router, r *http.Request) string {
	route := mux.CurrentRoute(r)
	if router != nil {
		var match mux.RouteMatch
		if !router.Match(r, &match) || match.MatchErr != nil {
			return ""
		}
		route = match.Route
	}
	if route == nil {
		return ""
	}
	path, err := route.GetPathTemplate()
	if err != nil || path == "" {
		return "/"
	}
	return path
}

// Package echotel records the requests of an echo server, version 4: package httptel with
// echo's routes. For version 5 there is package echo5tel.
//
//	e := echo.New()
//	e.Use(echotel.NewMiddleware(tel, nil))
//	e.GET("/users/:id", user) // http.server.get_users_id
//
// Put it first, so that the scope is around the other middlewares and their time. Package
// httptel says what is recorded. The route is echo.Context.Path. Where no route matches, also
// on 405 and where echo answers OPTIONS by itself, the request is http.server.unmatched. In
// Echo.Pre the route is known only after the handler, and scopes inside are below
// http.server.unmatched.
//
// Echo's error handler runs after all middlewares, and would decide on the status after the
// scope has ended. So the middleware calls it, by Context.Error, as echo's documentation has it
// for middlewares, and returns no error: it is called once, as without the middleware. The
// recorded status is then the one that was sent. A middleware that is put before this one gets
// no error, and finds the status in Context.Response. The handler's error is the error of the
// event, unless the answer was a status of 4xx.
//
// Handlers get the scope's context by c.Request().Context().
package echotel

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// NewMiddleware returns the middleware, for Echo.Use, Echo.Pre or a group. If tel is nil or
// off, it does nothing. Nil opts are the defaults; they are copied. Mux is not used, and Route
// goes before echo's routes.
func NewMiddleware(tel *slogtel.Telemetry, opts *httptel.ServerOptions) echo.MiddlewareFunc {
	adapter := httptel.NewAdapter(tel, opts)
	custom := opts != nil && opts.Route != nil
	var known routes
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if adapter == nil {
			return next
		}
		return func(c echo.Context) error {
			resp, req := c.Response(), c.Request()
			under := resp.Writer
			before := known.template(c)
			adapter.Serve(under, req, before, func(w http.ResponseWriter, r *http.Request, x httptel.Exchange) {
				resp.Writer = w
				c.SetRequest(r)
				defer func() {
					if resp.Writer == w {
						resp.Writer = under
					}
					if c.Request() == r {
						c.SetRequest(req)
					}
					if before == "" && !custom {
						if after := known.template(c); after != "" { // in Pre
							x.SetRoute(r.Context(), after)
						}
					}
				}()
				if err := next(c); err != nil {
					x.SetError(err)
					c.Error(err)
				}
			})
			return nil
		}
	}
}

// routes remembers which methods and paths of contexts are those of routes. A context has a path,
// too, where a group answers that it has no such route.
type routes struct{ names.Table[bool] }

// template returns the path of the route that c has matched, or "".
func (rs *routes) template(c echo.Context) string {
	method, path := c.Request().Method, c.Path()
	if path == "" || c.Get(echo.ContextKeyHeaderAllow) != nil { // set where the path has other methods
		return ""
	}
	key := method + " " + path
	found, ok := rs.Get(key)
	if !ok {
		found = exists(c.Echo(), method, path)
		rs.Add(key, func(string) bool { return found })
	}
	if !found {
		return ""
	}
	return path
}

func exists(e *echo.Echo, method, path string) bool {
	all := e.Routes()
	for _, router := range e.Routers() {
		all = append(all, router.Routes()...)
	}
	return slices.ContainsFunc(all, func(r *echo.Route) bool { return r.Path == path && r.Method == method })
}

// Package echo5tel records the requests of an echo server, version 5: package httptel with
// echo's routes. For version 4 there is package echotel.
//
//	e := echo.New()
//	e.Use(echo5tel.NewMiddleware(tel, nil))
//	e.GET("/users/:id", user) // http.server.get_users_id
//
// Put it first, so that the scope is around the other middlewares and their time. Package
// httptel says what is recorded. The route is echo.Context.Path. Where no route matches, also
// on 405 and where echo answers OPTIONS by itself, the request is http.server.unmatched. In
// Echo.Pre the route is known only after the handler, and scopes inside are below
// http.server.unmatched.
//
// Echo's error handler runs after all middlewares, and would decide on the status after the
// scope has ended. So the middleware calls it, and returns no error: it is called once, as
// without the middleware. The recorded status is then the one that was sent. A middleware that
// is put before this one gets no error, and finds the status in Context.Response. The handler's
// error is the error of the event, unless the answer was a status of 4xx.
//
// Handlers get the scope's context by c.Request().Context().
package echo5tel

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// NewMiddleware returns the middleware, for Echo.Use, Echo.Pre or a group. If tel is nil or
// off, it does nothing. Nil opts are the defaults; they are copied. Mux is not used, and Route
// goes before echo's routes.
func NewMiddleware(tel *slogtel.Telemetry, opts *httptel.ServerOptions) echo.MiddlewareFunc {
	adapter := httptel.NewAdapter(tel, opts)
	custom := opts != nil && opts.Route != nil
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if adapter == nil {
			return next
		}
		return func(c *echo.Context) error {
			resp, err := echo.UnwrapResponse(c.Response())
			if err != nil {
				resp = echo.NewResponse(c.Response(), c.Logger()) // of a middleware that is not as echo wants it
				c.SetResponse(resp)
			}
			under, req := resp.ResponseWriter, c.Request()
			before := template(c)
			adapter.Serve(under, req, before, func(w http.ResponseWriter, r *http.Request, x httptel.Exchange) {
				resp.ResponseWriter = w
				c.SetRequest(r)
				defer func() {
					if resp.ResponseWriter == w {
						resp.ResponseWriter = under
					}
					if c.Request() == r {
						c.SetRequest(req)
						req.Pattern = r.Pattern // which echo sets
					}
					if before == "" && !custom {
						if after := template(c); after != "" { // in Pre
							x.SetRoute(r.Context(), after)
						}
					}
				}()
				if err := next(c); err != nil {
					x.SetError(err)
					c.Echo().HTTPErrorHandler(c, err)
				}
			})
			return nil
		}
	}
}

// template returns the path of the route that c has matched, or "". A context has a path, too,
// where no route takes its method, and where a group answers that it has no such route.
func template(c *echo.Context) string {
	switch info := c.RouteInfo(); {
	case info.Name == echo.NotFoundRouteName, info.Name == echo.MethodNotAllowedRouteName, info.Method == echo.RouteNotFound:
		return ""
	}
	return c.Path()
}

// Package gintel records the requests of a gin engine: package httptel with gin's routes.
//
//	r := gin.New()
//	r.Use(gintel.NewMiddleware(tel, nil), gin.Recovery())
//	r.GET("/users/:id", user) // http.server.get_users_id
//
// Put it first, before Recovery, so that the scope is around the other middlewares, and sees
// the status that Recovery sends. Where a panic goes on to a Recovery outside, the event has
// the panic and no status, as it was not sent yet. Package httptel says what is recorded. The
// route is gin.Context.FullPath. A request without one is http.server.unmatched, also on 405.
// Gin answers some requests without calling middlewares, which are not recorded: the redirects
// of RedirectTrailingSlash and RedirectFixedPath.
//
// The status is the one that gin sends, also where it sends it after all middlewares. The last
// of gin.Context.Errors is the error of a request whose status is 500 or more. Where gin itself
// writes the text of a 404 or 405, its size is not known and http.response.body.size absent.
//
// Handlers get the scope's context by c.Request.Context(), or by c itself with
// gin.Engine.ContextWithFallback.
package gintel

import (
	"bufio"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

// NewMiddleware returns the middleware, for Use of the engine or of a group. If tel is nil or
// off, it does nothing. Nil opts are the defaults; they are copied. Mux is not used, and Route
// goes before gin's routes.
func NewMiddleware(tel *slogtel.Telemetry, opts *httptel.ServerOptions) gin.HandlerFunc {
	adapter := httptel.NewAdapter(tel, opts)
	if adapter == nil {
		return func(*gin.Context) {}
	}
	return func(c *gin.Context) {
		adapter.Serve(c.Writer, c.Request, c.FullPath(), func(_ http.ResponseWriter, r *http.Request, x httptel.Exchange) {
			w, before := c.Writer, c.Request
			c.Writer, c.Request = &writer{w, x}, r
			defer func() { c.Writer, c.Request = w, before }()
			c.Next()
			finish(c, w, x)
		})
	}
}

// finish says what gin has sent through w, or will send when all middlewares have returned.
func finish(c *gin.Context, w gin.ResponseWriter, x httptel.Exchange) {
	status, size := w.Status(), max(0, w.Size())
	if !w.Written() && c.FullPath() == "" {
		size = -1 // gin may write a text of its own
	}
	x.SetResponse(status, int64(size))
	if last := c.Errors.Last(); last != nil && status >= 500 {
		x.SetError(last.Err)
	}
}

// writer is gin's, and notices that the connection is taken over.
type writer struct {
	gin.ResponseWriter
	x httptel.Exchange
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.ResponseWriter.Hijack()
	if err == nil {
		w.x.SetHijacked()
	}
	return conn, rw, err
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

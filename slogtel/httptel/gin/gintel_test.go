package gintel_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/routertest"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/gin"
)

func init() { gin.SetMode(gin.ReleaseMode) }

func text(status int, s string) gin.HandlerFunc {
	return func(c *gin.Context) { c.String(status, s) }
}

func recovery() gin.HandlerFunc { return gin.RecoveryWithWriter(io.Discard) }

func engine(tel *slogtel.Telemetry, before, after []gin.HandlerFunc) http.Handler {
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.Use(before...)
	r.Use(after...)
	user := func(c *gin.Context) {
		routertest.Load(tel, c.Request)
		c.String(200, c.Param("id"))
	}
	r.GET("/users/:id", user)
	r.HEAD("/users/:id", user)
	r.POST("/users", func(c *gin.Context) {
		body, _ := io.ReadAll(c.Request.Body)
		c.String(201, string(body))
	})
	r.GET("/fail", func(c *gin.Context) { _ = c.AbortWithError(503, errors.New("no database")) })
	r.GET("/refused", func(c *gin.Context) { _ = c.AbortWithError(403, errors.New("not yours")) })
	r.GET("/changed", func(c *gin.Context) {
		c.Status(500)
		c.String(202, "well")
	})
	r.GET("/quiet", func(*gin.Context) {})
	r.GET("/late", func(c *gin.Context) { c.Status(418) })
	r.GET("/panic", func(*gin.Context) { panic("boom") })
	r.GET("/stream", func(c *gin.Context) { routertest.Stream(c.Writer) })
	r.GET("/deadline", func(c *gin.Context) {
		if err := http.NewResponseController(c.Writer).SetWriteDeadline(time.Time{}); err != nil {
			panic(err)
		}
	})
	r.GET("/ws", func(c *gin.Context) { routertest.Hijack(c.Writer) })
	r.GET("/files/*path", text(200, "file"))
	r.Any("/any", text(200, "any"))
	r.Group("/api").Group("/v1", recovery()).GET("/items/:item", text(200, "item"))
	return r
}

func cases(panics routertest.Case) map[string]routertest.Case {
	panics.Method, panics.Path, panics.Scope, panics.Route = "GET", "/panic", "get_panic", "/panic"
	return map[string]routertest.Case{
		"a parameter":           {Method: "GET", Path: "/users/7", Scope: "get_users_id", Route: "/users/:id", Status: 200},
		"HEAD":                  {Method: "HEAD", Path: "/users/7", Scope: "head_users_id", Route: "/users/:id", Status: 200},
		"POST":                  {Method: "POST", Path: "/users", Scope: "post_users", Route: "/users", Status: 201},
		"an error":              {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 503, Error: "no database"},
		"an error of a client":  {Method: "GET", Path: "/refused", Scope: "get_refused", Route: "/refused", Status: 403},
		"a status that changes": {Method: "GET", Path: "/changed", Scope: "get_changed", Route: "/changed", Status: 202},
		"nothing written":       {Method: "GET", Path: "/quiet", Scope: "get_quiet", Route: "/quiet", Status: 200},
		"a status without body": {Method: "GET", Path: "/late", Scope: "get_late", Route: "/late", Status: 418},
		"a panic":               panics,
		"a stream":              {Method: "GET", Path: "/stream", Scope: "get_stream", Route: "/stream", Status: 200},
		"a ResponseController":  {Method: "GET", Path: "/deadline", Scope: "get_deadline", Route: "/deadline", Status: 200},
		"a hijack":              {Method: "GET", Path: "/ws", Scope: "get_ws", Route: "/ws", Status: 200, Hijacked: true},
		"a wildcard":            {Method: "GET", Path: "/files/a/b", Scope: "get_files_path", Route: "/files/*path", Status: 200},
		"any method":            {Method: "PUT", Path: "/any", Scope: "put_any", Route: "/any", Status: 200},
		"groups":                {Method: "GET", Path: "/api/v1/items/x", Scope: "get_api_v1_items_item", Route: "/api/v1/items/:item", Status: 200},
		"not found":             {Method: "GET", Path: "/secret/4711", Scope: "unmatched", Status: 404, NoSize: true},
		"not found in a group":  {Method: "GET", Path: "/api/v1/none", Scope: "unmatched", Status: 404, NoSize: true},
		"another method":        {Method: "DELETE", Path: "/users/7", Scope: "unmatched", Status: 405, NoSize: true},
		"an unknown method":     {Method: "STRANGE", Path: "/secret", Scope: "unmatched", Status: 404, NoSize: true},
	}
}

func first(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
	return engine(tel, []gin.HandlerFunc{gintel.NewMiddleware(tel, opts)}, []gin.HandlerFunc{recovery()})
}

func TestRouter(t *testing.T) {
	routertest.Run(t, first, cases(routertest.Case{Status: 500, Error: "500 Internal Server Error"}))
	routertest.TestOptions(t, first)
}

// As after gin.Default, whose Recovery is outside: it answers after the scope has ended.
func TestRecoveryOutside(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		return engine(tel, []gin.HandlerFunc{recovery()}, []gin.HandlerFunc{gintel.NewMiddleware(tel, opts)})
	}, cases(routertest.Case{Status: 500, Unknown: true, Error: "panic: boom"}))
}

func TestNoRecovery(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		return engine(tel, []gin.HandlerFunc{gintel.NewMiddleware(tel, opts)}, nil)
	}, cases(routertest.Case{Error: "panic: boom"}))
}

// A middleware inside that writes through a writer of its own, and one outside that looks
// at the response, find what they find without the middleware between them.
func TestOtherMiddlewares(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		r := gin.New()
		r.Use(func(c *gin.Context) {
			w := c.Writer
			c.Next()
			assert.Same(t, w, c.Writer)
			assert.Equal(t, 200, w.Status())
			assert.Equal(t, 5, w.Size())
		}, gintel.NewMiddleware(tel, opts), func(c *gin.Context) {
			c.Writer = &shouting{c.Writer}
			c.Next()
		})
		r.NoRoute(text(200, "found"))
		r.GET("/x", text(200, "hello"))
		return r
	}, map[string]routertest.Case{
		"a route": {Method: "GET", Path: "/x", Scope: "get_x", Route: "/x", Status: 200},
		"NoRoute": {Method: "GET", Path: "/y", Scope: "unmatched", Status: 200},
	})
}

type shouting struct{ gin.ResponseWriter }

func (s *shouting) Write(p []byte) (int, error) {
	return s.ResponseWriter.Write([]byte("HELLO")[:len(p)])
}

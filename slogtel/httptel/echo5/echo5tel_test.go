package echo5tel_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/routertest"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/echo5"
)

func text(status int, s string) echo.HandlerFunc {
	return func(c *echo.Context) error { return c.String(status, s) }
}

func newEcho(tel *slogtel.Telemetry) *echo.Echo {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	user := func(c *echo.Context) error {
		routertest.Load(tel, c.Request())
		return c.String(200, c.Param("id"))
	}
	e.GET("/users/:id", user)
	e.HEAD("/users/:id", user)
	e.POST("/users", func(c *echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		return c.Blob(201, "text/plain", body)
	})
	e.GET("/fail", func(*echo.Context) error { return errors.New("no database") })
	e.GET("/busy", func(*echo.Context) error { return echo.NewHTTPError(503, "busy").Wrap(errors.New("pool is empty")) })
	e.GET("/refused", func(*echo.Context) error { return echo.ErrForbidden })
	e.GET("/canceled", func(*echo.Context) error { return context.Canceled })
	e.GET("/broken", func(c *echo.Context) error {
		_ = c.String(200, "half")
		return errors.New("the rest is lost")
	})
	e.GET("/quiet", func(*echo.Context) error { return nil })
	e.GET("/panic", func(*echo.Context) error { panic("boom") })
	e.GET("/recovered", func(*echo.Context) error { panic("boom") }, middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	e.GET("/stream", func(c *echo.Context) error {
		routertest.Stream(c.Response())
		return nil
	})
	e.GET("/deadline", func(c *echo.Context) error {
		return http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{})
	})
	e.GET("/ws", func(c *echo.Context) error {
		routertest.Hijack(c.Response())
		return nil
	})
	e.GET("/gzip", text(200, "zipped"), middleware.Gzip())
	e.GET("/files/*", text(200, "file"))
	e.Any("/any", text(200, "any"))
	api := e.Group("/api", middleware.RequestID())
	api.Group("/v1", middleware.RequestID()).GET("/items/:item", text(200, "item"))
	return e
}

var cases = map[string]routertest.Case{
	"a parameter":          {Method: "GET", Path: "/users/7", Scope: "get_users_id", Route: "/users/:id", Status: 200},
	"HEAD":                 {Method: "HEAD", Path: "/users/7", Scope: "head_users_id", Route: "/users/:id", Status: 200},
	"POST":                 {Method: "POST", Path: "/users", Scope: "post_users", Route: "/users", Status: 201},
	"an error":             {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 500, Error: "no database"},
	"an HTTPError":         {Method: "GET", Path: "/busy", Scope: "get_busy", Route: "/busy", Status: 503, Error: "pool is empty"},
	"an error of a client": {Method: "GET", Path: "/refused", Scope: "get_refused", Route: "/refused", Status: 403},
	"context.Canceled":     {Method: "GET", Path: "/canceled", Scope: "get_canceled", Route: "/canceled", Status: 500, Error: "500 Internal Server Error"},
	"an error too late":    {Method: "GET", Path: "/broken", Scope: "get_broken", Route: "/broken", Status: 200, Error: "the rest is lost"},
	"nothing written":      {Method: "GET", Path: "/quiet", Scope: "get_quiet", Route: "/quiet", Status: 200},
	"a panic":              {Method: "GET", Path: "/panic", Scope: "get_panic", Route: "/panic", Error: "panic: boom"},
	"a panic, recovered":   {Method: "GET", Path: "/recovered", Scope: "get_recovered", Route: "/recovered", Status: 500, Error: "boom"},
	"a stream":             {Method: "GET", Path: "/stream", Scope: "get_stream", Route: "/stream", Status: 200},
	"a ResponseController": {Method: "GET", Path: "/deadline", Scope: "get_deadline", Route: "/deadline", Status: 200},
	"a hijack":             {Method: "GET", Path: "/ws", Scope: "get_ws", Route: "/ws", Status: 200, Hijacked: true},
	"a wildcard":           {Method: "GET", Path: "/files/a/b", Scope: "get_files_tree", Route: "/files/*", Status: 200},
	"any method":           {Method: "PUT", Path: "/any", Scope: "put_any", Route: "/any", Status: 200},
	"groups":               {Method: "GET", Path: "/api/v1/items/x", Scope: "get_api_v1_items_item", Route: "/api/v1/items/:item", Status: 200},
	"not found":            {Method: "GET", Path: "/secret/4711", Scope: "unmatched", Status: 404},
	"not found in a route": {Method: "GET", Path: "/use", Scope: "unmatched", Status: 404},
	"not found in a group": {Method: "GET", Path: "/api/none", Scope: "unmatched", Status: 404},
	"an unknown method":    {Method: "STRANGE", Path: "/api/none", Scope: "unmatched", Status: 404},
	"another method":       {Method: "DELETE", Path: "/users/7", Scope: "unmatched", Status: 405},
	"OPTIONS":              {Method: "OPTIONS", Path: "/users/7", Scope: "unmatched", Status: 204},
}

func use(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
	e := newEcho(tel)
	e.Use(echo5tel.NewMiddleware(tel, opts))
	return e
}

func TestRouter(t *testing.T) {
	routertest.Run(t, use, cases)
	routertest.TestOptions(t, use)
}

// In Pre, the route is known only after the handler.
func TestPre(t *testing.T) {
	late := make(map[string]routertest.Case)
	for name, c := range cases {
		if name != "a parameter" && name != "HEAD" { // scopes inside
			late[name] = c
		}
	}
	late["a path that changes"] = routertest.Case{Method: "GET", Path: "/quiet/", Scope: "get_quiet", Route: "/quiet", Status: 200}
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		e := newEcho(tel)
		e.Pre(echo5tel.NewMiddleware(tel, opts), middleware.RemoveTrailingSlash())
		return e
	}, late)
}

// The error handler of the app runs once, and its status counts.
func TestOwnErrorHandler(t *testing.T) {
	var calls atomic.Int32
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		e := newEcho(tel)
		e.Use(echo5tel.NewMiddleware(tel, opts))
		e.HTTPErrorHandler = func(c *echo.Context, err error) {
			calls.Add(1)
			if err.Error() != "silent" {
				_ = c.String(418, "short and stout") // also where the response was sent
			}
		}
		e.GET("/silent", func(*echo.Context) error { return errors.New("silent") })
		return e
	}, map[string]routertest.Case{
		"an error":  {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 418},
		"not found": {Method: "GET", Path: "/none", Scope: "unmatched", Status: 418},
		"nothing":   {Method: "GET", Path: "/silent", Scope: "get_silent", Route: "/silent", Status: 200, Error: "silent"},
	})
	assert.EqualValues(t, 3, calls.Load())
}

// A middleware outside finds the response as it was sent, and its own request and writer.
func TestOutside(t *testing.T) {
	routertest.Run(t, func(tel *slogtel.Telemetry, opts *httptel.ServerOptions) http.Handler {
		e := newEcho(tel)
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) error {
				resp, err := echo.UnwrapResponse(c.Response())
				assert.NoError(t, err)
				r, w := c.Request(), resp.ResponseWriter
				assert.NoError(t, next(c))
				assert.Same(t, r, c.Request())
				assert.Equal(t, w, resp.ResponseWriter)
				assert.Equal(t, 500, resp.Status)
				return nil
			}
		}, echo5tel.NewMiddleware(tel, opts))
		return e
	}, map[string]routertest.Case{
		"an error": {Method: "GET", Path: "/fail", Scope: "get_fail", Route: "/fail", Status: 500, Error: "no database"},
	})
}

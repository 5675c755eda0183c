package echo5tel_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/echo5"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func ExampleNewMiddleware() {
	rec := slogteltest.NewRecorder(nil) // any slog.Handler, or a reporter
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, rec)

	e := echo.New()
	e.Use(echo5tel.NewMiddleware(tel, nil))
	e.GET("/users/:id", func(c *echo.Context) error { return c.String(http.StatusOK, c.Param("id")) })

	for _, path := range []string{"/users/7", "/secret/4711"} {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	for _, request := range rec.Timings("") {
		for _, a := range request.Attrs {
			if a.Key == httptel.KeyStatus {
				fmt.Println(request.Scope, a.Value)
			}
		}
	}
	// Output:
	// http.server.get_users_id 200
	// http.server.unmatched 404
}

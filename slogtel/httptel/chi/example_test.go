package chitel_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/chi"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func ExampleNewMiddleware() {
	rec := slogteltest.NewRecorder(nil) // any slog.Handler, or a reporter
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, rec)

	r := chi.NewRouter()
	r.Use(chitel.NewMiddleware(tel, nil))
	r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, chi.URLParam(r, "id")) })

	for _, path := range []string{"/users/7", "/secret/4711"} {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
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

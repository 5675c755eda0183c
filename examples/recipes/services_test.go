package recipes

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/llmtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// A service: its server, its client and the Go runtime below them.
func Example_service() {
	tel, memory := service()
	defer tel.Shutdown(context.Background())

	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "user", r.PathValue("id")) })
	handler := httptel.NewMiddleware(tel, nil)(mux)  // a scope for each request, named by its route
	transport := httptel.NewTransport(nil, tel, nil) // a scope for each call, which passes its trace on
	ctx, stop := context.WithCancel(context.Background())
	go runtimetel.Run(ctx, tel, nil) // goroutines, heap, pauses, latency, every ten seconds
	defer stop()

	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: transport}
	for id := range 3 {
		resp, err := client.Get(fmt.Sprint(server.URL, "/users/", id))
		if err != nil {
			fmt.Println(err)
			return
		}
		_, _ = io.Copy(os.Stdout, resp.Body)
		_ = resp.Body.Close()
	}
	for _, s := range memory.Snapshot().Scopes {
		fmt.Println(s.Scope, s.Calls)
	}
	// Output:
	// user 0
	// user 1
	// user 2
	// http.client.get 3
	// http.server.get_users_id 3
}

// Muxes inside of each other, and a route that takes all calls of a service.
func Example_routes() {
	tel, memory := service()
	defer tel.Shutdown(context.Background())
	greet := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })

	users := http.NewServeMux()
	users.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "user", r.PathValue("id")) })
	outer := http.NewServeMux()
	outer.Handle("/v1/", http.StripPrefix("/v1", httptel.Mux(users))) // http.server.get_v1_users_id
	outer.Handle("/greet.v1.GreetService/", greet)                    // http.server.greet_v1_greetservice_greet

	handler := httptel.NewMiddleware(tel, &httptel.ServerOptions{
		Name:            httptel.Procedures("/greet.v1.GreetService/Greet"), // a constant of the generated code
		RequestIDHeader: "X-Request-Id",                                     // http.request.header.x-request-id
		ClientAddress:   httptel.ForwardedFor(1),                            // client.address, behind one proxy
		UserAgent:       true,                                               // user_agent.original
	})(outer)

	for _, path := range []string{"/v1/users/7", "/greet.v1.GreetService/Greet", "/greet.v1.GreetService/MadeUp", "/v2"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	for _, s := range memory.Snapshot().Scopes {
		fmt.Println(s.Scope, s.Calls)
	}
	// Output:
	// http.server.get_v1_users_id 1
	// http.server.greet_v1_greetservice_greet 1
	// http.server.greet_v1_greetservice_tree 1
	// http.server.unmatched 1
}

// A database, through database/sql. It is compiled and not run: it needs a driver.
func Example_sql() {
	tel, _ := service()
	ctx, dsn, id := context.Background(), "postgres://localhost/shop", 7

	db, err := sqltel.Open("pgx", dsn, tel, nil) // sql.Open, with a scope for each call
	if err != nil {
		fmt.Println(err)
		return
	}
	go sqltel.Stats(ctx, db, tel, 0) // the pool: sql.pool.in_use, waits and more

	rows, err := db.QueryContext(ctx, "SELECT name FROM users WHERE id = $1", id) // sql.select.users
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rows.Close()                                                                 // ends its scope
	row := db.QueryRowContext(sqltel.WithName(ctx, "load_user"), "SELECT $1::int", id) // load_user
	_ = row.Scan(&id)
}

// Calls of language models, through the library of any provider.
func Example_languageModels() {
	tel, _ := service()
	client := &http.Client{Transport: llmtel.NewTransport(nil, tel, &llmtel.Options{
		Price: func(u llmtel.Usage) float64 { // dollars a million tokens
			return (2.5*float64(u.Input-u.Cached) + 1.25*float64(u.Cached) + 10*float64(u.Output)) / 1e6
		},
	})}
	_ = client // genai.ClientConfig{HTTPClient: client}, option.WithHTTPClient(client) …
}

func service() (*slogtel.Telemetry, *memory.Handler) {
	memory := memory.New(nil)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, memory), memory
}

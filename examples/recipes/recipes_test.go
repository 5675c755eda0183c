// Package recipes holds the code of the README: what each kind of user writes.
// The README has these functions' bodies, which a test of internal/readme compares.
package recipes

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/llmtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// fixed drops from JSON lines what differs from run to run.
var fixed = func(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, slogtel.KeyDuration, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic,
		slogtel.KeyStartWall, slogtel.KeyEndWall:
		return slog.Attr{}
	}
	return a
}

// An app that logs with slog already: its handler is a reporter as it is.
func Example_existingApp() {
	ctx := context.Background()
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fixed})

	logger := slog.New(handlers.Scope()(handler))                    // its logs gain the scope they are in
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, handler)  // its stream gains telemetry
	ctx, span := tel.Start(ctx, "checkout", slog.Int("articles", 3)) // around the work
	defer span.End()
	logger.InfoContext(ctx, "card charged", "amount", 12.5)
	// Output:
	// {"level":"INFO","msg":"card charged","amount":12.5,"scope":"checkout"}
	// {"level":"INFO","msg":"telemetry.timing","scope":"checkout","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"articles":3}
}

// A developer at a terminal.
func Example_console() {
	console := console.New(os.Stdout, &console.Options{Slow: 300 * time.Millisecond, NoTime: true})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, console)
	ctx, span := tel.Start(context.Background(), "pipeline")
	tel.Timing(ctx, "call", 124*time.Millisecond, slog.Int("attempt", 1)) // measured elsewhere
	tel.Count(ctx, "tokens", 12345)
	span.SetAttrs(slog.String("model", "m"))
	// Output:
	// INF   call 124ms attempt=1
	// INF   tokens +12.3k
}

// A developer who wants to see each request whole.
func Example_consoleTree() {
	console := console.New(os.Stdout, &console.Options{Tree: true, NoTime: true})
	logger, tel := slog.New(console), slogtel.New(&slogtel.Options{Mode: slogtel.On}, console)
	// INF order 5.55ms customer=ann
	// INF |········· ├─ looking for a card at 68µs
	// INF ▒▒▒▒▒▒▒▒·· ├─ reserve 4.1ms 74% article=pen
	// ERR ·█████████ └─ pay 4.9ms 88% error="card declined"
	ctx, span := tel.Start(context.Background(), "order", slog.String("customer", "ann"))
	logger.InfoContext(ctx, "looking for a card")
	tel.Timing(ctx, "reserve", time.Millisecond, slog.String("article", "pen"))
	span.End()
}

// An operator who wants to see what the program is doing now.
func Example_live() {
	mux := http.NewServeMux()

	page := live.New(&live.Options{Title: "shop"})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, page)
	logger := slog.New(slog.NewMultiHandler(slog.NewTextHandler(os.Stderr, nil), page)) // logs inside their traces
	mux.Handle("/debug/telemetry/", page)

	ctx, span := tel.Start(context.Background(), "order")
	logger.DebugContext(ctx, "no card")
	r := httptest.NewRequest(http.MethodGet, "http://localhost/debug/telemetry/?format=json", nil)
	r.RemoteAddr = "127.0.0.1:1" // httptest has another machine ask
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	span.End()
	var now live.Page
	_ = json.Unmarshal(w.Body.Bytes(), &now)
	fmt.Println(now.Title, now.Open[0].Scope)
	// Output: shop order
}

// A team that ships JSON lines to Loki or Elasticsearch.
func Example_jsonFile() {
	dir, _ := os.MkdirTemp("", "recipes")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "new folder", "telemetry.jsonl")

	file, err := jsonlines.Open(path, &jsonlines.FileOptions{
		MaxSize: 100 << 20, MaxBackups: 5, Compress: true, // rotation; Reopen() is there for logrotate
		Options: jsonlines.Options{Schema: jsonlines.ECS, Service: "checkout"},
	})
	if err != nil {
		fmt.Println(err) // says which folder or file, and why
		return
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, file)
	defer tel.Shutdown(context.Background())
	tel.Count(context.Background(), "orders", 1)
	fmt.Println(file.Stats().Lines, "line written,", file.Stats().Dropped, "dropped")
	// Output: 1 line written, 0 dropped
}

// A team with a StatsD daemon.
func Example_statsd() {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0") // in place of a real one
	if err != nil {
		fmt.Println(err)
		return
	}
	defer daemon.Close()
	address := daemon.LocalAddr().String()

	daemonMetrics, err := statsd.New(address, &statsd.Options{Dialect: statsd.DogStatsD, Prefix: "shop", TagKeys: []string{"model"}})
	if err != nil {
		fmt.Println(err) // a malformed address or option; the daemon may be down
		return
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, daemonMetrics)
	tel.Count(context.Background(), "orders", 2, slog.String("model", "car"), slog.Int("customer", 17))
	_ = tel.Shutdown(context.Background()) // sends what is left

	packet := make([]byte, 1500)
	n, _, _ := daemon.ReadFrom(packet)
	fmt.Printf("%s", packet[:n])
	// Output: shop.orders:2|c|#model:car
}

// Telemetry to one place, logs to another.
func Example_router() {
	memory := memory.New(nil)
	telemetry := func(_ context.Context, r slog.Record) bool { return slogtel.IsTelemetry(r) }
	router := slogmulti.Router().
		Add(memory, telemetry).
		Add(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fixed}),
			func(ctx context.Context, r slog.Record) bool { return !telemetry(ctx, r) }).
		Handler()

	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, router)
	slog.New(router).Info("started")
	tel.Count(context.Background(), "orders", 2)
	fmt.Println(memory.Snapshot().Counters[0].Sum)
	// Output:
	// level=INFO msg=started
	// 2
}

// Middleware in front of any handler, for logs and telemetry alike.
func Example_middleware() {
	sink := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fixed})
	// The app never waits for the sink; what it gets has the scope on it and no secrets in it.
	queue := async.New(slogmulti.Pipe(handlers.Scope(), redact.New(nil)).Handler(sink), nil)
	sampled := sample.New(&sample.Options{Rules: []sample.Rule{{Scope: "health.*", Rate: -1}}}).Middleware(queue)
	logger := slog.New(sampled)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sampled)

	ctx, span := tel.Start(context.Background(), "login")
	logger.InfoContext(ctx, "sending Authorization: Bearer abcdef0123456789", "user", "ann", "password", "hunter2")
	span.End()
	_ = tel.Time(context.Background(), "health.check", func(context.Context) error { return nil })
	_ = tel.Shutdown(context.Background()) // drains the queue
	fmt.Println(queue.Stats().Handled, "handled,", queue.Stats().Dropped(), "dropped")
	// Output:
	// {"level":"INFO","msg":"sending Authorization: Bearer [REDACTED]","user":"ann","password":"[REDACTED]","scope":"login"}
	// {"level":"INFO","msg":"telemetry.timing","scope":"login","depth":0,"parent_scope":"","metric_type":"timing","call_count":1}
	// 2 handled, 0 dropped
}

// One line a scope and minute in place of one a call.
func Example_aggregate() {
	lines := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fewer})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, aggregate.New(lines, &aggregate.Options{
		Interval:   time.Minute,
		SlowerThan: time.Second, // these, and what fails, still have a line each
	}))
	for i := range 1000 {
		tel.Timing(context.Background(), "lookup", time.Duration(i)*time.Microsecond)
	}
	tel.Timing(context.Background(), "lookup", 2*time.Second, slog.String("key", "rare"))
	_ = tel.Shutdown(context.Background()) // sends the last interval
	// Output:
	// {"msg":"telemetry.timing","scope":"lookup","duration_s":2,"key":"rare","in_summary":true}
	// {"msg":"telemetry.summary","scope":"lookup","count":1001,"max":2}
}

// One line a request.
func Example_wide() {
	lines := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: untimed})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, wide.New(lines, nil))
	ctx, span := tel.Start(context.Background(), "request")
	tel.Count(ctx, "rows", 12)
	slogtel.Root(ctx).SetAttrs(slog.String("customer", "ann")) // from wherever in the request it is known
	span.End()
	// Output:
	// {"msg":"telemetry.timing","scope":"request","customer":"ann","inside":{"counters":{"rows":12}}}
}

// Whole traces: failed, slow, asked for, and a share of the rest.
func Example_tailSample() {
	lines := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: untimed})
	tail := tailsample.New(lines, &tailsample.Options{Rate: 0.05, SlowerThan: time.Second, Slowest: 0.99, Logs: true})
	logger, tel := slog.New(tail), slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, tail)
	ctx, span := tel.Start(context.Background(), "request")
	logger.InfoContext(ctx, "kept or dropped with its request")
	slogtel.Root(ctx).SetAttrs(slog.Bool(tailsample.KeyKeep, true)) // somebody asked for this one
	span.End()
	// Output:
	// {"msg":"kept or dropped with its request"}
	// {"msg":"telemetry.timing","scope":"request"}
}

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

// fewer drops even more.
func fewer(groups []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.MessageKey, slogtel.KeyScope, slogtel.KeyDuration, slogtel.KeyCount, slogtel.KeyMax, slogtel.KeyInSummary, "key", "rows", "customer":
		return a
	}
	return slog.Attr{}
}

func untimed(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slogtel.KeyDuration {
		return slog.Attr{}
	}
	return fewer(groups, a)
}

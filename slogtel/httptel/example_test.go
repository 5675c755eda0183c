package httptel_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// newHandler is the logging of the service that the examples are about: slog's text
// on standard output, without what differs from run to run.
func newHandler() slog.Handler {
	return slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, slog.LevelKey, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType, slogtel.KeyCallCount,
			slogtel.KeyDuration, slogtel.KeyStartMonotonic, slogtel.KeyEndMonotonic, slogtel.KeyStartWall, slogtel.KeyEndWall,
			slogtel.KeyTraceID, slogtel.KeySpanID, slogtel.KeyParentSpanID, httptel.KeyServerPort:
			return slog.Attr{}
		}
		return a
	}})
}

// newMux has the routes of that service, which know nothing of telemetry.
func newMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "user %s\n", r.PathValue("id"))
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no database", http.StatusInternalServerError)
	})
	return mux
}

// request stands for a client.
func request(h http.Handler, method, path string) {
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
}

// The Telemetry goes where the logger is made, and reports to the same handler. Where
// SLOGTEL_TELEMETRY=1 is to decide, leave Mode out.
func Example_step1Telemetry() {
	logger := slog.New(newHandler())
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, logger.Handler())
	defer tel.Shutdown(context.Background())

	logger.Info("started", "telemetry", tel.Enabled())
	// Output:
	// msg=started telemetry=true
}

// The line for the server.
func Example_step2Server() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, newHandler())
	mux := newMux()

	srv := &http.Server{Handler: httptel.NewMiddleware(tel, nil)(mux)}

	request(srv.Handler, "GET", "/users/42")
	request(srv.Handler, "GET", "/no/such/path")
	request(srv.Handler, "POST", "/orders")
	// Output:
	// msg=telemetry.timing scope=http.server.get_users_id http.request.method=GET http.route="GET /users/{id}" http.response.status_code=200 http.response.body.size=8
	// msg=telemetry.timing scope=http.server.unmatched http.request.method=GET http.response.status_code=404 http.response.body.size=19
	// msg=telemetry.timing scope=http.server.post_orders error="500 Internal Server Error" http.request.method=POST http.route="POST /orders" http.response.status_code=500 http.response.body.size=12
}

// The line for the client. The handler's requests get its context, so that the calls
// are inside its scope, and the other service is told of the trace.
func Example_step3Client() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, newHandler())
	stock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, len(r.Header.Get("Traceparent")))
	}))
	defer stock.Close()

	client := &http.Client{Transport: httptel.NewTransport(http.DefaultTransport, tel, nil)}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /stock", func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), "GET", stock.URL, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	})
	request(httptel.NewMiddleware(tel, nil)(mux), "GET", "/stock")
	// Output:
	// msg=telemetry.timing scope=http.server.get_stock.http.client.get http.request.method=GET server.address=127.0.0.1 http.response.status_code=200 http.response.body.size=2
	// msg=telemetry.timing scope=http.server.get_stock http.request.method=GET http.route="GET /stock" http.response.status_code=200 http.response.body.size=2
}

// Scopes and counters of one's own, and the scope in the service's ordinary logs.
func Example_step4OwnScopes() {
	handler := newHandler()
	logger := slog.New(handlers.Scope()(handler))
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, handler)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.Start(r.Context(), "load")
		defer span.End()
		tel.Count(ctx, "rows", 3)
		logger.InfoContext(ctx, "loading")
	})
	request(httptel.NewMiddleware(tel, nil)(mux), "GET", "/report")
	// Output:
	// msg=telemetry.metric scope=http.server.get_report.load.rows value=3
	// msg=loading scope=http.server.get_report.load
	// msg=telemetry.timing scope=http.server.get_report.load
	// msg=telemetry.timing scope=http.server.get_report http.request.method=GET http.route="GET /report" http.response.status_code=200 http.response.body.size=0
}

// Requests that nobody wants to see, and attributes that everybody does.
func ExampleNewMiddleware() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, newHandler())
	h := httptel.NewMiddleware(tel, &httptel.ServerOptions{
		Filter: func(r *http.Request) bool { return r.URL.Path != "/healthz" },
		Attrs: func(r *http.Request) []slog.Attr {
			return []slog.Attr{slog.String("user_id", r.PathValue("id"))}
		},
	})(newMux())
	request(h, "GET", "/healthz")
	request(h, "GET", "/users/42")
	// Output:
	// msg=telemetry.timing scope=http.server.get_users_id http.request.method=GET http.route="GET /users/{id}" http.response.status_code=200 http.response.body.size=8 user_id=42
}

// A provider's API: previews of its responses, attempts, and no traceparent for it.
func ExampleNewTransport() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"model":"m-1","choices":[{"message":{"content":"hello"}}]}`)
	}))
	defer provider.Close()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, newHandler())
	client := &http.Client{Transport: httptel.NewTransport(nil, tel, &httptel.ClientOptions{
		ScopeName:     func(*http.Request) string { return "provider.complete" },
		RawPreview:    preview.New(&preview.Options{Mode: preview.On}),
		NoTraceparent: true,
	})}

	ctx := httptel.WithAttempt(context.Background(), 2)
	req, _ := http.NewRequestWithContext(ctx, "GET", provider.URL, nil)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.ReadAll(resp.Body)
	// Output:
	// msg=telemetry.timing scope=provider.complete raw_preview.model=m-1 raw_preview.batch="[{Model:m-1 Text: Candidate0Text:hello Usage:map[] FinishReason: Safety: Tools:[] Repr:}]" http.request.method=GET server.address=127.0.0.1 http.response.status_code=200 http.response.body.size=59 http.request.resend_count=1
}

// A queue whose messages have headers: Inject where one is sent, Extract where it is
// received.
func ExampleExtract() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, newHandler())
	message := http.Header{}

	ctx, span := tel.Start(context.Background(), "send")
	httptel.Inject(ctx, message)
	sent, _ := scope.FromContext(ctx)
	span.End()

	ctx, span = tel.Start(httptel.Extract(context.Background(), message), "receive")
	received, _ := scope.FromContext(ctx)
	span.End()
	fmt.Println("one trace:", sent.TraceID == received.TraceID)
	// Output:
	// msg=telemetry.timing scope=send
	// msg=telemetry.timing scope=receive
	// one trace: true
}

// A mux behind a prefix: the route is the whole one.
func ExampleMux() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, newHandler())
	outer := http.NewServeMux()
	outer.Handle("/v1/", http.StripPrefix("/v1", httptel.Mux(newMux())))

	request(httptel.NewMiddleware(tel, nil)(outer), "GET", "/v1/users/42")
	// Output:
	// msg=telemetry.timing scope=http.server.get_v1_users_id http.request.method=GET http.route="GET /v1/users/{id}" http.response.status_code=200 http.response.body.size=8
}

// One route takes all calls of a service. Generated code of Connect has a constant for each
// procedure, and what a client makes up stays below the route.
func ExampleProcedures() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, newHandler())
	mux := http.NewServeMux()
	mux.HandleFunc("/greet.v1.GreetService/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	handler := httptel.NewMiddleware(tel, &httptel.ServerOptions{Name: httptel.Procedures("/greet.v1.GreetService/Greet")})(mux)

	request(handler, "POST", "/greet.v1.GreetService/Greet")
	request(handler, "POST", "/greet.v1.GreetService/MadeUp")
	// Output:
	// msg=telemetry.timing scope=http.server.greet_v1_greetservice_greet http.request.method=POST http.route=/greet.v1.GreetService/ http.response.status_code=200 http.response.body.size=2
	// msg=telemetry.timing scope=http.server.greet_v1_greetservice_tree http.request.method=POST http.route=/greet.v1.GreetService/ http.response.status_code=200 http.response.body.size=2
}

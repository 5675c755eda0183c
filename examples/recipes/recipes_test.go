// Package recipes holds the code of the README: what each kind of user writes.
// The README has these functions' bodies, which a test of internal/readme compares.
package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
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
	"github.com/slogtel/telemetry/slogtel/slogteltest"
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

// A destination of one's own: two methods.
type alerts struct{}

func (alerts) RecordTiming(_ context.Context, t slogtel.Timing) error {
	if t.Error != "" {
		fmt.Println("alert:", t.Scope, "failed:", t.Error)
	}
	return nil
}

func (alerts) RecordMetric(context.Context, slogtel.Metric) error { return nil }

func Example_ownReporter() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogtel.NewHandler(alerts{}))
	_ = tel.Time(context.Background(), "checkout.pay", func(context.Context) error {
		return errors.New("card declined")
	})
	// Output: alert: checkout.pay failed: card declined
}

// Tests of an app's own telemetry.
func TestOrders(t *testing.T) {
	tel, rec := slogteltest.New(t)
	order(t.Context(), tel)
	if got := rec.Sum("checkout.orders"); got != 1 {
		t.Errorf("%d orders counted, want 1", got)
	}
	rec.CheckNoOpenScopes(t)
}

func order(ctx context.Context, tel *slogtel.Telemetry) {
	ctx, span := tel.Start(ctx, "checkout")
	defer span.End()
	tel.Count(ctx, "orders", 1)
}

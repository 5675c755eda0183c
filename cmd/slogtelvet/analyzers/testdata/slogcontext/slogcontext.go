// Package slogcontext logs with the context in reach, or without.
package slogcontext

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"testing"

	"github.com/slogtel/telemetry/slogtel"
)

var (
	tel    *slogtel.Telemetry
	logger *slog.Logger
	global = context.Background()
)

func functions(ctx context.Context, err error) {
	slog.Debug("a")                  // want `ctx is in reach: call DebugContext with it`
	slog.Info("a", "n", 1)           // want `ctx is in reach: call InfoContext with it`
	slog.Warn("a", slog.Int("n", 1)) // want `ctx is in reach: call WarnContext with it`
	slog.Error("a", "error", err)    // want `ctx is in reach: call ErrorContext with it`
	logger.Debug("a")                // want `ctx is in reach: call DebugContext with it`
	logger.Info("a", "n", 1)         // want `ctx is in reach: call InfoContext with it`
	logger.Warn("a")                 // want `ctx is in reach: call WarnContext with it`
	logger.With("a", 1).Error("a")   // want `ctx is in reach: call ErrorContext with it`
	slog.Default().Info(             // want `ctx is in reach: call InfoContext with it`
		"over",
		"lines", 3,
	)
	defer slog.Info("done") // want `ctx is in reach: call InfoContext with it`
	go slog.Info("done")    // want `ctx is in reach: call InfoContext with it`
	(slog.Info)("a")        // want `ctx is in reach: call InfoContext with it`
}

func spread(ctx context.Context, args ...any) {
	slog.Info("a", args...) // want `ctx is in reach: call InfoContext with it`
}

func background(ctx context.Context) {
	slog.Log(context.Background(), slog.LevelInfo, "a")  // want `ctx is in reach: log with it instead of context.Background\(\)`
	logger.LogAttrs(context.TODO(), slog.LevelInfo, "a") // want `ctx is in reach: log with it instead of context.TODO\(\)`
	logger.InfoContext(context.Background(), "a")        // want `ctx is in reach: log with it instead of context.Background\(\)`
	slog.LogAttrs(ctx, slog.LevelInfo, "a")
	slog.InfoContext(ctx, "a")
}

type service struct {
	*slog.Logger
	log *slog.Logger
	ctx context.Context
}

func (s *service) method(ctx context.Context) {
	s.Info("a")     // want `ctx is in reach: call InfoContext with it`
	s.log.Info("a") // want `ctx is in reach: call InfoContext with it`
}

func handler(w http.ResponseWriter, r *http.Request) {
	slog.Info("a") // want `r.Context\(\) is in reach: call InfoContext with it`
	ctx := r.Context()
	slog.Info("b") // want `ctx is in reach: call InfoContext with it`
	_ = ctx
}

func handlers(ctx context.Context) {
	http.HandleFunc("/", func(_ http.ResponseWriter, req *http.Request) {
		slog.Info("a") // want `req.Context\(\) is in reach: call InfoContext with it`
	})
}

func usesRequest(r *http.Request) {
	path := r.URL.Path
	slog.Info("a", "path", path) // want `r.Context\(\) is in reach: call InfoContext with it`
}

func literals(ctx context.Context) {
	func() { slog.Info("a") }()          // want `ctx is in reach: call InfoContext with it`
	go func() { slog.Info("a") }()       // want `ctx is in reach: call InfoContext with it`
	defer func() { slog.Info("a") }()    // want `ctx is in reach: call InfoContext with it`
	each(func(n int) { slog.Info("a") }) // want `ctx is in reach: call InfoContext with it`
	each2(func(c context.Context) {
		slog.Info("a") // want `c is in reach: call InfoContext with it`
	})
}

func each(func(int))              {}
func each2(func(context.Context)) {}

func spans(ctx context.Context) {
	scoped, span := tel.Start(ctx, "a")
	defer span.End()
	defer func() { slog.Info("a") }() // want `scoped is in reach: call InfoContext with it`
	slog.Info("a")                    // want `scoped is in reach: call InfoContext with it`
	_ = scoped
}

func severalNames(ctx context.Context) {
	shutdown, cancel := context.WithCancel(context.Background())
	defer cancel()
	slog.Info("a") // want `ctx is in reach: call InfoContext with it`
	_ = shutdown
}

func nilReplaced(ctx context.Context) {
	if ctx == nil {
		ctx = context.Background()
	}
	slog.Info("a") // want `ctx is in reach: call InfoContext with it`
}

func assignedBefore(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		slog.Info("a") // want `ctx is in reach: call InfoContext with it`
	}()
	for range 3 {
		ctx := context.WithValue(ctx, "k", 1)
		ctx = context.WithValue(ctx, "l", 1)
		go func() {
			slog.Info("a") // want `ctx is in reach: call InfoContext with it`
		}()
	}
}

func generic[T any](ctx context.Context, v T) {
	slog.Info("a", "v", v) // want `ctx is in reach: call InfoContext with it`
}

func several(ctx context.Context) {
	slog.Info(message()) // want `ctx is in reach: call InfoContext with it`
}

func message() (string, any) { return "a", nil }

type shy struct{ *slog.Logger }

func (shy) InfoContext(string) {}

func hidden(ctx context.Context, s shy) {
	s.Info("a") // want `ctx is in reach: call InfoContext with it`
}

// From here on nothing is reported.

func none() { slog.Info("a") }

func field(s *service) { slog.Info("a") }

func packageVariable() { slog.Info("a", "ctx", global) }

func blank(_ context.Context) { slog.Info("a") }

func later() {
	slog.Info("a")
	ctx := context.Background()
	_ = ctx
}

func shadowedByOther(ctx context.Context) {
	{
		ctx := "text"
		slog.Info(ctx)
	}
	func(ctx int) { slog.Info("a") }(1)
}

func mayBeNil(m map[string]context.Context, c chan context.Context, v any) {
	var ctx context.Context
	slog.Info("a")
	ctx = m["a"]
	slog.Info("b")
	_ = ctx
	fromMap := m["b"]
	fromChan := <-c
	asserted, ok := v.(context.Context)
	slog.Info("c", "ok", ok)
	_, _, _ = fromMap, fromChan, asserted
}

func withError(make func() (context.Context, error)) {
	ctx, err := make()
	if err != nil {
		slog.Error("a")
	}
	_ = ctx
}

func namedResult() (ctx context.Context, err error) {
	slog.Info("a")
	return context.Background(), errors.New("no")
}

func nilAllowed(ctx context.Context) {
	if ctx != nil {
		_ = ctx.Err()
	}
	slog.Info("a")
}

func raced(ctx context.Context) {
	go func() { slog.Info("a") }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = ctx
}

func racedByRound(ctx context.Context) {
	for range 3 {
		ctx = context.WithValue(ctx, "k", 1)
		go func() { slog.Info("a") }()
	}
}

func racedByJump(ctx context.Context) {
again:
	ctx = context.WithValue(ctx, "k", 1)
	go func() { slog.Info("a") }()
	if ctx.Err() == nil {
		goto again
	}
}

func nilRequest(r *http.Request) { slog.Info("a") }

func nilRequestChecked(r *http.Request) {
	if r != nil {
		_ = r.URL
	}
	slog.Info("a")
}

func ambiguous(a, b context.Context) { slog.Info("a") }

func valueOnly(ctx context.Context) func(string, ...any) { return slog.Info }

func methodExpression(ctx context.Context) {
	(*slog.Logger).Info(logger, "a")
}

type router struct{ Request *http.Request }

func routed(ctx context.Context, handle func(func(*router) error)) {
	handle(func(c *router) error {
		slog.Info("a")
		return nil
	})
}

func ignored(ctx context.Context) {
	each2(func(context.Context) { slog.Info("a") })
	each2(func(_ context.Context) { slog.Info("a") })
}

func inTests(t *testing.T) { slog.Info("a") }

func otherLoggers(ctx context.Context, l *log.Logger, i interface{ Info(string, ...any) }) {
	l.Println("a")
	i.Info("a")
}

package async_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/handlers/async"
)

// A queue in front of a handler that may be slow. It is shut down before the program
// ends, with a limit to the waiting.
func ExampleNew() {
	next := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: leaveOutTime})
	async := async.New(next, &async.Options{Size: 10_000})
	log := slog.New(async)

	log.Info("ready", "port", 8080)
	log.WithGroup("http").Info("request", "status", 200)

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := async.Shutdown(ctx); err != nil {
		fmt.Println(err) // says how many records were lost
	}
	fmt.Println(async.Stats().Handled, "handled")
	// Output:
	// level=INFO msg=ready port=8080
	// level=INFO msg=request http.status=200
	// 2 handled
}

// What is lost can be read at any time.
func ExampleHandler_Stats() {
	async := async.New(brokenHandler{slog.DiscardHandler}, nil)
	log := slog.New(async)
	for range 3 {
		log.Info("into the void")
	}
	_ = async.Flush(context.Background())

	s := async.Stats()
	fmt.Println(s.Dropped(), "dropped:", s.Failed, "failed, the last with:", s.LastError)
	_ = async.Shutdown(context.Background())
	// Output:
	// 3 dropped: 3 failed, the last with: disk full
}

type brokenHandler struct{ slog.Handler }

func (brokenHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (brokenHandler) Handle(context.Context, slog.Record) error { return errors.New("disk full") }

func leaveOutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

package slogteltest_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// queue is a handler that keeps records until Flush or Shutdown, and has a
// goroutine. Without a mistake it keeps all contracts.
type queue struct {
	*queued
	to slog.Handler
}

type queued struct {
	mistake string
	never   chan struct{} // closed when the test is over

	mu     sync.Mutex
	kept   []func() error
	closed bool
	stop   chan struct{}
}

func newQueue(mistake string, to slog.Handler, never chan struct{}) *queue {
	q := &queue{&queued{mistake: mistake, never: never, stop: make(chan struct{})}, to}
	switch mistake {
	case "leaks":
		go func() { <-never }()
	case "leaks from a goroutine":
		go func() { go func() { <-never }() }()
	default:
		go func() {
			select {
			case <-q.stop:
			case <-never: // also when the suite gave up
			}
		}()
	}
	return q
}

func (q *queue) Enabled(ctx context.Context, l slog.Level) bool { return q.to.Enabled(ctx, l) }

func (q *queue) Handle(_ context.Context, r slog.Record) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		switch q.mistake {
		case "Handle panics when closed":
			panic("send on closed channel")
		case "Handle blocks when closed":
			<-q.never
		}
		return errors.New("closed")
	}
	r = r.Clone()
	q.kept = append(q.kept, func() error { return q.to.Handle(context.Background(), r) })
	return nil
}

func (q *queue) WithAttrs(attrs []slog.Attr) slog.Handler { return q.derived(q.to.WithAttrs(attrs)) }
func (q *queue) WithGroup(name string) slog.Handler       { return q.derived(q.to.WithGroup(name)) }

func (q *queue) derived(to slog.Handler) slog.Handler {
	d := &queue{q.queued, to}
	if q.mistake == "derived handlers cannot flush" {
		return struct{ slog.Handler }{d}
	}
	return d
}

func (q *queue) Flush(ctx context.Context) error {
	switch {
	case q.mistake == "Flush waits for ever":
		<-q.never
	case q.mistake == "Flush fails":
		return errors.New("nothing to flush")
	case q.mistake == "Flush panics when done" && ctx.Err() != nil:
		panic("done")
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.write()
}

func (q *queued) write() error {
	var errs []error
	for _, f := range q.kept {
		errs = append(errs, f())
	}
	q.kept = nil
	return errors.Join(errs...)
}

func (q *queue) Shutdown(context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		switch q.mistake {
		case "second Shutdown panics":
			close(q.stop)
		case "second Shutdown fails":
			return errors.New("already closed")
		}
		return nil
	}
	q.closed = true
	close(q.stop)
	if q.mistake == "Shutdown loses records" {
		q.kept = nil
	}
	return q.write()
}

func TestLifecycleMistakesAreFound(t *testing.T) {
	for mistake, want := range map[string]string{
		"":                              "",
		"leaks":                         "goroutines: left after the handler was shut down: 2 goroutine(s) at\n\tgithub.com/slogtel/telemetry/slogtel/slogteltest_test.newQueue.func1+",
		"leaks from a goroutine":        "goroutines: left after the handler was shut down: 2 goroutine(s) at\n\tgithub.com/slogtel/telemetry/slogtel/slogteltest_test.newQueue.func2.1+",
		"Handle panics when closed":     "lifecycle: Handle after Shutdown: panic: send on closed channel, at github.com/slogtel/telemetry/slogtel/slogteltest_test.(*queue).Handle (",
		"Handle blocks when closed":     "lifecycle: Handle after Shutdown: did not return within 20s",
		"derived handlers cannot flush": "lifecycle: the handler has Flush, what its WithAttrs returns (struct { slog.Handler }) has not",
		"Flush waits for ever":          "lifecycle: Flush of a handler that was not used: did not return within 20s",
		"Flush fails":                   "lifecycle: Flush of a handler that was not used: nothing to flush",
		"Flush panics when done":        "lifecycle: Flush with a context that was canceled: panic: done",
		"second Shutdown panics":        "lifecycle: a second Shutdown, which has nothing left to do,: panic: close of closed channel",
		"second Shutdown fails":         "lifecycle: a second Shutdown, which has nothing left to do,: already closed",
		"Shutdown loses records":        `lifecycle: a record handled before Shutdown: "before_shutdown" is missing`,
	} {
		t.Run(mistake, func(t *testing.T) {
			// In a bubble what blocks takes no time.
			synctest.Test(t, func(t *testing.T) {
				var out slogteltest.Buffer
				never := make(chan struct{})
				err := slogteltest.CheckHandler(func() slog.Handler {
					out.Reset()
					return newQueue(mistake, slog.NewJSONHandler(&out, nil), never)
				}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
				close(never)
				if want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, want)
				if strings.HasPrefix(mistake, "leaks") {
					assert.NotContains(t, err.Error(), "lifecycle:")
				}
			})
		})
	}
}

// TestGoroutinesOfTheTestItself shows that what newHandler starts for the test, and
// ends in a cleanup, is not taken for a leak.
func TestGoroutinesOfTheTestItself(t *testing.T) {
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		stop := make(chan struct{})
		go func() { <-stop }()
		t.Cleanup(func() { close(stop) })
		return newQueue("", slog.NewTextHandler(io.Discard, nil), nil)
	}, nil)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/reporters/memory"
)

// pool spreads records over several places that are as good as each other, such as
// connections to the same server, and turns to the next where one fails. Pool picks
// with a source of random numbers that must not be used by several goroutines at once,
// so it stands behind an Async, whose one worker also takes the waiting off the app.
func pool(w io.Writer) error {
	one, two := memory.New(nil), memory.New(nil)
	queue := async.New(slogmulti.Pool()(one, two), nil)
	tel := on(queue)

	for range 50 {
		shop(slog.New(slog.DiscardHandler), tel)
	}

	// Shutdown of the Telemetry drains the queue; then all has arrived.
	err := tel.Shutdown(context.Background())
	total := calls(one) + calls(two)
	fmt.Fprintf(w, "each took some: %v, together: %d\n", calls(one) > 0 && calls(two) > 0, total)
	if total != 150 {
		err = errors.Join(err, fmt.Errorf("%d of 150 calls arrived", total))
	}
	return err
}

func calls(m *memory.Handler) (n int64) {
	for _, s := range m.Snapshot().Scopes {
		n += s.Calls
	}
	return n
}

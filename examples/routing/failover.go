package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/slogtel"
)

// failover writes to the first place that takes the record: the second one stands in
// while the first fails. A handler that fails must say so, by an error or a panic. One
// that only queues, such as an Async or StatsD over UDP, never does: put the Async in
// front of the whole, as the recipe pool shows.
func failover(w io.Writer) error {
	server := &unreliable{next: plain(w, slog.LevelInfo), failsAfter: 2}
	tel := on(slogmulti.Failover()(server, prefixed(w, "spare")))

	shop(slog.New(slog.DiscardHandler), tel)

	fmt.Fprintln(w, "errors of the whole:", tel.Stats().Reporters[0].Errors)
	return tel.Shutdown(context.Background())
}

// prefixed writes as plain does, with the name of the place on each line.
func prefixed(w io.Writer, place string) slog.Handler {
	return plain(writerFunc(func(line []byte) (int, error) {
		_, err := fmt.Fprintf(w, "%s: %s", place, line)
		return len(line), err
	}), slog.LevelInfo)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// An unreliable handler passes some records on and then fails.
type unreliable struct {
	next       slog.Handler
	failsAfter int
	seen       int
}

var _ slog.Handler = (*unreliable)(nil)

var errDown = errors.New("server is down")

func (u *unreliable) Enabled(ctx context.Context, l slog.Level) bool { return u.next.Enabled(ctx, l) }

func (u *unreliable) Handle(ctx context.Context, r slog.Record) error {
	if u.seen++; u.seen > u.failsAfter && slogtel.IsTelemetry(r) {
		return errDown
	}
	return u.next.Handle(ctx, r)
}

func (u *unreliable) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &unreliable{u.next.WithAttrs(attrs), u.failsAfter, u.seen}
}

func (u *unreliable) WithGroup(name string) slog.Handler {
	return &unreliable{u.next.WithGroup(name), u.failsAfter, u.seen}
}

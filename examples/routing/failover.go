package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"
)

// failover writes to the first place that takes the record: the second one stands in
// while the first fails. A handler that fails must say so, by an error or a panic. One
// that only queues, such as an Async or StatsD over UDP, never does: put the Async in
// front of the whole, as the recipe pool shows.
func failover(w io.Writer) error {
	var spare bytes.Buffer
	server := &unreliable{Handler: plain(w, slog.LevelInfo), takes: 2}
	tel := on(slogmulti.Failover()(server, plain(&spare, slog.LevelInfo)))

	shop(slog.New(slog.DiscardHandler), tel)

	fmt.Fprintf(w, "in the spare:\n%serrors of the whole: %d\n", &spare, tel.Stats().Reporters[0].Errors)
	return tel.Shutdown(context.Background())
}

// An unreliable handler takes some records and then fails. It is not for loggers with
// attributes of their own: With goes past it.
type unreliable struct {
	slog.Handler
	takes int
}

func (u *unreliable) Handle(ctx context.Context, r slog.Record) error {
	if u.takes--; u.takes < 0 {
		return errors.New("server is down")
	}
	return u.Handler.Handle(ctx, r)
}

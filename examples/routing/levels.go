package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// levels gives each destination a level of its own: the terminal is told of warnings
// only, the file of everything. Telemetry has the level of Options.Level, here below
// what the terminal wants, so that it stays away from there at no cost; but timings that
// failed have Options.FailLevel, and are told there too. New says on OnError that the
// terminal gets no others.
func levels(w io.Writer) error {
	var file bytes.Buffer
	terminal := plain(w, slog.LevelWarn)
	lines := jsonlines.New(&file, &jsonlines.Options{Level: slog.LevelDebug})
	tel := slogtel.New(&slogtel.Options{
		Mode:    slogtel.On,
		Level:   slog.LevelDebug,
		OnError: func(_ context.Context, err error) { fmt.Fprintln(w, err) },
	}, terminal, lines)

	shop(slog.New(slogmulti.Fanout(terminal, lines)), tel)

	fmt.Fprintln(w, "lines in the file:", bytes.Count(file.Bytes(), []byte("\n")))
	return tel.Shutdown(context.Background())
}

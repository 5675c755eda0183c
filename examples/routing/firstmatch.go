package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/slogtel"
)

// firstMatch hands each record to one place only, the first that wants it: failures
// to the one on duty, other telemetry to a file, what is left to the log.
func firstMatch(w io.Writer) error {
	var file, log bytes.Buffer
	everything := slogmulti.Router().
		Add(plain(w, slog.LevelInfo), isFailure).
		Add(plain(&file, slog.LevelInfo), isTelemetry).
		Add(plain(&log, slog.LevelInfo)). // no condition: all the rest
		FirstMatch().Handler()
	tel := on(everything)

	shop(slog.New(everything), tel)

	fmt.Fprintf(w, "in the file:\n%sin the log:\n%s", &file, &log)
	return tel.Shutdown(context.Background())
}

func isFailure(_ context.Context, r slog.Record) bool {
	t, ok := slogtel.DecodeTiming(r)
	return r.Level >= slog.LevelError || ok && t.Error != ""
}

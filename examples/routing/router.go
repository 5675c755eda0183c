package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/reporters/memory"
)

// router sends telemetry to one place and the app's log to another. Router hands a
// record to each handler whose conditions all hold. The same handler serves as the
// logger's and as the Telemetry's.
func router(w io.Writer) error {
	memory := memory.New(nil)
	everything := slogmulti.Router().
		Add(memory, isTelemetry).
		Add(plain(w, slog.LevelInfo), isLog).
		Handler()
	tel := on(everything)

	shop(slog.New(everything), tel)

	for _, s := range memory.Snapshot().Scopes {
		fmt.Fprintf(w, "%s: %d calls, %d failed\n", s.Scope, s.Calls, s.Errors)
	}
	return tel.Shutdown(context.Background())
}

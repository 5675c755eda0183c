package jsonenc

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// standard is what the standard handler that the program is built with writes where the releases
// of Go, and their experiments, differ. It is asked once, when the program starts: a version number
// does not tell, since GOEXPERIMENT changes the answer.
var standard = probe(func(w *strings.Builder) slog.Handler { return slog.NewJSONHandler(w, nil) })

type quirks struct {
	badByte     string // what stands in a string for a byte that is not UTF-8: an escape, or the character itself
	yearError   string // the JSON string for a time whose year has not four digits
	timeFollows bool   // and whether the time stands behind it
}

// probe reads the quirks from one line of h that has them all.
func probe(h func(*strings.Builder) slog.Handler) (q quirks) {
	var b strings.Builder
	r := slog.NewRecord(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), slog.LevelInfo, "\xff", 0)
	_ = h(&b).Handle(context.Background(), r) // a strings.Builder takes all
	at, msg, _ := strings.Cut(strings.TrimPrefix(b.String(), `{"time":`), `,"level":"INFO","msg":"`)
	q.badByte = strings.TrimSuffix(msg, "\"}\n")
	q.yearError, q.timeFollows = strings.CutSuffix(at, `"10000-01-01T00:00:00Z"`)
	return q
}

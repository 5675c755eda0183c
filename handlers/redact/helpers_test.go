package redact

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/handlers/slogjson"
)

var (
	ctx     = context.Background()
	newJSON = slogjson.New

	fiveAttrs = []slog.Attr{slog.String("method", "GET"), slog.String("path", "/api/v1/users/42"), slog.Int("status", 200),
		slog.Duration("took", 1234567), slog.Bool("cached", true)}
	tenAttrs = append(fiveAttrs[:5:5], slog.Any("err", io.ErrUnexpectedEOF), slog.Float64("load", 0.7312), slog.Uint64("bytes", 18234),
		slog.Time("at", time.Unix(1763850000, 123456789)), slog.String("agent", `Mozilla/5.0 (X11; Linux x86_64) "quoted"`))
)

func record(attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.UTC), slog.LevelInfo, "message", 0)
	r.AddAttrs(attrs...)
	return r
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

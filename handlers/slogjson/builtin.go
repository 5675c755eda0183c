package slogjson

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

// builtIns writes what a record itself consists of: time, level, source and message. A zero time is
// left out, and so is an unknown source.
func (l *line) builtIns(t time.Time, level slog.Level, pc uintptr, msg string) {
	b := l.buf
	if !t.IsZero() {
		b = append(b, `"time":`...)
		b = l.clock.AppendTime(b, t)
		b = append(b, ',')
	}
	b = append(b, `"level":`...)
	b = jsonenc.AppendLevel(b, level)
	if pc != 0 {
		b = appendSource(b, pc)
	}
	b = append(b, `,"msg":`...)
	l.buf = jsonenc.AppendString(b, msg)
	l.comma = true
}

// replacedBuiltIns writes the same by way of the app's ReplaceAttr function, to which they are
// attributes outside of any group.
func (l *line) replacedBuiltIns(r slog.Record, addSource bool) {
	l.builtIn = true
	if !r.Time.IsZero() {
		l.add(slog.Time(slog.TimeKey, r.Time.Round(0))) // without the monotonic clock's reading
	}
	l.add(slog.Any(slog.LevelKey, r.Level))
	if addSource {
		src := r.Source()
		if src == nil {
			src = &slog.Source{}
		}
		l.add(slog.Any(slog.SourceKey, src))
	}
	l.add(slog.String(slog.MessageKey, r.Message))
	l.builtIn = false
}

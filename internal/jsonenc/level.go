package jsonenc

import "log/slog"

// AppendLevel appends l as a JSON string: its name, with the distance from the level below it when it
// has no name of its own, like "INFO+2".
func AppendLevel(dst []byte, l slog.Level) []byte {
	name, base := "DEBUG", slog.LevelDebug
	switch {
	case l >= slog.LevelError:
		name, base = "ERROR", slog.LevelError
	case l >= slog.LevelWarn:
		name, base = "WARN", slog.LevelWarn
	case l >= slog.LevelInfo:
		name, base = "INFO", slog.LevelInfo
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	if l != base {
		if l > base {
			dst = append(dst, '+')
		}
		dst = AppendInt(dst, int64(l-base))
	}
	return append(dst, '"')
}

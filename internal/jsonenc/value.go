package jsonenc

import (
	"log/slog"
	"strconv"
)

// AppendValue appends a value of any kind but Group, whose layout is the handler's, and LogValuer,
// which is to be resolved first; durations are whole nanoseconds.
func AppendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return AppendString(dst, v.String())
	case slog.KindInt64:
		return AppendInt(dst, v.Int64())
	case slog.KindUint64:
		return AppendUint(dst, v.Uint64())
	case slog.KindFloat64:
		return AppendFloat(dst, v.Float64())
	case slog.KindBool:
		return AppendBool(dst, v.Bool())
	case slog.KindDuration:
		return AppendInt(dst, int64(v.Duration()))
	case slog.KindTime:
		return AppendTime(dst, v.Time())
	}
	return AppendAny(dst, v.Any())
}

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

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

package aggregate

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/internal/series"
)

// dim returns what of a value tells series apart: a number, a bool, or a text that is not too long.
// It is the nil Value if there is nothing. It may call methods of the value, so not under a lock.
func dim(v slog.Value) slog.Value {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindDuration, slog.KindBool:
		return v
	case slog.KindFloat64:
		if !series.IsFinite(v) { // JSON cannot write it
			return slog.Value{}
		}
		return v
	case slog.KindString:
		if len(v.String()) <= series.MaxText {
			return v
		}
	case slog.KindAny:
		if v.Any() == nil {
			return v
		}
	}
	return slog.StringValue(string(series.AppendCut(nil, series.ValueOf(v).Text)))
}

// appendDim appends a text that differs for different values of dim.
func appendDim(dst []byte, v slog.Value) []byte {
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case slog.KindString:
		dst = strconv.AppendUint(dst, uint64(len(v.String())), 10)
		return append(append(dst, ' '), v.String()...)
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindFloat64:
		return strconv.AppendFloat(dst, v.Float64(), 'g', -1, 64)
	case slog.KindDuration:
		return strconv.AppendInt(dst, int64(v.Duration()), 10)
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	}
	return dst
}

// dimAttrs returns a copy of attrs that shares no text with the app.
func dimAttrs(attrs []slog.Attr) (own []slog.Attr) {
	for _, a := range attrs {
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(strings.Clone(a.Value.String()))
		}
		own = append(own, a)
	}
	return own
}

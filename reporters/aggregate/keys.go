package aggregate

import (
	"encoding/binary"
	"log/slog"
	"math"
	"time"

	"github.com/slogtel/telemetry/internal/series"
)

// Kinds of values in a series' dims.
const (
	dimNone = iota
	dimText
	dimInt
	dimUint
	dimFloat
	dimBool
	dimDuration
)

// appendDim appends the value that an event has under a key, for dimAttrs to read. It may call
// methods of the value, so not under a lock.
func appendDim(dst []byte, v slog.Value) []byte {
	v = v.Resolve()
	number := func(kind byte, n uint64) []byte {
		return binary.LittleEndian.AppendUint64(append(dst, kind), n)
	}
	switch v.Kind() {
	case slog.KindInt64:
		return number(dimInt, uint64(v.Int64()))
	case slog.KindUint64:
		return number(dimUint, v.Uint64())
	case slog.KindFloat64:
		if f := v.Float64(); f-f == 0 { // not so for NaN and Inf, which JSON cannot write
			return number(dimFloat, math.Float64bits(f))
		}
		return append(dst, dimNone)
	case slog.KindDuration:
		return number(dimDuration, uint64(v.Duration()))
	case slog.KindBool:
		if v.Bool() {
			return append(dst, dimBool, 1)
		}
		return append(dst, dimBool, 0)
	case slog.KindAny:
		if v.Any() == nil {
			return append(dst, dimNone)
		}
	}
	dst = append(dst, dimText, 0, 0)
	start := len(dst)
	dst = series.AppendCut(dst, series.ValueOf(v).Text)
	binary.LittleEndian.PutUint16(dst[start-2:], uint16(len(dst)-start))
	return dst
}

// dimAttrs returns the attributes of whose values appendDim made dims, in the order of the keys.
func dimAttrs(keys []string, dims string) []slog.Attr {
	var attrs []slog.Attr
	b := []byte(dims)
	number := func() uint64 {
		n := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return n
	}
	for _, key := range keys {
		if len(b) == 0 {
			break
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case dimInt:
			attrs = append(attrs, slog.Int64(key, int64(number())))
		case dimUint:
			attrs = append(attrs, slog.Uint64(key, number()))
		case dimFloat:
			attrs = append(attrs, slog.Float64(key, math.Float64frombits(number())))
		case dimDuration:
			attrs = append(attrs, slog.Duration(key, time.Duration(number())))
		case dimBool:
			attrs = append(attrs, slog.Bool(key, b[0] == 1))
			b = b[1:]
		case dimText:
			n := int(binary.LittleEndian.Uint16(b))
			attrs = append(attrs, slog.String(key, string(b[2:2+n])))
			b = b[2+n:]
		}
	}
	return attrs
}

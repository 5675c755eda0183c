package series

import (
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"
)

// MaxText is the most bytes that [AppendCut] keeps of a text.
const MaxText = 256

// ValueOf returns what a plain metric is worth, without what belongs to the caller: a number, a bool,
// or a text, in full. It may call methods of the value, so not under a lock.
func ValueOf(v slog.Value) slog.Value {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindDuration:
		return slog.StringValue(v.Duration().String())
	case slog.KindTime:
		return slog.StringValue(v.Time().Format(time.RFC3339Nano))
	case slog.KindGroup:
		return slog.StringValue(fmt.Sprintf("group of %d", len(v.Group())))
	case slog.KindAny:
		return slog.StringValue(anyText(v.Any()))
	}
	return v
}

// anyText is the text that v has for itself, and otherwise its type: what is
// behind a value of any type can be as large as the heap.
func anyText(v any) (text string) {
	defer func() {
		if recover() != nil { // the method of a nil pointer, usually
			text = fmt.Sprintf("%T", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprintf("%T", v)
}

// AppendCut appends text, or as many of its runes as fit into MaxText bytes
// and a mark.
func AppendCut(dst []byte, text string) []byte {
	if len(text) <= MaxText {
		return append(dst, text...)
	}
	n := MaxText
	for n > MaxText-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return append(append(dst, text[:n]...), "…"...)
}

// IsFinite reports whether v is anything but NaN or an infinity.
func IsFinite(v slog.Value) bool {
	return v.Kind() != slog.KindFloat64 || v.Float64()-v.Float64() == 0
}

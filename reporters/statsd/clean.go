package statsd

import "unicode/utf8"

// A charset says of each byte whether it may stay.
type charset [256]bool

// Every byte allowed here is one that no daemon gives a meaning to in that place.
var (
	nameBytes  = charsetOf("_-.")
	valueBytes = charsetOf("_-./@+%")
	dogBytes   = charsetOf("_-./@+%:")
)

// charsetOf returns the ASCII letters and digits and the bytes of more.
func charsetOf(more string) *charset {
	var set charset
	for c := byte('0'); c <= 'z'; c++ {
		set[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c
	}
	for i := range len(more) {
		set[more[i]] = true
	}
	return &set
}

// appendClean appends at most limit bytes of text, with an underscore for each
// character that is not in set, and reports whether it cut text off. It looks at
// no more of text than it appends.
func appendClean(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	n := min(len(text), limit)
	for i := range n {
		if !set[text[i]] {
			return appendReplaced(append(dst, text[:i]...), text[i:], set, limit-i)
		}
	}
	return append(dst, text[:n]...), n < len(text)
}

func appendReplaced(dst []byte, text string, set *charset, limit int) (_ []byte, cut bool) {
	for i := 0; i < len(text); limit-- {
		if limit == 0 {
			return dst, true
		}
		c := text[i]
		switch {
		case set[c]:
			dst = append(dst, c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, '_')
			i++
		default:
			dst = append(dst, '_')
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
		}
	}
	return dst, false
}

// clean returns text with an underscore for each character that is not in set.
func clean(text string, set *charset, limit int) string {
	b, _ := appendClean(nil, text, set, limit)
	return string(b)
}

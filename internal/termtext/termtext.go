// Package termtext makes text harmless to a terminal: what a terminal could act on is shown as a Go escape.
package termtext

import "unicode/utf8"

const del = 0x7f

// Is reports whether s can be written to a terminal without being quoted.
func Is(s string) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; b < ' ' || b == del {
			return false
		} else if b >= utf8.RuneSelf {
			return isWideText(s[i:])
		}
	}
	return true
}

func isWideText(s string) bool {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if isControl(r) || r == utf8.RuneError && size == 1 {
			return false
		}
		i += size
	}
	return true
}

// isControl reports whether a terminal may act on r: C0, DEL, C1, line and
// paragraph separators, and what overrides the direction of the text around it.
func isControl(r rune) bool {
	return r < ' ' || del <= r && r <= 0x9f || '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// Append appends s, with Go escapes for what Is does not accept.
func Append(dst []byte, s string) []byte {
	if Is(s) {
		return append(dst, s...)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == utf8.RuneError && size == 1:
			dst = AppendHex(append(dst, `\x`...), uint(s[i]), 2)
		case isControl(r) && r <= del:
			dst = AppendHex(append(dst, `\x`...), uint(r), 2)
		case isControl(r):
			dst = AppendHex(append(dst, `\u`...), uint(r), 4)
		default:
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return dst
}

// AppendHex appends the last digits of n in hexadecimal.
func AppendHex(dst []byte, n uint, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, "0123456789abcdef"[n>>(4*i)&0xf])
	}
	return dst
}

package reporters

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// harmless reports whether tint, which quotes a string that needs it, writes s
// without a control character and to its end.
func (c cleaner) harmless(s string) bool {
	wide := false
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == esc || b == del:
			return false
		case b == '\\':
			if c.color && strings.HasPrefix(s[i:], literalESC) {
				return false
			}
		case b >= utf8.RuneSelf:
			wide = true
		}
	}
	return !wide || !strings.ContainsRune(s, utf8.RuneError) // which invalid bytes match too
}

const (
	esc        = 0x1b
	del        = 0x7f
	literalESC = `\x1b` // four characters
)

// isText reports whether s can be written to a terminal without being quoted.
func isText(s string) bool {
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

// appendText appends s, with Go escapes for what isText does not accept.
func appendText(dst []byte, s string) []byte {
	if isText(s) {
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
			dst = appendHex(append(dst, `\x`...), uint(s[i]), 2)
		case isControl(r) && r <= del:
			dst = appendHex(append(dst, `\x`...), uint(r), 2)
		case isControl(r):
			dst = appendHex(append(dst, `\u`...), uint(r), 4)
		default:
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return dst
}

// appendKey appends s with Go escapes for what harmless does not accept. The
// escape of ESC is not the one that tint would undo.
func appendKey(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], literalESC) {
			dst = append(dst, `\u001b`...)
			i += len(literalESC)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = appendHex(append(dst, `\x`...), uint(s[i]), 2)
		case r == esc, r == del, r == utf8.RuneError:
			dst = appendHex(append(dst, `\u`...), uint(r), 4)
		default:
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return dst
}

func appendHex(dst []byte, n uint, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, "0123456789abcdef"[n>>(4*i)&0xf])
	}
	return dst
}

// cleanZone returns t, in a zone whose name is text.
func cleanZone(t time.Time) time.Time {
	name, offset := t.Zone()
	if isText(name) {
		return t
	}
	return t.In(time.FixedZone(strconv.Quote(name), offset))
}

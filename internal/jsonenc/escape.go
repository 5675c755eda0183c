package jsonenc

import "unicode/utf8"

// appendEscaped appends the inside of the JSON string for s.
func appendEscaped(dst []byte, s string) []byte {
	done := 0 // s[:done] has been appended
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			if bad := r == utf8.RuneError && size == 1; !bad && r != '\u2028' && r != '\u2029' {
				i += size
				continue
			}
			dst = append(dst, s[done:i]...)
			switch r {
			case '\u2028':
				dst = append(dst, `\u2028`...)
			case '\u2029':
				dst = append(dst, `\u2029`...)
			default:
				dst = append(dst, standard.badByte...)
			}
		} else {
			dst = append(dst, s[done:i]...)
			dst = appendEscape(dst, c)
		}
		i += size
		done = i
	}
	return append(dst, s[done:]...)
}

// appendEscape appends the escape for one ASCII character that must not stand in a string as it is.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

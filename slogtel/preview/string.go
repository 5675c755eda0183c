package preview

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode returns the text of the JSON string at the beginning of js: all of it where it holds no
// escape, else at least its first n bytes, if it has that many.
func decode(js string, n int) clip {
	js = js[1:]
	quote := strings.IndexByte(js, '"')
	if quote < 0 {
		quote = len(js)
	}
	if strings.IndexByte(js[:quote], '\\') < 0 {
		return clip{s: js[:quote]}
	}
	buf := make([]byte, 0, min(len(js), n+utf8.UTFMax))
	i := 0
	for i < len(js) && js[i] != '"' && len(buf) < n {
		if js[i] != '\\' {
			run := i + 1
			for run < len(js) && js[run] != '\\' && js[run] != '"' && run-i < n-len(buf) {
				run++
			}
			buf = append(buf, js[i:run]...)
			i = run
			continue
		}
		var r rune
		r, i = unescape(js, i)
		buf = utf8.AppendRune(buf, r)
	}
	more := 0
	if i < len(js) && js[i] != '"' {
		more = max(1, len(js)-i-1) // as written, with its escapes
	}
	return clip{s: string(buf), more: more}
}

// unescape reads the escape that begins at s[i].
func unescape(s string, i int) (r rune, next int) {
	switch c := at(s, i+1); c {
	case 'n', 't', 'r', 'b', 'f':
		return rune("\n\t\r\b\f"[strings.IndexByte("ntrbf", c)]), i + 2
	case 'u':
		r, next = hex4(s, i), i+6
		if r >= 0 && utf16.IsSurrogate(r) {
			if low := hex4(s, next); at(s, next) == '\\' && at(s, next+1) == 'u' && utf16.DecodeRune(r, low) != utf8.RuneError {
				return utf16.DecodeRune(r, low), next + 6
			}
			return utf8.RuneError, next
		}
		if r < 0 {
			return utf8.RuneError, i + 2
		}
		return r, next
	case 0:
		return utf8.RuneError, i + 1
	default: // a quote, a slash, or no escape at all
		return rune(c), i + 2
	}
}

// hex4 reads the four hex digits of \uXXXX at s[i:], or returns -1.
func hex4(s string, i int) rune {
	if i+6 > len(s) {
		return -1
	}
	n, err := strconv.ParseUint(s[i+2:i+6], 16, 32)
	if err != nil {
		return -1
	}
	return rune(n)
}

// name decodes the name of a member. One that is hostile in its length is not shown at all.
func name(js string) string {
	c := decode(js, maxName)
	if c.more > 0 {
		return "<long name>"
	}
	return c.s
}

// Package text lays out what is for the eye: tables, rounded numbers, and text of
// unknown origin such that a terminal does not act on it.
package text

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Clean returns s with what a terminal could act on, or what could make a line look like
// another, as Go escapes: control characters (C0, DEL, C1), bidirectional controls, line
// and paragraph separators, other format characters, and bytes that are not UTF-8.
func Clean(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return clean(s)
		}
	}
	return s
}

func clean(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case harmful(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

func harmful(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Cut returns s with at most n characters, the last of them … where it was longer.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	i := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s[:i] + "…"
}

// Clip returns a copy of at most max bytes of s, and a "…" if that is not all.
func Clip(s string, max int) string {
	if len(s) <= max {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:max], "") + "…"
}

// JSON returns JSON with what a terminal could act on as escapes, which mean the same.
// Encoding/json leaves DEL, C1 and bidirectional controls as they are.
func JSON(b []byte) []byte {
	out := b[:0:0]
	done := 0
	for i := 0; i < len(b); {
		if b[i] < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if harmful(r) {
			out = append(out, b[done:i]...)
			for _, u := range utf16.Encode([]rune{r}) {
				out = append(out, `\u`...)
				out = append(out, strconv.FormatUint(uint64(u)|1<<16, 16)[1:]...)
			}
			done = i + size
		}
		i += size
	}
	if done == 0 {
		return b
	}
	return append(out, b[done:]...)
}

// WriteJSON writes v as JSON with indents, such that a terminal shows it and does nothing else.
func WriteJSON(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(JSON(b), '\n'))
	return err
}

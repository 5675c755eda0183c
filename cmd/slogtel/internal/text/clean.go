// Package text lays out what is for the eye: tables, rounded numbers, and text of
// unknown origin such that a terminal does not act on it.
package text

import (
	"encoding/json"
	"fmt"
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
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f }) < 0 {
		return s
	}
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

// leastWidth is how narrow lines are cut at the most.
const leastWidth = 40

// Narrow returns a line such that it fits a terminal of that width; 0 is none.
func Narrow(line string, width int) string {
	if width <= 0 {
		return line
	}
	return Cut(line, max(width, leastWidth))
}

// Short is Clip of what is longer, and s itself otherwise.
func Short(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return Clip(s, max)
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
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		if r < 0x7f || !harmful(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, u)
		}
	}
	return out
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

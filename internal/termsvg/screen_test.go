package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// show is the text of the screen after in.
func show(in string, cols int) string {
	s := newScreen(cols)
	s.write([]byte(in))
	var b strings.Builder
	for i, line := range s.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for j, c := range line {
			if c.text == "" && (j == 0 || !line[j-1].wide()) {
				b.WriteByte('.')
			}
			b.WriteString(c.text)
		}
	}
	return b.String()
}

func TestScreen(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"a\r\nb\nc":                         "a\nb\nc",
		"10%\r100%":                         "100%",
		"long line\rab\x1b[K":               "ab",
		"abc\x1b[2K\rx":                     "x",
		"abcd\x1b[2D\x1b[1K":                "...d",
		"ab\b\bc":                           "cb",
		"a\tb":                              "a.......b",
		"one\ntwo\x1b[1A\rO":                "One\ntwo",
		"one\ntwo\x1b[A\x1b[J":              "one",
		"a\x1b[3Cb\x1b[2Gc":                 "ac..b",
		"\x1b]0;title\x07a\x1b]8;;u\x1b\\b": "ab",
		"\x1b[?25la\x1b[?25h":               "a",
		"\x1b(Ba\x07":                       "Ba", // of the sequences that it does not know two bytes are skipped
		"\x1b[31":                           "",
		"\x1b":                              "",
		"e\u0301日本|":                        "e\u0301日本|",
		"\u0301":                            "",
		"\x00\x7f\u009b":                    "",
		"\x1b[99999Aa\x1b[99999Db":          "b",
	} {
		assert.Equal(t, want, show(in, 0), "%q", in)
	}
	assert.Equal(t, "abcd\nefg", show("abcdefg", 4))
	assert.Equal(t, "日x\n本", show("日x\b本", 3))
}

func TestScreenIsBounded(t *testing.T) {
	s := newScreen(0)
	s.write([]byte("\x1b[999999999B\x1b[999999999Cx" + strings.Repeat("\u0301", 1000) + strings.Repeat("\n", 10)))
	assert.Len(t, s.lines, maxLines)
	for _, line := range s.lines {
		assert.LessOrEqual(t, len(line), maxCols)
	}
}

func TestStyle(t *testing.T) {
	at := func(in string) style {
		s := newScreen(0)
		s.write([]byte(in + "x"))
		return s.lines[0][0].style
	}
	for in, want := range map[string]style{
		"\x1b[1;91m":                     {bold: true, fg: palette[9]},
		"\x1b[2;91m\x1b[22m":             {fg: palette[9]},
		"\x1b[1;2;3;4;7;9m":              {bold: true, faint: true, italic: true, underline: true, inverse: true, strike: true},
		"\x1b[3;4;7;9m\x1b[23;24;27;29m": {},
		"\x1b[31;42m\x1b[39;49m":         {},
		"\x1b[31m\x1b[m":                 {},
		"\x1b[31m\x1b[0m":                {},
		"\x1b[38;5;208m":                 {fg: "#ff8700"},
		"\x1b[38;5;9;4m":                 {fg: palette[9], underline: true},
		"\x1b[48;5;244m":                 {bg: "#808080"},
		"\x1b[38;2;1;2;300m":             {fg: "#0102ff"},
		"\x1b[38:2::1:2:3m":              {fg: "#010203"},
		"\x1b[38m":                       {},
		"\x1b[38;5m":                     {},
		"\x1b[105m":                      {bg: palette[13]},
		"\x1b[123456789012345678901234567890m\x1b[-5m": {},
	} {
		assert.Equal(t, want, at(in), "%q", in)
	}
	front, back := style{inverse: true}.colors()
	assert.Equal(t, []string{background, foreground}, []string{front, back})
}

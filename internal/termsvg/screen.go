package main

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A screen is a terminal without a bottom, as far as line-oriented programs use
// one: colours, carriage returns, erasing, and moving the cursor over what was
// written. Sequences it does not know are skipped.
type screen struct {
	lines    [][]cell
	row, col int
	style    style
	cols     int // where lines wrap; 0: never
}

// A cell is one column: a character with the marks that combine with it. The
// second column of a wide character has no text.
type cell struct {
	text  string
	style style
}

// What a program may make the screen remember: sequences can ask for any number.
const (
	maxCols  = 1000
	maxLines = 100_000
)

func newScreen(cols int) *screen { return &screen{cols: cols, lines: make([][]cell, 1)} }

func (s *screen) write(data []byte) {
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch r {
		case '\n': // also without a carriage return, as in output that was not recorded on a terminal
			s.moveTo(s.row+1, 0)
		case '\r':
			s.col = 0
		case '\b':
			s.moveTo(s.row, s.col-1)
		case '\t':
			s.moveTo(s.row, s.col/8*8+8)
		case 0x1b:
			size = s.escape(data)
		default:
			if !unicode.IsControl(r) {
				s.put(string(r), width(r))
			}
		}
		data = data[size:]
	}
}

// escape executes the sequence that data starts with and returns its length.
func (s *screen) escape(data []byte) int {
	if len(data) < 2 {
		return len(data)
	}
	switch data[1] {
	case '[':
		end := bytes.IndexFunc(data[2:], func(r rune) bool { return '@' <= r && r <= '~' })
		if end < 0 {
			return len(data)
		}
		s.control(string(data[2:2+end]), data[2+end])
		return end + 3
	case ']': // a title or a link: ends with BEL or ESC \
		for i := 2; i < len(data); i++ {
			if data[i] == 7 {
				return i + 1
			}
			if data[i] == 0x1b && i+1 < len(data) {
				return i + 2
			}
		}
		return len(data)
	}
	return 2
}

// control executes ESC [ parameters final.
func (s *screen) control(parameters string, final byte) {
	if strings.ContainsAny(parameters, "?<=>") {
		return // modes, such as hiding the cursor
	}
	var n []int // parameters may also be given as sub-parameters, with colons
	for p := range strings.FieldsFuncSeq(parameters, func(r rune) bool { return r == ':' }) {
		for q := range strings.SplitSeq(p, ";") {
			v, _ := strconv.Atoi(q)
			n = append(n, min(max(v, 0), maxLines))
		}
	}
	if n == nil {
		n = []int{0}
	}
	switch by := max(n[0], 1); final {
	case 'm':
		s.style = s.style.with(n)
	case 'A':
		s.moveTo(s.row-by, s.col)
	case 'B':
		s.moveTo(s.row+by, s.col)
	case 'C':
		s.moveTo(s.row, s.col+by)
	case 'D':
		s.moveTo(s.row, s.col-by)
	case 'G':
		s.moveTo(s.row, by-1)
	case 'K':
		s.erase(n[0])
	case 'J':
		if n[0] == 0 {
			s.erase(0)
			s.lines = s.lines[:s.row+1]
		}
	}
}

// erase erases the line from the cursor on (0), up to it (1) or all of it (2).
func (s *screen) erase(what int) {
	line := s.lines[s.row]
	from, to := min(s.col, len(line)), len(line)
	switch what {
	case 1:
		from, to = 0, min(s.col+1, len(line))
	case 2:
		from = 0
	}
	if to == len(line) {
		s.lines[s.row] = line[:from]
	} else {
		clear(line[from:to])
	}
}

func (s *screen) moveTo(row, col int) {
	s.row, s.col = min(max(row, 0), maxLines-1), min(max(col, 0), maxCols)
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
}

func (s *screen) put(text string, width int) {
	if width == 0 {
		if line := s.lines[s.row]; s.col > 0 && s.col <= len(line) && len(line[s.col-1].text) < 64 {
			line[s.col-1].text += text
		}
		return
	}
	if limit := s.cols; limit > 0 && s.col+width > limit || s.col+width > maxCols {
		s.moveTo(s.row+1, 0)
	}
	line := s.lines[s.row]
	if missing := s.col + width - len(line); missing > 0 {
		line = append(line, slices.Repeat([]cell{{}}, missing)...)
	}
	line[s.col] = cell{text, s.style}
	if width == 2 {
		line[s.col+1] = cell{"", s.style}
	}
	s.lines[s.row] = line
	s.col += width
}

// width is how many columns r takes; emoji and East Asian wide characters two.
func width(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case 0x1100 <= r && r <= 0x115f, 0x2e80 <= r && r <= 0xa4cf, 0xac00 <= r && r <= 0xd7a3, 0xf900 <= r && r <= 0xfaff,
		0xfe30 <= r && r <= 0xfe6f, 0xff00 <= r && r <= 0xff60, 0xffe0 <= r && r <= 0xffe6,
		0x1f300 <= r && r <= 0x1f64f, 0x1f680 <= r && r <= 0x1f6ff, 0x1f900 <= r && r <= 0x1f9ff, 0x20000 <= r && r <= 0x3fffd:
		return 2
	}
	return 1
}

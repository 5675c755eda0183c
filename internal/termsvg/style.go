package main

import "fmt"

// A style is how a cell looks. Colours are in the form of CSS, "" for the default.
type style struct {
	fg, bg                                 string
	bold, faint, italic, underline, strike bool
	inverse                                bool
}

// The sixteen colours that have names, dark ones first, chosen to be read on
// background: the least contrast (of black, which few programs write) is 3.
var palette = [16]string{
	"#6b737c", "#f47067", "#57ab5a", "#d4a72c", "#539bf5", "#c58aed", "#39c5cf", "#c9d1d9",
	"#8b949e", "#ff8e86", "#6bc46d", "#edc452", "#7ab3ff", "#dcbdfb", "#5fe0e8", "#ffffff",
}

const (
	foreground = "#e6edf3"
	background = "#12161d"
)

// with returns the style after the parameters of a select-graphic-rendition sequence.
func (s style) with(n []int) style {
	for i := 0; i < len(n); i++ {
		switch v := n[i]; {
		case v == 0:
			s = style{}
		case v == 1:
			s.bold = true
		case v == 2:
			s.faint = true
		case v == 3:
			s.italic = true
		case v == 4:
			s.underline = true
		case v == 7:
			s.inverse = true
		case v == 9:
			s.strike = true
		case v == 22:
			s.bold, s.faint = false, false
		case v == 23:
			s.italic = false
		case v == 24:
			s.underline = false
		case v == 27:
			s.inverse = false
		case v == 29:
			s.strike = false
		case 30 <= v && v <= 37:
			s.fg = palette[v-30]
		case 90 <= v && v <= 97:
			s.fg = palette[v-90+8]
		case 40 <= v && v <= 47:
			s.bg = palette[v-40]
		case 100 <= v && v <= 107:
			s.bg = palette[v-100+8]
		case v == 39:
			s.fg = ""
		case v == 49:
			s.bg = ""
		case v == 38 || v == 48:
			color, used := extended(n[i+1:])
			if v == 38 {
				s.fg = color
			} else {
				s.bg = color
			}
			i += used
		}
	}
	return s
}

// extended reads the colour after 38 or 48, and how many parameters it took:
// 5 and an index, or 2 and red, green and blue.
func extended(n []int) (color string, used int) {
	switch {
	case len(n) >= 2 && n[0] == 5:
		return indexed(min(n[1], 255)), 2
	case len(n) >= 4 && n[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", min(n[1], 255), min(n[2], 255), min(n[3], 255)), 4
	}
	return "", len(n)
}

// indexed is a colour of the xterm palette: 16 names, a cube of 6×6×6, 24 greys.
func indexed(n int) string {
	switch {
	case n < 16:
		return palette[n]
	case n >= 232:
		grey := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}

// colors are the two that a cell is drawn with; back is "" for the window's.
func (s style) colors() (front, back string) {
	front, back = s.fg, s.bg
	if front == "" {
		front = foreground
	}
	if s.inverse {
		if back == "" {
			back = background
		}
		front, back = back, front
	}
	return front, back
}

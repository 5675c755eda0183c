package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A picture is a window that shows lines of a screen.
type picture struct {
	title      string
	cols, rows int // as the flags
}

// Sizes in pixels of the picture. Each run of characters is stretched to its place on
// the grid, so that it does not matter which monospaced font the viewer has.
const (
	charWidth  = 8.0
	lineHeight = 18
	fontSize   = 13.3
	margin     = 14
	barHeight  = 34
	fonts      = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
)

// append appends the picture as an SVG document.
func (p picture) append(dst []byte, lines [][]cell) []byte {
	lines = p.cut(lines)
	cols := max(p.cols, 20)
	for _, line := range lines {
		cols = max(cols, len(line))
	}
	width := float64(cols)*charWidth + 2*margin
	height := barHeight + len(lines)*lineHeight + margin
	w := bytes.NewBuffer(dst)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%d" viewBox="0 0 %g %d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, escape(p.title))
	fmt.Fprintf(w, `<rect x=".5" y=".5" width="%g" height="%d" rx="8" fill="%s" stroke="#57606a"/>`+"\n", width-1, height-1, background)
	for i, color := range []string{"#f47067", "#d4a72c", "#57ab5a"} {
		fmt.Fprintf(w, `<circle cx="%d" cy="17" r="5.5" fill="%s"/>`+"\n", 18+18*i, color)
	}
	fmt.Fprintf(w, `<g font-family="%s" font-size="%g" xml:space="preserve">`+"\n", fonts, fontSize)
	if p.title != "" {
		fmt.Fprintf(w, `<text x="%g" y="21" text-anchor="middle" fill="#8b949e">%s</text>`+"\n", width/2, escape(p.title))
	}
	for i, line := range lines {
		appendLine(w, barHeight+i*lineHeight, line)
	}
	w.WriteString("</g>\n</svg>\n")
	return w.Bytes()
}

// cut leaves out empty lines at the end and what is beyond p.rows.
func (p picture) cut(lines [][]cell) [][]cell {
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	if p.rows == 0 || len(lines) <= p.rows {
		return lines
	}
	more := newScreen(0)
	more.style.faint = true
	more.write(fmt.Appendf(nil, "… %d more lines", len(lines)-p.rows))
	return append(lines[:p.rows:p.rows], more.lines[0])
}

// appendLine draws a line whose top is at y, a run of equal style at a time.
func appendLine(w *bytes.Buffer, y int, line []cell) {
	for from := 0; from < len(line); {
		to := from + 1
		for to < len(line) && line[to].goesWith(line[from]) {
			to++
		}
		if from > 0 && line[from].text == "" && line[from-1].wide() {
			from++ // the second half of a wide character, drawn with the first
			continue
		}
		appendRun(w, y, from, line[from:to])
		from = to
	}
}

func appendRun(w *bytes.Buffer, y, col int, run []cell) {
	st := run[0].style
	front, back := st.colors()
	x := margin + float64(col)*charWidth
	if back != "" {
		fmt.Fprintf(w, `<rect x="%g" y="%d" width="%g" height="%d" fill="%s"/>`+"\n", x, y, columns(run)*charWidth, lineHeight, back)
	}
	if !st.underline && !st.strike { // spaces show nothing, and viewers differ in how they treat them
		for len(run) > 0 && run[0].blank() {
			run, x = run[1:], x+charWidth
		}
		for len(run) > 0 && run[len(run)-1].blank() {
			run = run[:len(run)-1]
		}
	}
	if len(run) == 0 {
		return
	}
	var text strings.Builder
	for _, c := range run {
		text.WriteString(c.text)
	}
	fmt.Fprintf(w, `<text x="%g" y="%d" textLength="%g" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		x, y+lineHeight-5, columns(run)*charWidth, front, st.attributes(), escape(text.String()))
}

// columns is how wide a run is, with the second half of a wide character at its end.
func columns(run []cell) float64 {
	n := len(run)
	if n > 0 && run[n-1].wide() {
		n++
	}
	return float64(n)
}

// goesWith reports whether c can be drawn in one run with d. Wide characters are
// not stretched together with others, as their font is another.
func (c cell) goesWith(d cell) bool {
	return c.style == d.style && (c.text == "") == (d.text == "") && c.wide() == d.wide()
}

func (c cell) wide() bool {
	r, _ := utf8.DecodeRuneInString(c.text)
	return width(r) == 2
}

func (c cell) blank() bool { return c.text == "" || c.text == " " }

// attributes are those of a text element beyond its colour.
func (s style) attributes() string {
	var a string
	if s.bold {
		a += ` font-weight="bold"`
	}
	if s.faint {
		a += ` fill-opacity=".65"`
	}
	if s.italic {
		a += ` font-style="italic"`
	}
	switch {
	case s.underline && s.strike:
		a += ` text-decoration="underline line-through"`
	case s.underline:
		a += ` text-decoration="underline"`
	case s.strike:
		a += ` text-decoration="line-through"`
	}
	return a
}

// escape escapes s for text and attributes; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

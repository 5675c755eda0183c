package memory

import (
	"strings"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/termtext"
)

// A grid is a table in the making: names in the first column, figures in the
// others, to the right.
type grid struct {
	rows     [][]string // the first is the header
	widths   []int
	textLast bool // the last column is text, to the left
}

func newGrid(header ...string) *grid {
	g := &grid{widths: make([]int, len(header))}
	g.row(header...)
	return g
}

func (g *grid) row(cells ...string) {
	for i, c := range cells {
		g.widths[i] = max(g.widths[i], utf8.RuneCountInString(c))
	}
	g.rows = append(g.rows, cells)
}

// append appends the table, after an empty line if it is not the first, and
// nothing if it has no more than a header.
func (g *grid) append(dst []byte) []byte {
	if len(g.rows) == 1 {
		return dst
	}
	dst = appendGap(dst)
	for _, cells := range g.rows {
		for i, c := range cells {
			if i > 0 {
				dst = append(dst, "  "...)
			}
			pad := strings.Repeat(" ", g.widths[i]-utf8.RuneCountInString(c))
			switch last := i == len(cells)-1; {
			case last && g.textLast:
				dst = append(dst, c...)
			case i == 0:
				dst = append(append(dst, c...), pad...)
			default:
				dst = append(append(dst, pad...), c...)
			}
		}
		dst = append(dst, '\n')
	}
	return dst
}

func appendGap(dst []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, '\n')
	}
	return dst
}

// maxCell is the most characters of a name or text in a table.
const maxCell = 64

// safeText returns s as it may go to a terminal, cut at maxCell characters.
func safeText(s string) string {
	b := termtext.Append(nil, s)
	for i, chars := 0, 0; i < len(b); chars++ {
		if chars == maxCell-1 && utf8.RuneCount(b[i:]) > 1 {
			return string(append(b[:i], "…"...))
		}
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	return string(b)
}

package text

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/humanize"
)

// A Table is rows of cells: the first column to the left, the others to the right, but
// for the last where Text is set. Cells must be clean.
type Table struct {
	Text   bool
	Right  bool       // the first column too
	rows   [][]string // the first is the header
	widths []int
}

// NewTable returns a table without rows.
func NewTable(header ...string) *Table {
	t := &Table{widths: make([]int, len(header))}
	t.Row(header...)
	return t
}

// Row adds a row, which has a cell for each column.
func (t *Table) Row(cells ...string) {
	for i, c := range cells {
		t.widths[i] = max(t.widths[i], utf8.RuneCountInString(c))
	}
	t.rows = append(t.rows, cells)
}

// DropEmpty takes out the column of that name if no row has anything in it.
func (t *Table) DropEmpty(name string) {
	column := slices.Index(t.rows[0], name)
	for _, row := range t.rows[1:] {
		if row[column] != "" {
			return
		}
	}
	t.remove(column)
}

// Len is the number of rows besides the header.
func (t *Table) Len() int { return len(t.rows) - 1 }

// WriteTo writes the table.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, cells := range t.rows {
		var line strings.Builder
		for i, c := range cells {
			pad := strings.Repeat(" ", t.widths[i]-utf8.RuneCountInString(c))
			if i > 0 {
				line.WriteString("  ")
			}
			if i == 0 && !t.Right || t.Text && i == len(cells)-1 {
				line.WriteString(c + pad)
			} else {
				line.WriteString(pad + c)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Seconds rounds a number of seconds to three digits with a unit, or, from a minute on,
// to its two largest units: 850ns, 1.24ms, 12s, 1m23s, 2h5m, 3d4h.
func Seconds(s float64) string { return string(humanize.AppendSeconds(nil, s)) }

// Duration is Seconds of d.
func Duration(d time.Duration) string { return string(humanize.AppendDuration(nil, d)) }

// Number rounds v to three digits, with a decimal prefix from ten thousand on: 0.82,
// 1234, 12.3k, 5M.
func Number(v float64) string { return string(humanize.AppendFloat(nil, v)) }

// Int writes n in full.
func Int(n int64) string { return strconv.FormatInt(n, 10) }

// Percent writes a share.
func Percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1%"
	}
	return Number(100*share) + "%"
}

// Notes are what is said beside a table.
type Notes []string

// If adds a note if there is reason for it.
func (n *Notes) If(reason bool, format string, args ...any) {
	if reason {
		*n = append(*n, fmt.Sprintf(format, args...))
	}
}

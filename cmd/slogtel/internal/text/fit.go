package text

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Width returns how many characters a line of the terminal w has, and 0 if w is none.
func Width(w io.Writer) int {
	f, ok := w.(interface{ Fd() uintptr }) // a file, or what stands before one, as a pager
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// The widths that Fit leaves the first column: narrow before other columns go, and least
// when there is nothing more to leave out.
const (
	narrowName = 32
	leastName  = 12
)

// Fit makes the table as narrow as width, as far as that can be done: it takes out columns
// of those names, in that order, and cuts the first column, of a Text table the last one
// before. It returns what it took out.
// Nothing is done for a width of 0.
func (t *Table) Fit(width int, columns ...string) (out []string) {
	if width <= 0 {
		return nil
	}
	rest := func() int {
		n := 0
		for _, w := range t.widths[1:] {
			n += 2 + w
		}
		return n
	}
	for _, name := range columns {
		if min(t.widths[0], narrowName)+rest() <= width {
			break
		}
		if i := slices.Index(t.rows[0], name); i > 0 {
			t.remove(i)
			out = append(out, name)
		}
	}
	if last := len(t.widths) - 1; t.Text && last > 0 {
		others := rest() - t.widths[last]
		t.cut(last, width-others-min(t.widths[0], narrowName), Cut)
	}
	t.cut(0, width-rest(), cutMiddle)
	return out
}

// cut makes a column as narrow as width, but for leastName.
func (t *Table) cut(column, width int, cut func(string, int) string) {
	width = max(width, leastName)
	if t.widths[column] <= width {
		return
	}
	t.widths[column] = width
	for _, row := range t.rows {
		row[column] = cut(row[column], width)
	}
}

func (t *Table) remove(column int) {
	t.widths = slices.Delete(t.widths, column, column+1)
	for i, row := range t.rows {
		t.rows[i] = slices.Delete(row, column, column+1)
	}
}

// cutMiddle returns s with at most n characters: its beginning, …, and its end.
func cutMiddle(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	end := n / 2
	return string(r[:n-1-end]) + "…" + string(r[len(r)-end:])
}

// LeftOut says which columns [Table.Fit] took out, "" for none.
func LeftOut(width int, columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return "left out, for a terminal of " + strconv.Itoa(width) + " columns: " + strings.Join(columns, ", ")
}

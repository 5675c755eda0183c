//go:build !js

package top

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// A view is how a snapshot is shown.
type view struct {
	sort    string // a column
	reverse bool
	filter  string
	part    part
	offset  int // rows that are scrolled off
	frozen  bool
	styled  bool
}

// A part is what is on the screen.
type part int

const (
	allParts part = iota
	scopesPart
	openPart
	metricsPart
	parts
)

// Styles of text. Without a terminal they are left out, and without colour they are not needed.
const (
	bold    = "\x1b[1m"
	faint   = "\x1b[2m"
	red     = "\x1b[31m"
	reverse = "\x1b[7m"
	plain   = "\x1b[m"
)

func (v *view) style(code, s string) string {
	if !v.styled || s == "" {
		return s
	}
	return code + s + plain
}

// A section is a table with a title and n rows, which are made when they are shown.
type section struct {
	title string
	n     int
	row   func(i int) string
}

// list returns the rows from one on.
func (s *section) list(from, n int) []string {
	rows := make([]string, 0, max(0, n))
	for i := range n {
		rows = append(rows, s.row(from+i))
	}
	return rows
}

// frame returns the lines of a snapshot, of at most height; a height of 0 has no bound. None is wider than width.
func frame(s *snapshot, v *view, width, height int, footer string) []string {
	lines := []string{v.style(bold, headline(s, v))}
	if s.Problem != "" {
		lines = append(lines, v.style(red, text.Clean(s.Problem)))
	}
	if len(s.Notes) > 0 && (height == 0 || height > 8) {
		lines = append(lines, v.style(faint, text.Clean(strings.Join(s.Notes, "; "))))
	}
	bodyHeight := 0
	if height > 0 {
		if footer != "" && height < 4 {
			footer = ""
		}
		bodyHeight = max(0, height-len(lines))
		if footer != "" {
			bodyHeight = max(0, bodyHeight-1)
		}
	}
	body := v.body(s, width, bodyHeight, height == 0)
	lines = append(lines, body...)
	if height > 0 {
		for footer != "" && len(lines) < height-1 {
			lines = append(lines, "")
		}
		if footer != "" {
			lines = append(lines[:min(len(lines), height-1)], v.style(faint, footer))
		}
		lines = lines[:min(len(lines), height)]
	}
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, width, "…")
	}
	return lines
}

// headline says what is shown, and of when.
func headline(s *snapshot, v *view) string {
	var calls, errors int64
	rate := 0.0
	for _, sc := range s.Scopes {
		calls, errors, rate = calls+sc.Calls, errors+sc.Errors, rate+sc.Rate
	}
	words := []string{s.Time.Local().Format("15:04:05")}
	if v.frozen {
		words = append(words, "FROZEN")
	}
	words = append(words, text.Number(rate)+" scopes/s", text.Number(float64(errors))+" errors")
	if s.Open != nil {
		words = append(words, text.Number(float64(s.OpenCount))+" open")
	}
	if s.Seconds > 0 && s.Seconds < window-1 {
		words = append(words, "over "+text.Seconds(float64(int(s.Seconds))))
	}
	if s.LastEvent != nil && *s.LastEvent >= 10 {
		words = append(words, "last event "+text.Seconds(float64(int64(*s.LastEvent)))+" ago")
	}
	if v.filter != "" {
		words = append(words, "filter "+text.Clean(v.filter))
	}
	return strings.Join(append(words, text.Clean(s.Source)), "  ")
}

// body returns the sections in so many lines, or all of them.
func (v *view) body(s *snapshot, width, height int, all bool) []string {
	match := matcher(v.filter)
	sections := []section{v.scopes(s, width, match), v.open(s, width, match), v.metrics(s, width, match)}
	if v.part != allParts {
		one := sections[v.part-scopesPart]
		if all {
			return append([]string{one.title}, one.list(0, one.n)...)
		}
		return v.cut(one, v.offset, height)
	}
	heights := v.shares(sections, height, all)
	var lines []string
	for i, sec := range sections {
		offset := 0
		if i == 0 {
			offset = v.offset
		}
		lines = append(lines, v.cut(sec, offset, heights[i])...)
	}
	return lines
}

// shares divides the lines among sections: the others get a quarter each, and what scopes leave.
func (v *view) shares(sections []section, height int, all bool) []int {
	want, heights := make([]int, len(sections)), make([]int, len(sections))
	sum := 0
	for i, s := range sections {
		want[i] = 1 + s.n
		if s.n == 0 && s.title == "" {
			want[i] = 0
		}
		sum += want[i]
	}
	if all || sum <= height {
		return want
	}
	rest := height
	for i := 1; i < len(sections); i++ {
		if height >= 8 {
			heights[i] = min(want[i], max(2, height/4))
			rest -= heights[i]
		}
	}
	heights[0] = min(want[0], rest)
	rest -= heights[0]
	for i := 1; i < len(sections) && height >= 8; i++ {
		more := min(rest, want[i]-heights[i])
		heights[i] += more
		rest -= more
	}
	return heights
}

// cut returns a section in so many lines. The last one says how many rows are not there.
func (v *view) cut(s section, offset, height int) []string {
	if height <= 0 {
		return nil
	}
	offset = min(max(0, offset), max(0, s.n-1))
	n := s.n - offset
	if n > height-1 && height > 2 {
		more := v.style(faint, fmt.Sprintf("… %d more", n-(height-2)))
		return append(append([]string{s.title}, s.list(offset, height-2)...), more)
	}
	return append([]string{s.title}, s.list(offset, min(n, height-1))...)
}

// scopes is the table of scopes.
func (v *view) scopes(s *snapshot, width int, match func(string) bool) section {
	shown, name := fitting(width)
	mark := func(column string) string {
		switch {
		case column != v.sort:
			return column
		case v.reverse != (column == nameColumn):
			return column + "↑"
		}
		return column + "↓"
	}
	title := left(mark(nameColumn), name)
	for _, c := range shown {
		title += " " + right(mark(c.name), c.width)
	}
	list := sorted(s.Scopes, v.sort, v.reverse, match)
	sec := section{title: v.style(reverse, title), n: len(list)}
	sec.row = func(i int) string {
		sc := &list[i]
		row := left(text.Clean(sc.Scope), name)
		for _, c := range shown {
			cell := right(c.text(sc), c.width)
			if sc.Errors > 0 && strings.HasPrefix(c.name, "ERR") {
				cell = v.style(red, cell)
			}
			row += " " + cell
		}
		return row
	}
	if len(list) == 0 {
		why := "no scope has ended in the last minute"
		if len(s.Scopes) > 0 {
			why = "no scope matches the filter"
		}
		sec.n, sec.row = 1, func(int) string { return v.style(faint, why) }
	}
	return sec
}

// ageWidth is that of the column beside names in the other tables.
const ageWidth = 8

// open is the table of open scopes.
func (v *view) open(s *snapshot, width int, match func(string) bool) section {
	name := max(1, width-1-ageWidth)
	if s.Open == nil {
		return section{title: v.style(reverse, left("OPEN  unknown: lines have scopes that ended; a live address has these", width))}
	}
	var list []*open
	for i := range s.Open {
		if match(s.Open[i].Scope) {
			list = append(list, &s.Open[i])
		}
	}
	sec := section{title: v.style(reverse, left("OPEN", name)+" "+right("AGE", ageWidth)), n: len(list)}
	more := s.OpenCount - int64(len(s.Open))
	if more > 0 && v.filter == "" {
		sec.n++
	}
	sec.row = func(i int) string {
		if i == len(list) {
			return v.style(faint, fmt.Sprintf("%d more are not listed by the app", more))
		}
		o := list[i]
		what := strings.Repeat("  ", o.Depth) + o.Scope
		if o.Error != "" {
			what += "  error=" + o.Error
		}
		if o.Attrs != "" {
			what += "  " + o.Attrs
		}
		cell := ansi.Truncate(text.Clean(text.Clip(what, 4*maxName)), name, "…")
		return left(cell, name) + " " + right(text.Seconds(o.AgeS), ageWidth)
	}
	return sec
}

// metrics is the table of counters, gauges and histograms.
func (v *view) metrics(s *snapshot, width int, match func(string) bool) section {
	value := min(40, width/2)
	name := max(1, width-1-value)
	type row struct{ name, now string }
	var list []row
	add := func(all []metric, now func(m *metric) string) {
		for i := range all {
			if m := &all[i]; match(m.Name) {
				list = append(list, row{m.Name, now(m) + " " + m.Unit})
			}
		}
	}
	add(s.Counters, func(m *metric) string { return number(m.Rate) + "/s" })
	add(s.Gauges, func(m *metric) string { return number(m.Last) })
	add(s.Histograms, func(m *metric) string {
		return fmt.Sprintf("%s/s  p50 %s  p99 %s", number(m.Rate), number(m.P50), number(m.P99))
	})
	sec := section{n: len(list)}
	sec.row = func(i int) string {
		return left(text.Clean(list[i].name), name) + " " + right(text.Clean(strings.TrimSpace(list[i].now)), value)
	}
	if len(list) > 0 || v.part == metricsPart {
		sec.title = v.style(reverse, left("METRIC", name)+" "+right("RATE OR LAST VALUE", value))
	}
	return sec
}

func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return text.Number(*v)
}

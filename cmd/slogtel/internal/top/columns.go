//go:build !js

package top

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/internal/glob"
)

// A column is one of the table of scopes, beside the name.
type column struct {
	name  string
	width int
	goes  int // in which order columns are left out on a narrow terminal; 0: never
	text  func(*scope) string
	value func(*scope) float64
}

var columns = []column{
	{"RATE", 8, 0, func(s *scope) string { return text.Number(s.Rate) + "/s" }, func(s *scope) float64 { return s.Rate }},
	{"CALLS", 7, 2, func(s *scope) string { return text.Number(float64(s.Calls)) }, func(s *scope) float64 { return float64(s.Calls) }},
	{"ERRORS", 7, 0, func(s *scope) string { return text.Number(float64(s.Errors)) }, func(s *scope) float64 { return float64(s.Errors) }},
	{"ERR%", 6, 4, func(s *scope) string { return text.Percent(s.errorShare()) }, (*scope).errorShare},
	{"P50", 7, 3, func(s *scope) string { return seconds(s.P50) }, func(s *scope) float64 { return order(s.P50) }},
	{"P95", 7, 5, func(s *scope) string { return seconds(s.P95) }, func(s *scope) float64 { return order(s.P95) }},
	{"P99", 7, 0, func(s *scope) string { return seconds(s.P99) }, func(s *scope) float64 { return order(s.P99) }},
	{"MAX", 7, 1, func(s *scope) string { return seconds(s.Max) }, func(s *scope) float64 { return order(s.Max) }},
}

// nameColumn is the column of names, by which rows can be sorted too.
const nameColumn = "SCOPE"

// sortNames are what rows can be sorted by.
func sortNames() []string {
	names := []string{nameColumn}
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

func (s *scope) errorShare() float64 {
	if s.Calls <= 0 {
		return 0
	}
	return float64(s.Errors) / float64(s.Calls)
}

func seconds(v *float64) string {
	if v == nil {
		return "-"
	}
	return text.Seconds(*v)
}

// order is a number for sorting: what is not known comes after all.
func order(v *float64) float64 {
	if v == nil {
		return -1
	}
	return *v
}

// nameWidth is the least width of names that columns are left out for.
const nameWidth = 28

// fitting returns the columns that have room, and the width of the names beside them.
func fitting(width int) (shown []column, name int) {
	shown = slices.Clone(columns)
	rest := func() int {
		n := width
		for _, c := range shown {
			n -= 1 + c.width
		}
		return n
	}
	for _, least := range []int{nameWidth, 8} {
		for rest() < least {
			first := -1
			for i, c := range shown {
				if c.goes > 0 && (first < 0 || c.goes < shown[first].goes) {
					first = i
				}
			}
			if first < 0 {
				break
			}
			shown = slices.Delete(shown, first, first+1)
		}
	}
	for len(shown) > 0 && rest() < 8 {
		shown = shown[:len(shown)-1]
	}
	return shown, max(rest(), 1)
}

// sorted returns the rows that match, in the order of a column: the largest first, names from A on.
func sorted(list []scope, by string, reverse bool, match func(string) bool) []scope {
	var out []scope
	for _, s := range list {
		if match(s.Scope) {
			out = append(out, s)
		}
	}
	compare := func(a, b *scope) int { return strings.Compare(a.Scope, b.Scope) }
	if i := slices.IndexFunc(columns, func(c column) bool { return c.name == by }); i >= 0 {
		value := columns[i].value
		compare = func(a, b *scope) int { return cmp.Compare(value(b), value(a)) }
	}
	slices.SortStableFunc(out, func(a, b scope) int {
		c := compare(&a, &b)
		if reverse {
			c = -c
		}
		return cmp.Or(c, strings.Compare(a.Scope, b.Scope))
	})
	return out
}

// matcher returns what a filter matches: a pattern with * as --scope has it, or what names have to contain. Capitals
// do not matter.
func matcher(filter string) func(string) bool {
	filter = strings.ToLower(filter)
	if strings.Contains(filter, "*") {
		p := glob.New(filter)
		return func(name string) bool { return p.Matches(strings.ToLower(name)) }
	}
	return func(name string) bool { return strings.Contains(strings.ToLower(name), filter) }
}

// left returns s in a cell of that width, to the left, and without its middle where it is too long.
func left(s string, width int) string {
	n := ansi.StringWidth(s)
	if n > width {
		tail := (width - 1) / 2
		s = ansi.Truncate(s, width-1-tail, "") + "…" + ansi.TruncateLeft(s, n-tail, "")
		n = ansi.StringWidth(s)
	}
	return s + strings.Repeat(" ", max(0, width-n))
}

// right returns s in a cell of that width, to the right.
func right(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return strings.Repeat(" ", max(0, width-ansi.StringWidth(s))) + s
}

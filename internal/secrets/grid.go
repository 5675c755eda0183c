package secrets

import "strings"

// grid is a table whose head names columns of secrets:
//
//	user,password        | user | password |      INSERT INTO users (name, password)
//	bob,x                |------|----------|      VALUES ('bob', 'x'), ('eve', 'y')
//	eve,y                | bob  | x        |
type grid struct {
	row  int    // where the next row begins; 0 where there is none
	cols uint64 // those of secrets
	seps uint16 // in a row
	sep  byte   // between two cells
	sql  bool   // a row ends with a parenthesis, not with its line
}

// maxRow is how far a row is read.
const maxRow = 256

// gridOf returns the grid in whose head the name s[from:to] stands.
func (src source) gridOf(from, to int) (g grid) {
	s := src.s
	rule := keyRule(s[from:to])
	if rule == nil || rule.Kind&src.kinds == 0 || rule.judge != nil {
		return grid{}
	}
	headEnd := headChar.runMax(s, to, maxRow)
	head := headChar.before(s, from, maxRow)
	if headEnd == len(s) {
		return grid{}
	}
	if s[headEnd] == ')' {
		if head > 0 && s[head-1] == '(' {
			g = grid{row: insertValues(s, headEnd+1), seps: uint16(strings.Count(s[head:headEnd], ",")), sep: ',', sql: true}
		}
	} else {
		if head > 1 && s[head-1] == '\\' && s[head] == 'n' {
			head++
		} else if head > 0 && s[head-1] != '\n' && !isQuote(s[head-1]) {
			return grid{}
		}
		g = linesUnder(s, head, headEnd)
	}
	if g.row == 0 {
		return grid{}
	}
	for n, at := 0, head; n < 64 && at <= headEnd; n++ {
		end := at
		for end < headEnd && s[end] != g.sep {
			end++
		}
		if r := keyRule(strings.Trim(s[at:end], " \"'`")); r != nil && r.judge == nil && r.Kind&src.kinds != 0 {
			g.cols |= 1 << n
		}
		at = end + 1
	}
	return g
}

var (
	headChar  = chars("0-9A-Za-z_.,;|\t \"'`-")
	rulerChar = chars("|: -")
)

// linesUnder returns the grid whose head is the line s[head:headEnd], if its next line is a row of as many cells.
func linesUnder(s string, head, headEnd int) grid {
	row := lineBreak(s, headEnd)
	if row == 0 {
		return grid{}
	}
	for _, sep := range []byte(",;\t|") {
		seps, plain := cells(s[head:headEnd], sep)
		if !plain {
			continue
		}
		if ruler := rulerChar.runMax(s, row, maxRow); sep == '|' && lineBreak(s, ruler) > 0 {
			row = lineBreak(s, ruler)
		}
		g := grid{row: row, seps: uint16(seps), sep: sep}
		if g.isRow(s) {
			return g
		}
		break
	}
	return grid{}
}

// isRow reports whether the next line has as many cells as the head.
func (g *grid) isRow(s string) bool {
	return strings.Count(s[g.row:lineEndWithin(s, g.row)], string(g.sep)) == int(g.seps)
}

// next returns the first secret in the rows that ends behind from, or 0.
func (g *grid) next(s string, from int) (start, end int) {
	ends := "\r\n"
	if g.sql {
		ends = ")"
	}
	for ; g.row > 0; g.skipRow(s) {
		for n := range min(int(g.seps)+1, 64) {
			if g.cols>>n&1 == 0 {
				continue
			}
			if start, end = cell(s, g.row, n, g.sep, ends); end > from {
				return start, end
			}
		}
	}
	return 0, 0
}

// skipRow goes on to the next row, if there is one.
func (g *grid) skipRow(s string) {
	if !g.sql {
		g.row = lineBreak(s, lineEndWithin(s, g.row))
		if g.row > 0 && !g.isRow(s) {
			g.row = 0
		}
		return
	}
	limit := min(len(s), g.row+2*maxRow)
	k := g.row
	for k < limit && s[k] != ')' {
		if s[k] == '\'' || s[k] == '"' {
			k = quoted(s[:limit], k)
		}
		k++
	}
	g.row = 0
	if k < limit {
		if k = skipSpace(s, k+1); at(s, k) == ',' {
			if k = skipSpace(s, k+1); at(s, k) == '(' {
				g.row = k + 1
			}
		}
	}
}

// lineBreak returns where the line begins that follows the line break, real or escaped, at s[i], or 0.
func lineBreak(s string, i int) int {
	for _, end := range [...]string{"\n", "\r\n", `\n`, `\r\n`} {
		if strings.HasPrefix(s[i:], end) {
			return i + len(end)
		}
	}
	return 0
}

// lineEndWithin returns the end of the line at s[i], or the place behind which it is not read.
func lineEndWithin(s string, i int) int {
	end := min(len(s), i+maxRow)
	for k := i; k < end; k++ {
		if s[k] == '\n' || s[k] == '\\' && lineBreak(s, k) > 0 {
			return k
		}
	}
	return end
}

// insertValues returns where the first value of an INSERT begins, the list of whose columns ends before s[i], or 0.
func insertValues(s string, i int) int {
	i = skipSpace(s, i)
	if !hasFold(s, i, "values") {
		return 0
	}
	i = skipSpace(s, i+len("values"))
	if at(s, i) != '(' {
		return 0
	}
	return i + 1
}

// skipSpace skips at most eight blanks and line ends.
func skipSpace(s string, i int) int {
	for n := 0; n < 8 && i < len(s) && (isBlank(s[i]) || s[i] == '\n' || s[i] == '\r'); n++ {
		i++
	}
	return i
}

// cells counts the separators in a row, and reports whether there is one word between any two of them.
func cells(row string, sep byte) (n int, plain bool) {
	if strings.IndexByte(row, sep) < 0 {
		return 0, false
	}
	list := strings.Split(row, string(sep))
	for i, cell := range list {
		words := len(strings.Fields(cell))
		atEdge := i == 0 || i == len(list)-1 && len(list) > 2
		if words > 1 || words == 0 && !(sep == '|' && atEdge) {
			return 0, false
		}
	}
	return len(list) - 1, true
}

// cell returns the extent of the cell number n of the row at s[i], which ends at one of the bytes of ends.
func cell(s string, i, n int, sep byte, ends string) (start, end int) {
	limit := min(len(s), i+2*maxRow)
	for k := i; k <= limit; k++ {
		if k < limit && (s[k] == '\'' || s[k] == '"') {
			if q := quoted(s[:limit], k); q > k && q < limit {
				if n == 0 {
					if s[k+1:q] == Mask || q == k+1 {
						return 0, 0
					}
					return k + 1, q
				}
				k = q
			}
			continue
		}
		if k == limit || s[k] == sep || strings.IndexByte(ends, s[k]) >= 0 || s[k] == '\\' && lineBreak(s, k) > 0 {
			if n == 0 {
				for start, end = i, k; start < end && isBlank(s[start]); start++ {
				}
				for end > start && isBlank(s[end-1]) {
					end--
				}
				if word := s[start:end]; nothing(word) || word == Mask || word == "?" || word[0] == '$' || word[0] == ':' {
					return 0, 0
				}
				return start, end
			}
			if k == limit || s[k] != sep {
				return 0, 0
			}
			n, i = n-1, k+1
		}
	}
	return 0, 0
}

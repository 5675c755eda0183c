package secrets

import "strings"

// placed finds the value of the name s[from:to] where their places join the two: the parts of a path (/token/x), a
// pair of quoted texts in brackets (('authorization', 'x')), a column of CSV or of a Markdown table, or of an INSERT.
func (src source) placed(from, to int) (start, end int) {
	s := src.s
	if to == len(s) {
		return 0, 0
	}
	from = nameChar.before(s, from, maxName)
	to = nameChar.runMax(s, to, maxName)
	if to == len(s) || from == 0 && s[to] == '/' {
		return 0, 0
	}
	switch {
	case s[to] == '/':
		return pathPart(s, from, to)
	case isQuote(s[to]) && isQuote(s[from-min(from, 1)]):
		if start, end = src.quotedPair(from, to); end > 0 {
			return start, end
		}
	case strings.IndexByte(",;|\t\n\r\\) ", s[to]) < 0:
		return 0, 0
	}
	rule := keyRule(s[from:to])
	if rule == nil || rule.Kind&src.kinds == 0 || rule.judge != nil {
		return 0, 0
	}
	return column(s, from, to)
}

// pathPart finds the part of a path that follows the name of a secret.
func pathPart(s string, from, to int) (start, end int) {
	rule := keyRule(s[from:to])
	named := rule != nil && rule.judge == nil && !rule.weak
	if s[from-1] != '/' || !named && !strings.EqualFold(s[from:to], "key") {
		return 0, 0
	}
	end = pathChar.runMax(s, to+1, maxHead)
	part := s[to+1 : end]
	if strong(part) || rule != nil && strings.HasPrefix(rule.Name, "passw") && hasDigit(part) && secretWord(part, false) {
		return to + 1, end
	}
	return 0, 0
}

var pathChar = chars("0-9A-Za-z._~%+=@!-")

// quotedPair finds the second of two texts in brackets, the first of which is the name at s[from:to].
func (src source) quotedPair(from, to int) (start, end int) {
	s := src.s
	open := quoteBefore(s, from)
	for n := 0; n < 2 && open > 0 && literalLetter[s[open-1]]; n++ {
		open--
	}
	if open == 0 || s[open-1] != '(' && s[open-1] != '[' && s[open-1] != '{' {
		return 0, 0
	}
	k := to + 1
	if k+1 >= len(s) || s[k] != ',' {
		return 0, 0
	}
	k = skipBlank(s, k+1)
	start = quoteAt(s, k)
	rule := keyRule(s[from:to])
	if start == k || rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	head := s[:min(len(s), start+checkLen)]
	end = quoteEnd(head, k, start)
	inside := s[start:end]
	if end == len(head) && len(head) < len(s) {
		end = quoteEnd(s, k, start)
	} else if end+1 < len(s) && strings.IndexByte(")]}", s[end+1]) < 0 {
		return 0, 0
	}
	isHeader := rule.line && (hasScheme(inside) || strings.IndexByte(inside, '=') > 0) || literalLetter[s[k]] || strings.IndexByte(s[from:to], '-') > 0
	if inside == Mask || nothing(inside) || !isHeader && !hasDigit(inside) || rule.judge != nil && !rule.judge(inside) {
		return 0, 0
	}
	return value{rule: rule}.credentials(s, start, end)
}

// maxRow is how far the rows of a table are read.
const maxRow = 256

// column finds what stands in the first row under the name s[from:to], which is the head of a column:
//
//	user,password        | user | password |      INSERT INTO users (name, password)
//	bob,x                |------|----------|      VALUES ('bob', 'x')
//	                     | bob  | x        |
func column(s string, from, to int) (start, end int) {
	headEnd := headChar.runMax(s, to, maxRow)
	if headEnd == len(s) {
		return 0, 0
	}
	head := headChar.before(s, from, maxRow)
	if s[headEnd] == ')' {
		if head == 0 || s[head-1] != '(' {
			return 0, 0
		}
		at := insertValues(s, headEnd+1)
		if at == 0 {
			return 0, 0
		}
		n := strings.Count(s[head:from], ",")
		return cell(s, at, n, ',', ")")
	}
	row := lineBreak(s, headEnd)
	if row == 0 || head > 0 && s[head-1] != '\n' && !(s[head-1] == 'n' && head > 1 && s[head-2] == '\\') && !isQuote(s[head-1]) {
		return 0, 0
	}
	if head > 1 && s[head-1] == '\\' {
		head++
	}
	for _, sep := range []byte(",;\t|") {
		n := strings.Count(s[head:from], string(sep))
		all, plain := cells(s[head:headEnd], sep)
		if all == 0 || !plain {
			continue
		}
		if ruler := rulerChar.runMax(s, row, maxRow); sep == '|' && lineBreak(s, ruler) > 0 {
			row = lineBreak(s, ruler)
		}
		if strings.Count(s[row:lineEndWithin(s, row)], string(sep)) != all {
			return 0, 0
		}
		return cell(s, row, n, sep, "\r\n")
	}
	return 0, 0
}

var (
	headChar  = chars("0-9A-Za-z_.,;|\t \"'`-")
	rulerChar = chars("|: -")
)

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
	words, gap := 0, true
	for i := range len(row) {
		switch c := row[i]; {
		case c == sep:
			if words == 0 && (sep != '|' || n > 0) {
				return n, false
			}
			n, words, gap = n+1, 0, true
		case isBlank(c):
			gap = true
		default:
			if gap {
				words++
			}
			gap = false
			if words > 1 {
				return n, false
			}
		}
	}
	return n, words == 1 || sep == '|' && n > 1
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

package secrets

import "strings"

// placed finds the value of the name s[from:to] where their places join the two: the parts of a path (/token/x), a
// pair of quoted texts in brackets (('authorization', 'x')), a column of a table (see grid).
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
	g := src.gridOf(from, to)
	return g.next(s, 0)
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
	if strong(part) || named && rule.Kind == Secret && len(part) >= 10 && alnum.run(part, 0) == len(part) && hasDigit(part) && lowerMixed(part) || rule != nil && strings.HasPrefix(rule.Name, "passw") && hasDigit(part) && secretWord(part, false) {
		return to + 1, pathChar.run(s, end)
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
	if inside == Mask || nothing(inside) || keyRule(inside) != nil || !isHeader && !hasDigit(inside) || rule.judge != nil && !rule.judge(inside) {
		return 0, 0
	}
	return value{rule: rule}.credentials(s, start, end)
}

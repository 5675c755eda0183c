package secrets

import "strings"

// findElement finds the content of an XML element, <password>hunter2</password>. The anchor is the end of
// its start tag: '>', or the backslash of \u003e, as which encoding/json writes it.
func findElement(src source, i int) (start, end int) {
	s, to := src.s, i
	for _, sign := range [...]string{">", "&gt;", `\u003e`} {
		if strings.HasPrefix(s[i:], sign) {
			start = i + len(sign)
		}
	}
	if start == 0 {
		return 0, 0
	}
	for s[i] == '\\' && to > 0 && s[to-1] == '\\' {
		to--
	}
	if q := quoteBefore(s, to); q < to && q > 0 { // <param name="password">
		if from, end := findNamedElement(src, q, start); end > 0 {
			return from, end
		}
		if to = tagName(s, q); to == 0 {
			return 0, 0
		}
	}
	from := nameChar.before(s, to, 2*maxName)
	from += escapeHead(s, from, to)
	if from == to || from == 0 || s[from-1] != '<' && s[from-1] != ':' && !strings.HasSuffix(s[:from], "u003c") && !strings.HasSuffix(s[:from], "&lt;") {
		return 0, 0
	}
	return src.elementText(s[from:to], start)
}

// tagName returns the end of the name of the tag whose last attribute's value ends at s[q], or 0.
func tagName(s string, q int) int {
	head := s[max(0, q-maxHead):q]
	open := strings.LastIndexByte(head, '<')
	if open < 0 {
		return 0
	}
	return nameChar.runMax(s, q-len(head)+open+1, maxName)
}

// findNamedElement is findElement for an element whose last attribute, before the quote at s[q], names what is in it.
func findNamedElement(src source, q, start int) (from, end int) {
	s := src.s
	n := nameChar.before(s, q, 2*maxName)
	open := quoteBefore(s, n)
	if n == q || open == n || open == 0 || s[open-1] != '=' {
		return 0, 0
	}
	switch label := nameBefore(s, open-1); strings.ToLower(s[label.from:label.to]) {
	case "name", "key", "id":
	default:
		return 0, 0
	}
	return src.elementText(s[n:q], start)
}

// elementText returns the extent of the text, which begins at s[start], of an element of this name.
func (src source) elementText(name string, start int) (from, end int) {
	s, rule := src.s, keyRule(name)
	if rule == nil || rule.Kind&src.kinds == 0 || strings.HasPrefix(s[start:], Mask) {
		return 0, 0
	}
	if strings.HasPrefix(s[start:], "<![CDATA[") {
		start += len("<![CDATA[")
		if end = strings.Index(s[start:], "]]>"); end < 0 {
			end = len(s) - start
		}
		end += start
	} else {
		for end = start; end < len(s) && s[end] != '<' && !strings.HasPrefix(s[end:], `\u003c`) && !strings.HasPrefix(s[end:], "&lt;"); end++ {
		}
	}
	if content := s[start:end]; rule.judge != nil && !rule.judge(content) || content == Mask || strings.TrimSpace(content) == "" {
		return 0, 0
	}
	return start, end
}

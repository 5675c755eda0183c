package secrets

import "strings"

// findElement finds the content of an XML element, <password>hunter2</password>. The anchor is the end of
// its start tag: '>', or the backslash of \u003e, as which encoding/json writes it.
func findElement(src source, i int) (start, end int) {
	s := src.s
	start = i + 1
	if s[i] == '&' {
		if !strings.HasPrefix(s[i:], "&gt;") {
			return 0, 0
		}
		start = i + len("&gt;")
	}
	to := i
	if s[i] == '\\' {
		if !strings.HasPrefix(s[i+1:], "u003e") {
			return 0, 0
		}
		start = i + len(`\u003e`)
		for to > 0 && s[to-1] == '\\' {
			to--
		}
	}
	if q := quoteBefore(s, to); q < to && q > 0 { // <param name="password">
		if from, end := findNamedElement(src, q, start); end > 0 {
			return from, end
		}
		if to = tagName(s, q); to == 0 {
			return 0, 0
		}
	}
	from := to
	for from > 0 && to-from < 2*maxName && nameChar[s[from-1]] {
		from--
	}
	from += escapeHead(s, from, to)
	if from == to || from == 0 || s[from-1] != '<' && s[from-1] != ':' && !strings.HasSuffix(s[:from], "u003c") && !strings.HasSuffix(s[:from], "&lt;") {
		return 0, 0
	}
	rule := keyRule(s[from:to])
	if rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	return elementText(s, start, rule)
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
	rule := keyRule(s[n:q])
	if rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	return elementText(s, start, rule)
}

// elementText returns the extent of an element's text, which begins at s[start].
func elementText(s string, start int, rule *KeyRule) (from, end int) {
	if strings.HasPrefix(s[start:], Mask) {
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

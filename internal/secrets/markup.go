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
	from := to
	for from > 0 && to-from < 2*maxName && nameChar[s[from-1]] {
		from--
	}
	from += escapeHead(s, from, to)
	if from == to || from == 0 || s[from-1] != '<' && s[from-1] != ':' && !strings.HasSuffix(s[:from], "u003c") && !strings.HasSuffix(s[:from], "&lt;") {
		return 0, 0
	}
	rule := keyRule(s[from:to])
	if strings.HasPrefix(s[start:], "<![CDATA[") {
		start += len("<![CDATA[")
		if end = len(s); rule != nil {
			if k := strings.Index(s[start:], "]]>"); k >= 0 {
				end = start + k
			}
		}
	}
	if rule == nil || rule.Kind&src.kinds == 0 || strings.HasPrefix(s[start:], Mask) {
		return 0, 0
	}
	if end == 0 {
		for end = start; end < len(s) && s[end] != '<' && !strings.HasPrefix(s[end:], `\u003c`) && !strings.HasPrefix(s[end:], "&lt;"); end++ {
		}
	}
	if content := s[start:end]; rule.judge != nil && !rule.judge(content) || strings.TrimSpace(content) == "" {
		return 0, 0
	}
	return start, end
}

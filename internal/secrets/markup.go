package secrets

import "strings"

// findElement finds the content of an XML element, <password>hunter2</password>. The anchor is the end of
// its start tag: '>', or the backslash of \u003e, as which encoding/json writes it.
func findElement(src source, i int) (start, end int) {
	s := src.s
	start = i + 1
	if s[i] == '\\' {
		if i > 0 && s[i-1] == '\\' {
			return 0, 0
		}
		for ; start < len(s) && s[start] == '\\' && start-i < maxSlashes; start++ {
		}
		if !strings.HasPrefix(s[start:], "u003e") {
			return 0, 0
		}
		start += len("u003e")
	}
	from := i
	for from > 0 && i-from < 2*maxName && nameChar[s[from-1]] {
		from--
	}
	from += escapeHead(s, from, i)
	if from == i || from == 0 || s[from-1] != '<' && s[from-1] != ':' && !strings.HasSuffix(s[:from], "u003c") {
		return 0, 0
	}
	rule := keyRule(s[from:i])
	if rule == nil || rule.Kind&src.kinds == 0 || strings.HasPrefix(s[start:], Mask) {
		return 0, 0
	}
	for end = start; end < len(s) && s[end] != '<' && !strings.HasPrefix(s[end:], `\u003c`); end++ {
	}
	return start, end
}

// findFlag finds the value of a command-line flag, --password hunter2. The anchor is its first dash.
func findFlag(src source, i int) (start, end int) {
	s := src.s
	if !strings.HasPrefix(s[i:], "--") || i+2 == len(s) || !letter[s[i+2]] || i > 0 && (s[i-1] == '-' || alnum[s[i-1]]) {
		return 0, 0
	}
	to := nameChar.runMax(s, i+2, 2*maxName)
	if to == len(s) || !isBlank(s[to]) {
		return 0, 0
	}
	rule := keyRule(s[i+2 : to])
	if rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	start = skipBlank(s, to)
	if start == len(s) || s[start] == '-' || isShortWord(s, start) { // another flag, or a sentence about this one
		return 0, 0
	}
	return findValue(s, start, value{rule: rule})
}

func isShortWord(s string, i int) bool {
	n := letter.runMax(s, i, 4) - i
	return n < 4 && (i+n == len(s) || isBlank(s[i+n]))
}

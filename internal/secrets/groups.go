package secrets

import "strings"

// groupsEnd returns the end of a number that is written in groups with blanks between them, as phone numbers, IBANs
// and dates are: it is hidden whole or not at all. Its first group is s[i:end].
func (v value) groupsEnd(s string, i, end int) int {
	if i == end {
		return end
	}
	if v.rule.Name == "iban" {
		if all := ibanEnd(s, i); all > end {
			return all
		}
	}
	if s[i] == '(' && end < len(s) && s[end] == ')' {
		end++
	}
	for range 12 {
		next := v.groupEnd(s, i, end)
		if next == end {
			break
		}
		end = next
	}
	return end
}

// groupEnd returns the end of the group behind s[i:end], or end.
func (v value) groupEnd(s string, i, end int) int {
	k := end
	if v.isDate() && k < len(s) && s[k] == ',' { // March 12, 1985
		k++
	}
	if k+1 >= len(s) || !isBlank(s[k]) {
		return end
	}
	k++
	if k+2 < len(s) && (s[k] == '/' || s[k] == '-') && isBlank(s[k+1]) { // 0151 / 123
		k += 2
	}
	if s[k] == '(' || s[k] == '+' {
		k++
	}
	next := groupChar.runMax(s, k, 16)
	group := s[k:next]
	if next == k || next < len(s) && (s[next] == '=' || s[next] == ':' || nameChar[s[next]]) {
		return end
	}
	behind := digit.runMax(s, skipBlank(s, next), 6) > next+1 // a number follows
	switch {
	case v.isDate() && isMonth(group) && (digit[s[i]] || digit[s[end-1]]):
	case s[end] == ',' && !(len(group) == 4 && digit.run(group, 0) == 4):
		return end
	case v.rule.Name == "iban" && hasDigit(group) && upperNum.run(group, 0) == len(group):
	case hasDigit(group) && (!letter[group[0]] || group[0] == 'x'): // x22: an extension
	case behind && (strings.HasPrefix(group, "ext") || len(group) == 1 && isUpper(group[0])):
	default:
		return end
	}
	return next
}

var groupChar = chars("0-9A-Za-z\x80-\xff()./-")

// isDate reports whether the name is that of a day.
func (v value) isDate() bool {
	return v.rule.Name == "dob" || strings.Contains(v.rule.Name, "birth") || v.rule.Name == "geburtsdatum"
}

// isMonth reports whether a word begins as the name of a month does, in some languages of Europe.
func isMonth(word string) bool {
	if len(word) < 3 || letter.run(word, 0) < 1 {
		return false
	}
	return months.has(word[:3])
}

var months = set("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "m\xc3\xa4", "mai", "okt", "dez", "f\xc3\xa9", "avr",
	"jui", "ao\xc3", "d\xc3\xa9", "ene", "abr", "ago", "dic", "mrt", "gen", "mag", "giu", "lug", "set", "ott", "out", "maj")

// ibanEnd returns the end of the account number that begins at s[i], with blanks or dashes between its groups, as long as
// those of its country are, or 0.
func ibanEnd(s string, i int) int {
	if i+4 > len(s) {
		return 0
	}
	country := [2]byte{s[i] &^ 0x20, s[i+1] &^ 0x20}
	n := ibanLength(string(country[:]))
	for k := i; k < len(s) && n > 0; k++ {
		switch {
		case alnum[s[k]]:
			if n--; n == 0 && !alnum[at(s, k+1)] {
				return k + 1
			}
		case !isBlank(s[k]) && s[k] != '-':
			return 0
		}
	}
	return 0
}

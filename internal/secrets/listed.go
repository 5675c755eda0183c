package secrets

import "strings"

// listedRule finds the rule for a value whose name stands in a pair of its own before it, as lists of
// headers and of settings have it:
//
//	{"name": "DB_PASSWORD", "value": "hunter2"}
//
//	- name: DB_PASSWORD
//	  value: hunter2
//
// The name that says "value" begins at i.
func listedRule(s string, i int) *KeyRule {
	to := skipBack(s, i)
	from := nameChar.before(s, to, 2*maxName)
	sign := from
	for sign > 0 && from-sign < maxSlashes && strings.IndexByte(" \t\"'`\\", s[sign-1]) >= 0 {
		sign--
	}
	if from == to || sign == 0 || s[sign-1] != ':' && s[sign-1] != '=' {
		return nil
	}
	n := nameBefore(s, sign-1)
	switch label := s[n.from:n.to]; {
	case strings.EqualFold(label, "name"), strings.EqualFold(label, "key"), strings.EqualFold(label, "header"), strings.EqualFold(label, "field"):
		return keyRule(s[from:to])
	case strings.EqualFold(label, "type") && strings.EqualFold(s[from:to], "password"): // a field of a form
		return keyRule("password")
	}
	return nil
}

// skipBack skips, backwards from s[i], what stands between two pairs: quotes, a comma, the end of a
// line, real or escaped, and the spaces of the next.
func skipBack(s string, i int) int {
	for n := 0; n < maxSlashes && i > 0; n++ {
		switch {
		case strings.IndexByte(" \t\r\n,;\"'`\\", s[i-1]) >= 0:
			i--
		case i > 1 && s[i-2] == '\\' && (s[i-1] == 'n' || s[i-1] == 'r'):
			i -= 2
		default:
			return i
		}
	}
	return i
}

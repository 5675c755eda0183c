package secrets

import "strings"

// token is a shape told by a literal prefix and a run of body characters after it.
type token struct {
	prefix string
	// anchor is the place in prefix of a byte that is rare in ordinary text. The scan stops there,
	// so it must not be the first byte: the byte before it picks the token from the table.
	anchor int
	body   *charset
	// min is the least number of body characters. It is well below the documented length, so that
	// what some other tool has cut short is hidden too.
	min int
	// word: the prefix must begin a word, for prefixes that also end ordinary words ("task-").
	word bool
	// check has the last say on the first bytes of the body, at most checkLen of them.
	check func(body string) bool
}

const checkLen = 96

// match returns the end of the token whose anchor is s[i], or 0.
func (t *token) match(s string, i int) (start, end int) {
	start = i - t.anchor
	if start < 0 || !strings.HasPrefix(s[start:], t.prefix) || t.word && !wordStart(s, start) {
		return 0, 0
	}
	from := start + len(t.prefix)
	end = from
	for end < len(s) && end-from < t.min && t.body[s[end]] {
		end++
	}
	if end-from < t.min {
		return 0, 0
	}
	if t.check != nil {
		n := from
		for n < len(s) && n-from < checkLen && t.body[s[n]] {
			n++
		}
		if !t.check(s[from:n]) {
			return 0, 0
		}
	}
	return start, t.body.run(s, end)
}

// keyMaterial tells random characters from a name in kebab case: one segment of it is long, and
// either holds a digit or is longer than words are.
func keyMaterial(body string) bool {
	n, digits := 0, 0
	for i := 0; i < len(body); i++ {
		c := body[i]
		if !alnum[c] {
			n, digits = 0, 0
			continue
		}
		n++
		if digit[c] {
			digits++
		}
		if n >= 12 && digits > 0 || n >= 20 {
			return true
		}
	}
	return false
}

// hasDigit keeps words such as xoxo-hearts out.
func hasDigit(body string) bool { return strings.ContainsAny(body, "0123456789") }

package secrets

import "strings"

// token is a shape told by a literal prefix and a run of body characters after it.
type token struct {
	prefix string
	body   *charset
	// min is the least number of body characters. It is below the documented length where the prefix
	// says enough, so that what some other tool has cut short is hidden too.
	min int
	// word: the prefix begins a word, for prefixes that also end ordinary words ("task-"). Glued to a
	// word before it, only a body that is random beyond doubt counts.
	word bool
	// check has the last say on the first bytes of the body, at most checkLen of them.
	check func(body string) bool

	anchor int // the place in prefix of the first byte of the pair at which the scan stops
}

// anywhere is a token whose prefix stands for itself wherever it is.
func anywhere(prefix string, body *charset, min int) token {
	return token{prefix: prefix, body: body, min: min}
}

// word is a token whose prefix must begin a word.
func word(prefix string, body *charset, min int, check func(string) bool) token {
	return token{prefix: prefix, body: body, min: min, word: true, check: check}
}

const checkLen = 96

// match returns the extent of the token whose anchor is s[i], or 0.
func (t *token) match(s string, i int) (start, end int) {
	start = i - t.anchor
	if start < 0 || !strings.HasPrefix(s[start:], t.prefix) {
		return 0, 0
	}
	glued := t.word && !wordStart(s, start)
	if glued && isUpper(s[start]) && !isLower(s[start-1]) {
		return 0, 0
	}
	from := start + len(t.prefix)
	end = t.body.runMax(s, from, t.min)
	if end-from < t.min {
		return 0, 0
	}
	if glued || t.check != nil {
		body := s[from:t.body.runMax(s, from, checkLen)]
		if glued && !mixed(body) && !(isUpper(s[start]) && hasDigit(body)) || t.check != nil && !t.check(body) {
			return 0, 0
		}
	}
	return start, t.body.run(s, end)
}

// pickAnchor sets the anchor to the pair of the prefix that is rarest in ordinary text.
func (t *token) pickAnchor() {
	best := 1 << 30
	for i := 0; i+1 < len(t.prefix); i++ {
		if cost := rarity(t.prefix[i]) * rarity(t.prefix[i+1]); cost < best {
			best, t.anchor = cost, i
		}
	}
}

// rarity is how often a byte stands in logs and prose, roughly. The tokens whose anchor ends in a letter share a probe,
// so letters count as frequent as all of them together.
func rarity(c byte) int {
	switch {
	case c == '_' || c == '-' || c == '.' || c == '~' || c == '[' || c == '$':
		return 2
	case c == '/':
		return 9
	case isUpper(c):
		return 4
	case digit[c]:
		return 8
	}
	return 20
}

// keyMaterial tells random characters from a name in kebab case: one segment of it is long, and
// either holds a digit or is longer than words are. It begins soon.
func keyMaterial(body string) bool {
	body = body[:min(len(body), checkLen/2)]
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

// exactly is a check for a body of n characters, capitals, small letters and digits among them.
func exactly(n int) func(string) bool {
	return func(body string) bool { return len(body) == n && mixed(body) }
}

// isUUID reports whether the body begins with a UUID (RFC 9562).
func isUUID(body string) bool {
	if len(body) < 36 {
		return false
	}
	for i := range 36 {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (body[i] == '-') || !dash && !hexDigit[body[i]] {
			return false
		}
	}
	return true
}

// clientSecret keeps the identifiers of payments out, which are no secrets.
func clientSecret(body string) bool { return strings.Contains(body, "_secret_") }

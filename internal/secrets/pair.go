package secrets

import "strings"

// findEncodedPair finds a pair, see source.pair, where the name before the sign may end as that of a rule.
func findEncodedPair(src source, i int) (start, end int) {
	at, after, encoded := readSign(src.s, i)
	if after == 0 || !keyIndex.mayName(src.s, at) {
		return 0, 0
	}
	return src.pair(i, at, after, encoded)
}

// findPlainPair finds a pair with one of the signs that stand in every line of a log. The anchor is what stands before the sign, so
// that the time of day has none.
func findPlainPair(src source, i int) (start, end int) {
	if !keyIndex.mayName(src.s, i+1) {
		return 0, 0
	}
	return src.pair(i+1, i+1, i+2, false)
}

// pair finds the value of a name that is in the table of keys, as programs write them into text:
//
//	password=hunter2      api_key: abc      "token": "abc"      {\"token\":\"abc\"}
//	?key=abc&x=1          map[secret:abc]   env["API_KEY"]='x'  token%3Dabc%26
//	Cookie: a=b; c=d      Authorization: Bearer abc
//
// Only the value is hidden, without its quotes. The name stands before at, the value after the sign at s[i].
func (src source) pair(i, at, after int, encoded bool) (start, end int) {
	s := src.s
	n := nameBefore(s, at)
	if n.from == n.to {
		return 0, 0
	}
	rule := n.rule(s, i)
	if (rule == nil || rule.judge != nil) && n.from > n.raw {
		rule = n.coloured(s, rule)
	}
	switch {
	case n.isSlashFlag(s, i):
		rule = slashFlag
	case rule == nil:
		rule = spokenPersonal(s, n.from, n.to)
	}
	if rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	if rule.Name == "token" && n.from > 1 && isBlank(s[n.from-1]) { // sync token: 12
		word := n.from - 1
		for word > 0 && n.from-word < 16 && letter[s[word-1]] {
			word--
		}
		if plainToken.has(s[word : n.from-1]) {
			return 0, 0
		}
	}
	if n.quoted && n.from > 0 && s[n.from-1] == '/' { // "https://example.com/token": no such host
		n.quoted = false
	}
	listed := n.to-n.from == len("value") && hasFold(s, n.from, "value")
	v := value{
		rule: rule, spaced: after < len(s) && isBlank(s[after]), header: s[i] == ':' && !n.quoted, quotedName: n.quoted, encoded: encoded,
		prose: !encoded && !n.quoted && !listed && (s[i] == '-' || (s[i] == ':' || s[i] >= 0x80) && after < len(s) && isBlank(s[after]) ||
			s[i] == ':' && strings.IndexByte(s[n.from:n.to], '-') >= 0), // python3-jwt:all is a package
	}
	from := valueStart(s, after, inBold(s, n.raw))
	if encoded {
		from = skipBlank(s, from)
	}
	return v.find(s, from)
}

// readSign returns where the encoded sign between name and value begins that s[i] is part of, and where it ends, or
// 0 where there is none. Encoded tells percent-encoding.
func readSign(s string, i int) (at, after int, encoded bool) {
	switch s[i] {
	case '%', '&', '\\':
		for _, sign := range [...]string{"%3d", "%3a", "%253d", "%253a", "&#61;", "&#58;", "&#x3d;", "&#x3a;", `\u003d`, `\u003a`, `\x3d`, `\x3a`} {
			if hasFold(s, i, sign) {
				for at = i; sign[1] == 'u' && at > 0 && s[at-1] == '\\'; at-- {
				}
				return at, i + len(sign), s[i] == '%'
			}
		}
	case 0xBC: // the full-width ： and ＝
		if i > 0 && s[i-1] == 0xEF && i+1 < len(s) && (s[i+1] == 0x9A || s[i+1] == 0x9D) {
			return i - 1, i + 2, false
		}
	case '-':
		if i > 0 && s[i-1] != '-' && i+1 < len(s) && s[i+1] == '>' {
			return i, i + 2, false
		}
	}
	return 0, 0, false
}

package secrets

import "strings"

// findPair finds the value of a name that is in the table of keys, as programs write them into text:
//
//	password=hunter2      api_key: abc      "token": "abc"      {\"token\":\"abc\"}
//	?key=abc&x=1          map[secret:abc]   env["API_KEY"]='x'  token%3Dabc%26
//	Cookie: a=b; c=d      Authorization: Bearer abc
//
// Only the value is hidden, without its quotes. The anchor is the sign between name and value.
func findPair(src source, i int) (start, end int) {
	s := src.s
	after, encoded := i+1, false
	if s[i] == '%' {
		if encoded = hasFold(s, i, "%3d") || hasFold(s, i, "%3a"); !encoded {
			return 0, 0
		}
		after = i + 3
	}
	n := nameBefore(s, i)
	if n.from == n.to {
		return 0, 0
	}
	rule := n.rule(s, i)
	if rule == nil || rule.Kind&src.kinds == 0 {
		return 0, 0
	}
	return findValue(s, valueStart(s, after, inBold(s, n.raw)), value{
		rule: rule, header: s[i] == ':' && !n.quoted, quotedName: n.quoted, encoded: encoded,
	})
}

// pairName is the name before a sign.
type pairName struct {
	from, to int
	raw      int // where it begins if what looks like an escape before it (\t in C:\token) is part of it
	quoted   bool
}

func (n pairName) rule(s string, sign int) *KeyRule {
	r := keyRule(s[n.from:n.to])
	if r == nil && n.raw < n.from {
		r = keyRule(s[n.raw:n.to])
	}
	if r == nil {
		r = n.textRule(s, sign)
	}
	return r
}

// nameBefore returns the name that ends right before s[i], which may be in quotes, in brackets and
// quotes, and have blanks after it.
func nameBefore(s string, i int) pairName {
	var n pairName
	for k := 0; k < 4 && i > 0 && (isBlank(s[i-1]) || s[i-1] == '*'); k++ {
		i--
	}
	if i > 0 && s[i-1] == ']' {
		i--
	}
	if i > 0 && isQuote(s[i-1]) {
		n.quoted = true
		for i--; i > 0 && s[i-1] == '\\'; i-- {
		}
	}
	n.to = i
	for i > 0 && n.to-i < 2*maxName && nameChar[s[i-1]] {
		i--
	}
	n.raw, n.from = i, i+escapeHead(s, i, n.to)
	return n
}

// escapeHead returns how many of the bytes from s[i] on belong to an escape that begins before them,
// and so to no name: 1 for \n, 5 for \u0026, 3 for ESC [ 3 1 m.
func escapeHead(s string, i, to int) int {
	if i == 0 {
		return 0
	}
	switch s[i-1] {
	case '\\', '%':
		for k := 1; k <= 5 && i+k <= to; k++ {
			if escapeTail(s, i+k) == k {
				return k
			}
		}
	case '[', ';':
		if k := digit.runMax(s, i, 3); k < to && s[k] == 'm' && escapeTail(s, k+1) == 1 {
			return k + 1 - i
		}
	}
	return 0
}

// The rules for names that say nothing by themselves but do where they stand.
var (
	spokenKey = &KeyRule{Name: "key", Kind: Secret}              // "API key: …"
	queryKey  = &KeyRule{Name: "key", Kind: Secret}              // ?key=…
	shortPass = &KeyRule{Name: "pass", Kind: Secret, weak: true} // pass=…
)

// textRule finds the rule for a name that is a secret's only where it stands: "key" and "sig" in the
// query of a URL, "key" after "API", "pass" before a value that looks random.
func (n pairName) textRule(s string, sign int) *KeyRule {
	name := s[n.from:n.to]
	switch len(name) {
	case 2, 4:
		if strings.EqualFold(name, "pw") || strings.EqualFold(name, "pass") {
			return shortPass
		}
	case 3:
		switch {
		case strings.EqualFold(name, "key"):
			if n.spoken(s) {
				return spokenKey
			}
		case !strings.EqualFold(name, "sig"):
			return nil
		}
		if n.inQuery(s, sign) {
			return queryKey
		}
	case len("value"):
		if strings.EqualFold(name, "value") {
			return listedRule(s, n.from)
		}
	case len("signature"), len("x-amz-signature"), len("x-goog-signature"):
		if hasFold(name, len(name)-len("signature"), "signature") && n.inQuery(s, sign) {
			return queryKey
		}
	}
	return nil
}

// spoken reports whether the word key is the second of two, as in "API key".
func (n pairName) spoken(s string) bool {
	if n.from == 0 || !isBlank(s[n.from-1]) {
		return false
	}
	for _, before := range [...]string{"api", "secret", "private", "access", "signing", "encryption"} {
		if at := n.from - 1 - len(before); at >= 0 && hasFold(s, at, before) {
			return true
		}
	}
	return false
}

// inQuery reports whether the name is that of a parameter of a URL's query.
func (n pairName) inQuery(s string, sign int) bool {
	if s[sign] == ':' || n.from == 0 {
		return false
	}
	c := s[n.from-1]
	return c == '?' || c == '&' || escapeTail(s, n.from) > 0 || strings.HasSuffix(s[:n.from], "&amp;")
}

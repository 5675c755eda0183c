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
	at, after, encoded := readSign(src.s, i)
	if after == 0 {
		return 0, 0
	}
	return src.pair(i, at, after, encoded)
}

// findEncodedPair is findPair where the name before the sign may end as that of a rule.
func findEncodedPair(src source, i int) (start, end int) {
	at, after, encoded := readSign(src.s, i)
	if after == 0 || !keyIndex.mayName(src.s, at) {
		return 0, 0
	}
	return src.pair(i, at, after, encoded)
}

// findPlainPair is findPair for the signs that stand in every line of a log. The anchor is what stands before the sign, so
// that the time of day has none.
func findPlainPair(src source, i int) (start, end int) {
	if !keyIndex.mayName(src.s, i+1) {
		return 0, 0
	}
	return src.pair(i+1, i+1, i+2, false)
}

// pair finds the value of the name before at. The value follows after.
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
	if n.isSlashFlag(s, i) {
		rule = slashFlag
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

// readSign returns where the sign between name and value begins that s[i] is part of, and where it ends, or
// 0 where there is none. Encoded tells percent-encoding.
func readSign(s string, i int) (at, after int, encoded bool) {
	switch s[i] {
	case '=', ':':
		return i, i + 1, false
	case '%':
		if hasFold(s, i, "%3d") || hasFold(s, i, "%3a") {
			return i, i + 3, true
		}
		if hasFold(s, i, "%253d") || hasFold(s, i, "%253a") {
			return i, i + 5, true
		}
	case '&':
		for _, sign := range [...]string{"&#61;", "&#58;", "&#x3d;", "&#x3a;", "&#34;", "&#39;"} {
			if hasFold(s, i, sign) && sign[2] != '3' {
				return i, i + len(sign), false
			}
		}
	case '\\':
		if hasFold(s, i, "\\u003d") || hasFold(s, i, "\\u003a") {
			for at = i; at > 0 && s[at-1] == '\\'; at-- {
			}
			return at, i + 6, false
		}
		if hasFold(s, i, "\\x3d") || hasFold(s, i, "\\x3a") {
			return i, i + 4, false
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

// pairName is the name before a sign.
type pairName struct {
	from, to int
	raw      int // where it begins if what looks like an escape before it (\t in C:\token) is part of it
	quoted   bool
}

func (n pairName) rule(s string, sign int) *KeyRule {
	if n.to-n.from > 2 {
		r := keyRule(s[n.from:n.to])
		if r == nil && n.raw < n.from {
			r = keyRule(s[n.raw:n.to])
		}
		if r != nil && r.judge == nil {
			return r
		}
		if s[n.from] >= 0x80 && s[n.to-1] < 0x80 { // a word of another script, glued to the name
			from := n.to
			for s[from-1] < 0x80 {
				from--
			}
			if ascii := keyRule(s[from:n.to]); ascii != nil {
				return ascii
			}
		}
		if t := n.textRule(s, sign); t != nil {
			return t
		}
		return r
	}
	if n.to-n.from == 2 {
		if r := keyRule(s[n.from:n.to]); r != nil {
			return r
		}
	}
	return n.textRule(s, sign)
}

// coloured finds the rule for a name that a colour code stands in, as the marks of a search do, or returns rule.
func (n pairName) coloured(s string, rule *KeyRule) *KeyRule {
	from := n.from
	for range 4 {
		code := ansiBefore(s, from)
		if code == from {
			break
		}
		from = nameChar.before(s, code, maxName)
		from += escapeHead(s, from, code)
	}
	if from == n.from || n.to-from > 2*maxName {
		return rule
	}
	if r := keyRule(s[from:n.to]); r != nil && (rule == nil || r.judge == nil) {
		return r
	}
	return rule
}

// nameBefore returns the name that ends right before s[i], which may be in quotes, in brackets and
// quotes, and have blanks after it.
func nameBefore(s string, i int) pairName {
	var n pairName
	for k := 0; k < 8 && i > 0; k++ {
		switch c := s[i-1]; {
		case isBlank(c), c == '*':
			i--
		case c == 'm':
			esc := ansiBefore(s, i)
			if esc == i {
				k = 8
			}
			i = esc
		default:
			k = 8
		}
	}
	if i > 0 && (s[i-1] == ']' || s[i-1] == ')') {
		i--
		n.quoted = i > 0 && nameChar[s[i-1]] && s[i] == ']' // [authorization] => x
	}
	if q := quoteBefore(s, i); q < i {
		n.quoted = true
		i = q
	}
	n.to = i
	for i > 0 && n.to-i < 2*maxName && nameChar[s[i-1]] {
		i--
	}
	n.raw, n.from = i, i+escapeHead(s, i, n.to)
	return n
}

// quoteBefore returns where the quote begins that ends right before s[i], however it is escaped, or i.
func quoteBefore(s string, i int) int {
	if i == 0 {
		return i
	}
	switch s[i-1] {
	case '"', '\'', '`':
		i--
	case ';', '2', '7':
		entity := false
		for _, q := range entities {
			if strings.HasSuffix(s[:i], q) {
				i, entity = i-len(q), true
				break
			}
		}
		if !entity {
			return i
		}
	default:
		return i
	}
	for n := 0; n < maxSlashes && i > 0 && s[i-1] == '\\'; n++ {
		i--
	}
	return i
}

// entities are quotes as HTML, URLs and JSON write them.
var entities = [...]string{"&quot;", "&#34;", "&#39;", "&#x27;", "%22", "%27", "%2522", "\\u0022", "\\u0027"}

// ansiBefore returns where the terminal's colour code begins that ends right before s[i], or i.
func ansiBefore(s string, i int) int {
	for k := i - 2; k > 0 && k > i-12; k-- {
		if s[k] == '[' {
			if s[k-1] == 0x1b {
				return k - 1
			}
			if e := k - len("\\u001b"); e >= 0 && hasFold(s, e, "\\u001b") {
				return e
			}
			if e := k - len("\\x1b"); e >= 0 && hasFold(s, e, "\\x1b") {
				return e
			}
			break
		}
		if !digit[s[k]] && s[k] != ';' {
			break
		}
	}
	return i
}

// skipAnsi skips the colour codes at s[i].
func skipAnsi(s string, i int) int {
	for range 4 {
		k := i
		switch {
		case k < len(s) && s[k] == 0x1b:
			k++
		case k < len(s) && s[k] == '\\' && hasFold(s, k, "\\u001b"):
			k += 6
		case k < len(s) && s[k] == '\\' && hasFold(s, k, "\\x1b"):
			k += 4
		default:
			return i
		}
		if k == len(s) || s[k] != '[' {
			return i
		}
		for k++; k < len(s) && (digit[s[k]] || s[k] == ';'); k++ {
		}
		if k == len(s) || s[k] != 'm' {
			return i
		}
		i = k + 1
	}
	return i
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
	spokenKey = &KeyRule{Name: "key", Kind: Secret}                             // "API key: …"
	queryKey  = &KeyRule{Name: "key", Kind: Secret}                             // ?key=…
	spokenPIN = &KeyRule{Name: "code", Kind: Secret, judge: pinLike, pin: true} // "OTP code: …"
	queryCode = &KeyRule{Name: "code", Kind: Secret, judge: strong}             // ?code=…
	jwkPart   = &KeyRule{Name: "jwk", Kind: Secret, judge: strong}              // {"kty":"oct","k":"…"}
)

// textRule finds the rule for a name that is a secret's only where it stands: "key" and "sig" in the
// query of a URL, "key" after "API", the members of a JSON Web Key.
func (n pairName) textRule(s string, sign int) *KeyRule {
	name := s[n.from:n.to]
	switch len(name) {
	case 1, 2:
		if n.quoted && isJWKPart(name) && nearKty(s, n.from) {
			return jwkPart
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
	case len("word"), len("phrase"):
		if at := n.from - len("pass "); at >= 0 && hasFold(s, at, "pass ") && wordStart(s, at) {
			switch {
			case strings.EqualFold(name, "word"):
				return keyRule("password")
			case strings.EqualFold(name, "phrase"):
				return keyRule("passphrase")
			}
		}
		if name == "pass" && known(s, n.from, passFlags) { // openssl rsa -passin pass:x
			return spokenKey
		}
		if !strings.EqualFold(name, "code") {
			return nil
		}
		if n.inQuery(s, sign) {
			return queryCode
		}
		for _, before := range [...]string{"otp", "verification", "security", "mfa", "2fa", "one-time", "login", "recovery", "backup"} {
			if at := n.from - 1 - len(before); at >= 0 && isBlank(s[n.from-1]) && hasFold(s, at, before) {
				return spokenPIN
			}
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

// isJWKPart reports whether a member of this name is private in a JSON Web Key (RFC 7518, section 6).
func isJWKPart(name string) bool {
	switch name {
	case "k", "d", "p", "q", "dp", "dq", "qi":
		return true
	}
	return false
}

// nearKty reports whether the member that every JSON Web Key has stands around the name that begins at s[i], or behind
// its value.
func nearKty(s string, i int) bool {
	if strings.Contains(s[max(0, i-256):min(len(s), i+256)], "kty") {
		return true
	}
	end := base64url.runMax(s, min(len(s), i+8), 1024)
	return end > i+64 && strings.Contains(s[end:min(len(s), end+64)], "kty")
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

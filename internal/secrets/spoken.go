package secrets

import (
	"slices"
	"strings"
)

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
		if n.quoted && jwkParts[name] && nearKty(s, n.from) {
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
		if n.follows(s, "otp", "verification", "security", "mfa", "2fa", "one-time", "login", "recovery", "backup") {
			return spokenPIN
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

// spokenPersonal finds the rule for a name of two or three words: phone number, date of birth.
func spokenPersonal(s string, from, to int) *KeyRule {
	switch last := s[from:to]; {
	case strings.EqualFold(last, "number"), strings.EqualFold(last, "birth"), strings.EqualFold(last, "address"):
	default:
		return nil
	}
	for range 2 {
		if from < 2 || s[from-1] != ' ' {
			return nil
		}
		from = letter.before(s, from-1, 16)
		if r := keyRule(s[from:to]); r != nil && r.Kind == Personal {
			return r
		}
	}
	return nil
}

// jwkParts are the members that are private in a JSON Web Key (RFC 7518, section 6).
var jwkParts = set("k", "d", "p", "q", "dp", "dq", "qi")

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
	return n.follows(s, "api", "secret", "private", "access", "signing", "encryption")
}

// follows reports whether one of the words, in any case, and a blank stand before the name.
func (n pairName) follows(s string, words ...string) bool {
	return n.from > 0 && isBlank(s[n.from-1]) && slices.ContainsFunc(words, func(w string) bool {
		at := n.from - 1 - len(w)
		return at >= 0 && hasFold(s, at, w)
	})
}

// inQuery reports whether the name is that of a parameter of a URL's query.
func (n pairName) inQuery(s string, sign int) bool {
	if s[sign] == ':' || n.from == 0 {
		return false
	}
	c := s[n.from-1]
	return c == '?' || c == '&' || escapeTail(s, n.from) > 0 || strings.HasSuffix(s[:n.from], "&amp;")
}

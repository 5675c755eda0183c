package secrets

import "strings"

// findBearer finds credentials that follow the word Bearer (RFC 6750) or Basic (RFC 7617), inside a
// header or out of it. The anchor is the B.
func findBearer(src source, i int) (start, end int) {
	s := src.s
	word := "bearer"
	if i+5 >= len(s) {
		return 0, 0
	}
	switch lower(s[i+1]) {
	case 'e':
	case 'a':
		word = "basic"
	default:
		return 0, 0
	}
	if !hasFold(s, i, word) || !wordStart(s, i) {
		return 0, 0
	}
	start = skipBlank(s, i+len(word))
	if row := lineBreak(s, start); row > 0 && start == i+len(word) && isBlank(at(s, row)) { // a header that goes on in the next line
		start = skipBlank(s, row)
	}
	if start == i+len(word) {
		return 0, 0
	}
	end = token68.runMax(s, start, checkLen)
	head := strings.TrimRight(s[start:end], ".,")
	switch {
	case strings.HasSuffix(head, "=") && end < len(s) && isQuote(s[end]): // a parameter: Bearer realm="x"
		return 0, 0
	case word == "basic" && !basicUser(head):
		return 0, 0
	case word == "bearer" && !random(head) && (isLower(s[i]) || len(head) < 6 || aboutBearer(head)):
		return 0, 0
	}
	end = token68.run(s, end)
	for s[end-1] == '.' {
		end--
	}
	return start, end
}

// aboutBearer tells the words that follow Bearer, with a capital, in sentences. Any other word that long
// is taken for a token.
func aboutBearer(word string) bool {
	for _, w := range [...]string{"authentication", "authorization", "authenticated", "authenticator", "credential",
		"credentials", "certificate", "certificates", "header", "headers", "prefix", "scheme", "schemes", "tokens", "format",
		"string", "access", "method", "security"} {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}

// skipBlank skips the space between a scheme and its credentials, at most eight bytes of it, in plain
// text, in a query string (+) or percent-encoded.
func skipBlank(s string, i int) int {
	for n := 0; n < 8 && i < len(s); n++ {
		switch {
		case isBlank(s[i]) || s[i] == '+':
			i++
		case strings.HasPrefix(s[i:], "%20"):
			i += 3
		default:
			return i
		}
	}
	return i
}

// basicUser reports whether v is base64 of a user, a colon and a password. Only the head of a long
// value is decoded.
func basicUser(v string) bool {
	v = strings.TrimRight(v, "=")
	if len(v) < 4 {
		return false
	}
	colon := false
	var bits, n uint
	for i := 0; i < len(v); i++ {
		d := strings.IndexByte(base64Digits, v[i])
		if d < 0 {
			return false
		}
		bits, n = bits<<6|uint(d), n+6
		if n >= 8 {
			n -= 8
			c := byte(bits >> n)
			if c < ' ' || c == 0x7f {
				return false
			}
			colon = colon || c == ':'
		}
	}
	return colon
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// hasScheme reports whether an Authorization value begins with a scheme that credentials follow
// (https://www.iana.org/assignments/http-authschemes, and those in common use beside it).
func hasScheme(v string) bool {
	for _, scheme := range [...]string{"bearer ", "basic ", "digest ", "negotiate ", "ntlm ", "hawk ", "oauth ", "hoba ",
		"mutual ", "mac ", "dpop ", "gnap ", "scram-", "vapid ", "aws4-hmac", "token ", "apikey ", "api-key ", "key ", "sharedkey "} {
		if hasFold(v, 0, scheme) {
			return true
		}
	}
	return false
}
